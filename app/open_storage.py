"""Selection of the file storage: a directory or a bucket."""

import os
import tempfile

from flask import Flask

from app.config import Settings
from app.directory import Directory
from app.storage import Storage, storage


def open_storage(settings: Settings) -> Storage:
    """Open the storage configured in `settings`.

    Raises SettingsError if files cannot be stored, because failing at the first upload would be too late.
    """
    if settings.storage_bucket is None:
        return Directory.made(settings)
    from app.bucket import Bucket  # noqa: PLC0415 - its library takes 0.2 s and 15 MB of each process

    return Bucket.reached(settings, settings.storage_bucket)


def choose_temporary_folder() -> None:
    """Choose the folder for temporary files.

    Python tries to write to each folder that it could be. If none has space, it reports that there is none; with one
    chosen, each file that can't be written fails with the reason, and there can be space again later.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - the system’s own folder


def init_storage(app: Flask, settings: Settings) -> None:
    """Open the storage of the app, and choose the folder for temporary files. Raises SettingsError."""
    choose_temporary_folder()
    app.extensions["storage"] = open_storage(settings)

    @app.teardown_appcontext
    def forget_copies(_error: BaseException | None) -> None:
        storage().forget_copies()
