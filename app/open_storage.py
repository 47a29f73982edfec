"""Selection of the file storage: a directory or a bucket."""

from flask import Flask

from app.config import Settings
from app.storage import Directory, Storage, storage


def open_storage(settings: Settings) -> Storage:
    """Open the storage configured in `settings`.

    Raises SettingsError if files cannot be stored, because failing at the first upload would be too late.
    """
    if settings.storage_bucket is None:
        return Directory.made(settings)
    from app.bucket import Bucket  # noqa: PLC0415 - its library takes 0.2 s and 15 MB of each process

    return Bucket.reached(settings, settings.storage_bucket)


def init_storage(app: Flask, settings: Settings) -> None:
    """Open the storage of the app. Raises SettingsError."""
    app.extensions["storage"] = open_storage(settings)

    @app.teardown_appcontext
    def forget_copies(_error: BaseException | None) -> None:
        storage().forget_copies()
