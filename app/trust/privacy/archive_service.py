"""ZIP archives that are streamed as they are created, with a manifest of their contents as the last entry."""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_PIECE_BYTES = 1024 * 1024
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive.

    Names are built from fixed words and ids, never from user input. Content that is already compressed (audio) is only
    stored.
    """

    name: str
    pieces: Iterable[bytes]
    compress: bool = True

    def info(self) -> ZipInfo:
        """Return the file's header in the ZIP; only the account that unpacks the file can read it."""
        info = ZipInfo(self.name, datetime.now(UTC).timetuple()[:6])
        info.compress_type = ZIP_DEFLATED if self.compress else ZIP_STORED
        info.external_attr = 0o600 << 16
        return info


def zipped(entries: Iterable[Entry], about: dict[str, Any]) -> Iterator[bytes]:
    """Yield the bytes of an archive of `entries`.

    The manifest contains `about`, and the size and SHA-256 of each entry.
    """
    out = _Pieces()
    files = []
    with ZipFile(out, "w", allowZip64=True) as archive:
        for entry in entries:
            digest, size = hashlib.sha256(), 0
            with archive.open(entry.info(), "w", force_zip64=True) as file:
                for piece in entry.pieces:
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                    yield from out.take()
            files.append({"name": entry.name, "bytes": size, "sha256": digest.hexdigest()})
        archive.writestr(MANIFEST, json.dumps({**about, "files": files}, ensure_ascii=False, indent=2))
    yield from out.take()


class _Pieces(io.RawIOBase):
    """Output of ZipFile that is not seekable, so that sizes are written after each entry."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: Any) -> int:
        """Buffer the data until it is taken, and return its length."""
        self._written += data
        return len(data)

    def take(self) -> Iterator[bytes]:
        """Yield the data written since the last call."""
        if self._written:
            yield bytes(self._written)
            self._written.clear()
