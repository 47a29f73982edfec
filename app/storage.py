"""Files that do not belong into the database: uploads, audio, exports. Each has a key, never a name people gave it."""

import errno
import hashlib
import os
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Literal, Self
from uuid import UUID

from flask import Response, current_app, request, send_file

from app.config import Settings, SettingsError
from app.db.ids import uuid7
from app.errors import NotFound, PayloadTooLarge, StorageFull

Kind = Literal["imports", "recordings", "exports", "pictures"]

_CHUNK_BYTES = 1024 * 1024
#: Of the disk, for what is written without being asked for: where that is used up, everything stops.
_RESERVE_BYTES = 256 * 1024 * 1024
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Every part begins with a letter or digit, so none is `..` and none is hidden.
_KEY = re.compile(rf"{_UUID}/[a-z]+/{_UUID}(?:[/.-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was kept: where, how many bytes, and their SHA-256 in hexadecimal digits."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """How large a file is, in bytes, and since when it is there."""

    size: int
    written_at: datetime


def new_key(organization_id: UUID, kind: Kind) -> str:
    """`<organization id>/<kind>/<id>`; a part of a larger thing appends `/<name>` or `.<suffix>`."""
    return f"{organization_id}/{kind}/{uuid7()}"


def is_key(text: str) -> bool:
    """Whether `text` is the key of a file here, and not an address elsewhere."""
    return _KEY.fullmatch(text) is not None


def is_organization(name: str) -> bool:
    """Whether a folder with this name is that of an organization."""
    return re.fullmatch(_UUID, name) is not None


def checked(key: str) -> str:
    """The key itself. Raises ValueError."""
    if not is_key(key):
        raise ValueError(f"{key!r} is no storage key")
    return key


def asked_part() -> tuple[int, int | None] | None:
    """The one part of a file that the request asks for: its first byte (negative: so many from the end) and the byte
    after its last. None for the whole file, also for what HTTP lets a server take for that: several parts at once,
    another unit than bytes, a header that says nothing.
    """
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    return wanted.ranges[0]


def storage() -> "Storage":
    """The storage of the current app."""
    opened: Storage = current_app.extensions["storage"]
    return opened


class Storage(ABC):
    """Files under keys. Raises ValueError for what is no key: keys are made here, so another one is a bug or an attack.

    Where it is out of reach, everything raises StorageUnavailable.
    """

    def save(self, key: str, stream: IO[bytes], *, max_bytes: int) -> StoredFile:
        """Keep what is left of `stream`: all of it or nothing. Raises PayloadTooLarge beyond `max_bytes`."""
        return self.write(key, iter(partial(stream.read, _CHUNK_BYTES), b""), max_bytes=max_bytes)

    @abstractmethod
    def write(self, key: str, chunks: Iterable[bytes], *, max_bytes: int | None = None) -> StoredFile:
        """Keep what is made piece by piece, all or nothing: only one piece is in memory.

        Raises PayloadTooLarge, and StorageFull where there is no room.
        """

    @abstractmethod
    def refuse_full(self, size: int) -> None:
        """Raise StorageFull unless `size` bytes more leave some room: better said before than lost."""

    @abstractmethod
    def read(self, key: str) -> Iterator[bytes]:
        """A file piece by piece. Raises NotFound at once when it is gone."""

    @abstractmethod
    def path(self, key: str) -> Path:
        """A file to read from, which may be a copy: it is there until the request, job or command ends.

        Raises NotFound when it is gone.
        """

    @abstractmethod
    def facts(self, key: str) -> FileFacts:
        """How large it is and since when it is there. Raises NotFound when it is gone."""

    @abstractmethod
    def send(self, key: str, *, mimetype: str, download_name: str | None = None) -> Response:
        """Answer a request with the file, or with the part of it that a Range header asks for.

        With `download_name` a browser saves it, otherwise it shows or plays it. Raises NotFound, and
        RequestedRangeNotSatisfiable for a part behind its end.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the file; one that is gone already stays gone. Of a key without an ending the parts go too."""

    @abstractmethod
    def list_keys(self, organization_id: UUID | None = None) -> Iterator[str]:
        """The keys of all files, or of those of one organization; what is being written has none yet."""

    @abstractmethod
    def organization_ids(self) -> list[UUID]:
        """The organizations that have files here."""

    @abstractmethod
    def delete_organization(self, organization_id: UUID) -> None:
        """Remove all files of an organization; what is gone already stays gone."""

    @property
    def origin(self) -> str | None:
        """Where browsers are sent to play a file, as https://host; None where that is here."""
        return None

    def forget_copies(self) -> None:
        """Remove the copies that `path` made for what ends now."""
        return


class Directory(Storage):
    """Files below `root`, readable by the account that the product runs under and by nobody else."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def made(cls, settings: Settings) -> Self:
        """That of `settings`, which is made where it is missing. Raises SettingsError."""
        root = settings.storage_dir
        try:
            root.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=root):
                pass
        except OSError as error:
            name = "STORAGE_URL" if settings.storage_url else "VAR_DIR"
            raise SettingsError(f"{name} is wrong: files can’t be kept in {root} ({error.strerror}).") from None
        return cls(root)

    def write(self, key: str, chunks: Iterable[bytes], *, max_bytes: int | None = None) -> StoredFile:
        path = self._place(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            unfinished = Path(file.name)
            try:
                size, sha256 = copied(chunks, file, max_bytes)
                # A row is about to refer to it: it has to outlive a power cut as the row does.
                os.fsync(file.fileno())
                unfinished.rename(path)
            except BaseException as error:
                unfinished.unlink(missing_ok=True)
                if isinstance(error, OSError) and error.errno in FULL:
                    raise StorageFull from error
                raise
        return StoredFile(key, size, sha256)

    def refuse_full(self, size: int) -> None:
        if shutil.disk_usage(self._root).free < size + _RESERVE_BYTES:
            raise StorageFull

    def read(self, key: str) -> Iterator[bytes]:
        return _pieces(self.path(key))

    def path(self, key: str) -> Path:
        path = self._place(key)
        if not path.is_file():
            raise NotFound("file")
        return path

    def facts(self, key: str) -> FileFacts:
        try:
            found = self.path(key).stat()
        except FileNotFoundError:  # a moment ago
            raise NotFound("file") from None
        return FileFacts(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def send(self, key: str, *, mimetype: str, download_name: str | None = None) -> Response:
        if asked_part() is None:
            request.environ.pop("HTTP_RANGE", None)  # Werkzeug would refuse it
        response = send_file(
            self.path(key),
            mimetype=mimetype,
            as_attachment=download_name is not None,
            download_name=download_name,
            conditional=True,
        )
        # Flask would let a cache keep it and ask again; it is as private as the page it belongs to.
        del response.headers["Cache-Control"]
        return response

    def delete(self, key: str) -> None:
        place = self._place(key)
        place.unlink(missing_ok=True)
        if not place.suffix:
            for part in place.parent.glob(f"{place.name}.*"):
                part.unlink(missing_ok=True)

    def list_keys(self, organization_id: UUID | None = None) -> Iterator[str]:
        for folder, _, names in os.walk(self._root if organization_id is None else self._root / str(organization_id)):
            for name in sorted(names):
                key = (Path(folder) / name).relative_to(self._root).as_posix()
                if is_key(key):
                    yield key

    def organization_ids(self) -> list[UUID]:
        return [UUID(folder.name) for folder in self._root.iterdir() if is_organization(folder.name)]

    def delete_organization(self, organization_id: UUID) -> None:
        shutil.rmtree(self._root / str(organization_id), ignore_errors=True)

    def _place(self, key: str) -> Path:
        return self._root / checked(key)


def copied(chunks: Iterable[bytes], target: IO[bytes], max_bytes: int | None) -> tuple[int, str]:
    """Write the chunks to `target`; how many bytes, and their SHA-256. Raises PayloadTooLarge."""
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if max_bytes is not None and size > max_bytes:
            raise PayloadTooLarge
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    return size, digest.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, _CHUNK_BYTES), b"")
