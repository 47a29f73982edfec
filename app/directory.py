"""Storage in a directory, readable only by the account that runs the product."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Self
from uuid import UUID

from flask import Response, request, send_file

from app.config import Settings, SettingsError
from app.errors import NotFound, StorageFull, disk_error, translated_disk_errors
from app.storage import (
    CHUNK_BYTES,
    FileFacts,
    Storage,
    StoredFile,
    UnfinishedFile,
    checked,
    copied,
    is_key,
    is_organization,
    requested_range,
)

#: Disk space reserved for writes that are not checked beforehand: if the disk is full, everything stops.
_RESERVE_BYTES = 256 * 1024 * 1024
_LONGEST_PAUSE_SECONDS = 3600
#: Prefix of files that are still being written.
_HIDDEN = "."


class Directory(Storage):
    """Files below `root`, readable only by the account that runs the product."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def made(cls, settings: Settings) -> Self:
        """Open the directory configured in `settings`, creating it if missing.

        An existing one whose disk is full, read-only or failing doesn't prevent the start, because pages can be shown
        all the same. Raises SettingsError.
        """
        root = settings.storage_dir
        try:
            root.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=root):
                pass
        except OSError as error:
            if root.is_dir() and disk_error(error) is not None:
                return cls(root)
            name = "STORAGE_URL" if settings.storage_url else "VAR_DIR"
            raise SettingsError(f"{name} is wrong: files can’t be kept in {root} ({error.strerror}).") from None
        return cls(root)

    @translated_disk_errors()
    def write(self, key: str, chunks: Iterable[bytes], *, max_bytes: int | None = None) -> StoredFile:
        path = self._place(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with _new_unfinished(path.parent) as file:
            unfinished = Path(file.name)
            try:
                size, sha256 = copied(chunks, file, max_bytes)
                # A row is about to refer to the file, so the file must survive a power failure as the row does.
                os.fsync(file.fileno())
                unfinished.rename(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
        return StoredFile(key, size, sha256)

    @translated_disk_errors()
    def refuse_full(self, size: int) -> None:
        if shutil.disk_usage(self._root).free < size + _RESERVE_BYTES:
            raise StorageFull

    def read(self, key: str) -> Iterator[bytes]:
        return _pieces(self.path(key))

    @translated_disk_errors()
    def path(self, key: str) -> Path:
        path = self._place(key)
        if not path.is_file():
            raise NotFound("file")
        return path

    @translated_disk_errors()
    def facts(self, key: str) -> FileFacts:
        try:
            found = self.path(key).stat()
        except FileNotFoundError:  # deleted since the check
            raise NotFound("file") from None
        return FileFacts(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    @translated_disk_errors()
    def send(self, key: str, *, mimetype: str, download_name: str | None = None) -> Response:
        if requested_range() is None:
            request.environ.pop("HTTP_RANGE", None)  # Werkzeug would reject it
        response = send_file(
            self.path(key),
            mimetype=mimetype,
            as_attachment=download_name is not None,
            download_name=download_name,
            conditional=True,
        )
        # Flask would let caches store and revalidate it; the file is as private as the page it belongs to.
        del response.headers["Cache-Control"]
        return response

    @translated_disk_errors()
    def delete(self, key: str) -> None:
        place = self._place(key)
        place.unlink(missing_ok=True)
        if not place.suffix:
            for part in place.parent.glob(f"{place.name}.*"):
                part.unlink(missing_ok=True)

    def list_keys(self, organization_id: UUID | None = None) -> Iterator[str]:
        top = self._root if organization_id is None else self._root / str(organization_id)
        for folder, _, names in os.walk(top, onerror=_raise_unless_missing):
            for name in sorted(names):
                key = (Path(folder) / name).relative_to(self._root).as_posix()
                if is_key(key):
                    yield key

    def list_unfinished(self, organization_id: UUID | None = None) -> Iterator[UnfinishedFile]:
        for path in self._list_abandoned(organization_id):
            try:
                written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except FileNotFoundError:  # removed since
                continue
            yield UnfinishedFile(path.relative_to(self._root).as_posix(), written_at)

    @translated_disk_errors()
    def remove_unfinished(self, organization_id: UUID | None = None, *, before: datetime | None = None) -> int:
        removed = 0
        for file in self.list_unfinished(organization_id):
            if before is None or file.written_at < before:
                (self._root / file.name).unlink(missing_ok=True)
                removed += 1
        return removed

    def _list_abandoned(self, organization_id: UUID | None) -> Iterator[Path]:
        """Yield the hidden files in the folders of organizations that no process is writing."""
        ids = self.organization_ids() if organization_id is None else [organization_id]
        folders = (os.walk(self._root / str(each), onerror=_raise_unless_missing) for each in ids)
        for folder, _, names in chain.from_iterable(folders):
            for name in sorted(names):
                path = Path(folder) / name
                if name.startswith(_HIDDEN) and path.is_file() and _is_abandoned(path):
                    yield path

    @translated_disk_errors()
    def organization_ids(self) -> list[UUID]:
        return [UUID(folder.name) for folder in self._root.iterdir() if is_organization(folder.name)]

    @translated_disk_errors()
    def delete_organization(self, organization_id: UUID) -> None:
        folder = self._root / str(organization_id)
        while folder.exists():
            with suppress(FileNotFoundError):  # deleted by someone else in the meantime
                shutil.rmtree(folder)

    def _place(self, key: str) -> Path:
        return self._root / checked(key)


def _new_unfinished(folder: Path) -> IO[bytes]:
    """Create a hidden file in `folder`, locked until it is closed: the lock of a killed process is released."""
    while True:
        file = NamedTemporaryFile(dir=folder, prefix=_HIDDEN, delete=False)  # noqa: SIM115 - closed by the caller
        with suppress(OSError):  # some file systems have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # removed by a sweep before it was locked


def _is_abandoned(path: Path) -> bool:
    """Return whether no process is writing the hidden file at `path`.

    On a file system without locks, that is a file without a write for an hour.
    """
    try:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            except OSError:
                return os.fstat(file.fileno()).st_mtime < time.time() - _LONGEST_PAUSE_SECONDS
    except FileNotFoundError:
        return False
    return True


def _pieces(path: Path) -> Iterator[bytes]:
    with translated_disk_errors():
        file = path.open("rb")
    with file:
        read = translated_disk_errors()(partial(file.read, CHUNK_BYTES))
        yield from iter(read, b"")


@translated_disk_errors()
def _raise_unless_missing(error: OSError) -> None:
    """Raise an error of `os.walk`, which would otherwise leave out what it can't read."""
    if not isinstance(error, FileNotFoundError):
        raise error
