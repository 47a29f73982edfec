"""ZIP files that contain a table."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from flask_babel import lazy_gettext as _l

from app.errors import disk_error
from app.tables.table_rules import MAX_FILE_BYTES, FileProblem

MAX_ENTRIES = 1_000
_CHUNK_BYTES = 1024 * 1024
# The end of a ZIP file contains the length of its directory; a comment of up to 65,535 bytes follows.
_END = b"PK\x05\x06"
_MAX_END_BYTES = 22 + 65_535
_MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
#: Part that every workbook has and other ZIP files don't.
_OF_WORKBOOKS = "[Content_Types].xml"
#: Part of an OpenDocument file that contains its sheets.
SHEETS_PART = "content.xml"
_OF_OPENDOCUMENT = {SHEETS_PART, "META-INF/manifest.xml"}
# Errors when reading a broken file, depending on the place of the damage.
_DAMAGED = (BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError, struct.error, zlib.error)


def check_directory(path: Path) -> None:
    """Raise FileProblem for a ZIP file whose directory is so long that reading it would exhaust the memory."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - _MAX_END_BYTES))
        end = stream.read(_MAX_END_BYTES)
    place = end.rfind(_END)
    if (
        place >= 0
        and len(end) >= place + 16
        and int.from_bytes(end[place + 12 : place + 16], "little") > _MAX_DIRECTORY_BYTES
    ):
        raise FileProblem(
            _l("The ZIP file contains more than %(limit)s files. Upload just the table.", limit=MAX_ENTRIES)
        )


def kind_of_zip(path: Path) -> Literal["workbook", "opendocument", "files"]:
    """Return whether a ZIP file is itself an Excel or OpenDocument workbook, or contains files.

    A broken ZIP file counts as an Excel workbook, whose reader reports the problem.
    """
    if not is_zipfile(path):
        return "workbook"
    try:
        with ZipFile(path) as found:
            names = {*found.namelist()}
    except _DAMAGED:
        return "workbook"
    if _OF_WORKBOOKS in names:
        return "workbook"
    return "opendocument" if names >= _OF_OPENDOCUMENT else "files"


def unpacked_size(path: Path, name: str) -> int:
    """Return the size of a file in a ZIP file in bytes, as stated in its directory."""
    with ZipFile(path) as found:
        return found.getinfo(name).file_size


@contextmanager
def unpacked(path: Path, suffixes: frozenset[str]) -> Iterator[tuple[Path, str]]:
    """Unpack the only file with one of these suffixes; yield its path and name.

    The unpacked file exists for the duration of the block. Raises FileProblem if there is no such file or more than
    one, if the file is too large, or if the ZIP file is damaged, password-protected or contains too many files.
    """
    with TemporaryDirectory(prefix="import-") as folder:
        place = Path(folder) / "table"
        try:
            with ZipFile(path) as found:
                entry = _only_table(found, suffixes)
                _unpack(found, entry, place)
        except _DAMAGED as error:
            damaged = FileProblem(_l("The ZIP file is damaged. Create it again, or upload the file inside it."))
            raise disk_error(error) or damaged from error
        yield place, Path(entry.filename).name


def _only_table(found: ZipFile, suffixes: frozenset[str]) -> ZipInfo:
    entries = found.infolist()
    if len(entries) > MAX_ENTRIES:
        raise FileProblem(
            _l("The ZIP file contains more than %(limit)s files. Upload just the table.", limit=MAX_ENTRIES)
        )
    tables = [
        one
        for one in entries
        if not one.is_dir() and not _is_hidden(one.filename) and Path(one.filename).suffix.lower() in suffixes
    ]
    if not tables:
        raise FileProblem(_l("There’s no table in this ZIP file."))
    if len(tables) > 1:
        names = ", ".join(Path(one.filename).name for one in tables[:5])
        raise FileProblem(
            _l("This ZIP file contains several tables: %(names)s. Upload them one at a time.", names=names)
        )
    if tables[0].flag_bits & 0x1:
        raise FileProblem(_l("The ZIP file is password-protected. Remove the password and try again."))
    return tables[0]


def _is_hidden(name: str) -> bool:
    """Return whether `name` is that of a hidden file, which some systems add to archives."""
    return any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)


def _unpack(found: ZipFile, entry: ZipInfo, place: Path) -> None:
    """Unpack `entry` to `place`, with a limit on its real size: the stated size is not trusted."""
    size = 0
    with found.open(entry) as packed, place.open("wb") as out:
        while chunk := packed.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_FILE_BYTES:
                limit = MAX_FILE_BYTES // (1024 * 1024)
                raise FileProblem(
                    _l(
                        "The file inside the ZIP file is larger than %(limit)s MB. Split it into several files.",
                        limit=limit,
                    )
                )
            out.write(chunk)
