"""Files that do not belong into the database: uploads, audio, exports. Each has a key, never a name people gave it."""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Literal
from uuid import UUID

from flask import Response, current_app, request, send_file

from app.config import Settings, SettingsError
from app.db.ids import uuid7
from app.errors import NotFound, PayloadTooLarge, StorageFull

Kind = Literal["imports", "recordings", "exports", "pictures"]

_CHUNK_BYTES = 1024 * 1024
#: Of the disk, for what is written without being asked for: where that is used up, everything stops.
_RESERVE_BYTES = 256 * 1024 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Every part begins with a letter or digit, so none is `..` and none is hidden.
_KEY = re.compile(rf"{_UUID}/[a-z]+/{_UUID}(?:[/.-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was kept: where, how many bytes, and their SHA-256 in hexadecimal digits."""

    key: str
    size: int
    sha256: str


def check_storage(settings: Settings) -> None:
    """Make the directory. Raises SettingsError where nothing can be kept in it: the first upload would be too late."""
    root = settings.storage_dir
    try:
        root.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=root):
            pass
    except OSError as error:
        name = "STORAGE_URL" if settings.storage_url else "VAR_DIR"
        raise SettingsError(f"{name} is wrong: files can’t be kept in {root} ({error.strerror}).") from None


def new_key(organization_id: UUID, kind: Kind) -> str:
    """`<organization id>/<kind>/<id>`; a part of a larger thing appends `/<name>` or `.<suffix>`."""
    return f"{organization_id}/{kind}/{uuid7()}"


def is_key(text: str) -> bool:
    """Whether `text` is the key of a file here, and not an address elsewhere."""
    return _KEY.fullmatch(text) is not None


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
    return Storage(current_app.config["SETTINGS"].storage_dir)


class Storage:
    """Files below `root`, readable by the account that the product runs under and by nobody else.

    Raises ValueError for what is no key: keys are made here, so another one is a bug or an attack.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, key: str, stream: IO[bytes], *, max_bytes: int) -> StoredFile:
        """Keep what is left of `stream`: all of it or nothing. Raises PayloadTooLarge beyond `max_bytes`."""
        return self.write(key, iter(partial(stream.read, _CHUNK_BYTES), b""), max_bytes=max_bytes)

    def write(self, key: str, chunks: Iterable[bytes], *, max_bytes: int | None = None) -> StoredFile:
        """Keep what is made piece by piece, all or nothing: only one piece is in memory.

        Raises PayloadTooLarge, and StorageFull where the disk is.
        """
        path = self._place(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            unfinished = Path(file.name)
            try:
                size, sha256 = _copy(chunks, file, max_bytes)
                # A row is about to refer to it: it has to outlive a power cut as the row does.
                os.fsync(file.fileno())
                unfinished.rename(path)
            except BaseException as error:
                unfinished.unlink(missing_ok=True)
                if isinstance(error, OSError) and error.errno in _FULL:
                    raise StorageFull from error
                raise
        return StoredFile(key, size, sha256)

    def refuse_full(self, size: int) -> None:
        """Raise StorageFull unless `size` bytes more leave some room on the disk: better said before than lost."""
        if shutil.disk_usage(self._root).free < size + _RESERVE_BYTES:
            raise StorageFull

    def read(self, key: str) -> Iterator[bytes]:
        """A file piece by piece. Raises NotFound when it is gone."""
        with self.path(key).open("rb") as file:
            yield from iter(partial(file.read, _CHUNK_BYTES), b"")

    def path(self, key: str) -> Path:
        """The file itself, to read from. Raises NotFound when it is gone."""
        path = self._place(key)
        if not path.is_file():
            raise NotFound("file")
        return path

    def send(self, key: str, *, mimetype: str, download_name: str | None = None) -> Response:
        """Answer a request with the file, or with the part of it that a Range header asks for.

        With `download_name` a browser saves it, otherwise it shows or plays it. Raises NotFound, and
        RequestedRangeNotSatisfiable for a part behind its end.
        """
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
        """Remove the file; one that is gone already stays gone. Of a key without an ending the parts go too."""
        place = self._place(key)
        place.unlink(missing_ok=True)
        if not place.suffix:
            for part in place.parent.glob(f"{place.name}.*"):
                part.unlink(missing_ok=True)

    def list_keys(self, organization_id: UUID | None = None) -> Iterator[str]:
        """The keys of all files, or of those of one organization; what is being written has none yet."""
        for folder, _, names in os.walk(self._root if organization_id is None else self._root / str(organization_id)):
            for name in sorted(names):
                key = (Path(folder) / name).relative_to(self._root).as_posix()
                if is_key(key):
                    yield key

    def organization_ids(self) -> list[UUID]:
        """The organizations that have files here."""
        return [UUID(folder.name) for folder in self._root.iterdir() if re.fullmatch(_UUID, folder.name)]

    def delete_organization(self, organization_id: UUID) -> None:
        """Remove all files of an organization; what is gone already stays gone."""
        shutil.rmtree(self._root / str(organization_id), ignore_errors=True)

    def _place(self, key: str) -> Path:
        if not is_key(key):
            raise ValueError(f"{key!r} is no storage key")
        return self._root / key


def _copy(chunks: Iterable[bytes], target: IO[bytes], max_bytes: int | None) -> tuple[int, str]:
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
