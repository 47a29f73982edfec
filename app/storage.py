"""Storage of files outside the database: uploads, audio, exports. Keys are generated, never names chosen by users."""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Literal
from uuid import UUID

from flask import Response, current_app, request

from app.db.ids import uuid7
from app.errors import PayloadTooLarge

Kind = Literal["imports", "recordings", "exports", "pictures"]

CHUNK_BYTES = 1024 * 1024
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Every component begins with a letter or digit, so none is `..` and none is hidden.
_KEY = re.compile(rf"{_UUID}/[a-z]+/{_UUID}(?:[/.-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file: its key, its size in bytes, and its SHA-256 in hexadecimal digits."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size of a file in bytes, and the time it was written."""

    size: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class UnfinishedFile:
    """Remains of a write whose process was killed: its name in the storage, and the time of the last write to it."""

    name: str
    written_at: datetime


def new_key(organization_id: UUID, kind: Kind) -> str:
    """Generate a key: `<organization id>/<kind>/<id>`.

    Parts of a larger file append `/<name>` or `.<suffix>`.
    """
    return f"{organization_id}/{kind}/{uuid7()}"


def is_key(text: str) -> bool:
    """Return whether `text` is a storage key, not a URL elsewhere."""
    return _KEY.fullmatch(text) is not None


def is_organization(name: str) -> bool:
    """Return whether a folder with this name belongs to an organization."""
    return re.fullmatch(_UUID, name) is not None


def checked(key: str) -> str:
    """Return `key` unchanged. Raises ValueError if it is no storage key."""
    if not is_key(key):
        raise ValueError(f"{key!r} is no storage key")
    return key


def requested_range() -> tuple[int, int | None] | None:
    """Return the range of a file that the request asks for: its first byte and the byte after its last.

    A negative first byte counts from the end. Returns None for the whole file, also in the cases where HTTP lets a
    server ignore the header: several ranges, a unit other than bytes, an empty header.
    """
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    return wanted.ranges[0]


def storage() -> "Storage":
    """Return the storage of the current app."""
    opened: Storage = current_app.extensions["storage"]
    return opened


class Storage(ABC):
    """Files stored under keys: the interface of every kind of storage.

    All methods raise ValueError for an invalid key (keys are generated, so an invalid one is a bug or an attack),
    StorageUnavailable if the storage is out of reach, read-only or failing, and StorageFull if it has no space.
    """

    def save(self, key: str, stream: IO[bytes], *, max_bytes: int) -> StoredFile:
        """Store the rest of `stream`, all or nothing.

        Raises PayloadTooLarge beyond `max_bytes`, and StorageFull if there is no space.
        """
        return self.write(key, iter(partial(stream.read, CHUNK_BYTES), b""), max_bytes=max_bytes)

    @abstractmethod
    def write(self, key: str, chunks: Iterable[bytes], *, max_bytes: int | None = None) -> StoredFile:
        """Store content produced in chunks, all or nothing; only one chunk is in memory.

        Raises PayloadTooLarge, and StorageFull if there is no space.
        """

    @abstractmethod
    def refuse_full(self, size: int) -> None:
        """Raise StorageFull unless there is space for `size` more bytes and a reserve."""

    @abstractmethod
    def read(self, key: str) -> Iterator[bytes]:
        """Return the file in chunks. Raises NotFound immediately if it doesn't exist."""

    @abstractmethod
    def path(self, key: str) -> Path:
        """Return a path to read the file from.

        It can be a copy that exists until the request, job or command ends. Raises NotFound if the file doesn't exist.
        """

    @abstractmethod
    def facts(self, key: str) -> FileFacts:
        """Return the size and modification time of the file. Raises NotFound if it doesn't exist."""

    @abstractmethod
    def send(self, key: str, *, mimetype: str, download_name: str | None = None) -> Response:
        """Respond with the file, or with the part that a Range header asks for.

        With `download_name` a browser saves the file; otherwise it displays or plays it. Raises NotFound, and
        RequestedRangeNotSatisfiable for a range beyond the end.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Delete the file; a missing file is no error.

        If the key has no suffix, the parts named `<key>.<suffix>` are deleted as well.
        """

    @abstractmethod
    def list_keys(self, organization_id: UUID | None = None) -> Iterator[str]:
        """Yield the keys of all files, or of one organization's; files still being written are not listed."""

    @abstractmethod
    def list_unfinished(self, organization_id: UUID | None = None) -> Iterator[UnfinishedFile]:
        """Yield what killed processes left of their writes, of one organization or of all.

        Writes that go on are not listed, as far as the storage can tell them apart.
        """

    @abstractmethod
    def remove_unfinished(self, organization_id: UUID | None = None, *, before: datetime | None = None) -> int:
        """Remove what `list_unfinished` yields, if it was last written before `before`, and return how many.

        Without `before`, all of it is removed.
        """

    @abstractmethod
    def organization_ids(self) -> list[UUID]:
        """Return the ids of the organizations that have files in this storage."""

    @abstractmethod
    def delete_organization(self, organization_id: UUID) -> None:
        """Delete all files of an organization; missing files are no error."""

    @property
    def origin(self) -> str | None:
        """Origin from which browsers play files, as https://host; None if the app serves them."""
        return None

    def forget_copies(self) -> None:
        """Delete the copies that `path` made for the current request, job or command."""
        return


def copied(chunks: Iterable[bytes], target: IO[bytes], max_bytes: int | None) -> tuple[int, str]:
    """Write the chunks to `target`, and return their size in bytes and their SHA-256 in hexadecimal.

    Raises PayloadTooLarge beyond `max_bytes`.
    """
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
