"""A ZIP file with a table in it."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from flask_babel import lazy_gettext as _l

from app.tables.table_rules import MAX_FILE_BYTES, FileProblem

MAX_ENTRIES = 1_000
_CHUNK_BYTES = 1024 * 1024
# The end of a ZIP file says how long its list of files is: it stands before a comment of 65,535 bytes at most.
_END = b"PK\x05\x06"
_MOST_END_BYTES = 22 + 65_535
_MOST_LISTED = 8 * 1024 * 1024
#: What every workbook has; other ZIP files do not.
_OF_WORKBOOKS = "[Content_Types].xml"
#: The part of an OpenDocument file that holds its sheets.
SHEETS_PART = "content.xml"
_OF_OPENDOCUMENT = {SHEETS_PART, "META-INF/manifest.xml"}
# What reading one that is broken raises, depending on where.
_DAMAGED = (BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError, struct.error, zlib.error)


def check_directory(path: Path) -> None:
    """Raise FileProblem for a ZIP file whose list of files is so long that reading it would fill the memory."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - _MOST_END_BYTES))
        end = stream.read(_MOST_END_BYTES)
    place = end.rfind(_END)
    if place >= 0 and len(end) >= place + 16 and int.from_bytes(end[place + 12 : place + 16], "little") > _MOST_LISTED:
        raise FileProblem(_l("There are more than %(limit)s files in it. Send the table alone.", limit=MAX_ENTRIES))


def kind_of_zip(path: Path) -> Literal["workbook", "opendocument", "files"]:
    """Whether a ZIP file is a workbook itself. One that is broken counts as one of Excel: there it is said what is
    wrong."""
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
    """Bytes of a file in a ZIP file, as its directory says."""
    with ZipFile(path) as found:
        return found.getinfo(name).file_size


@contextmanager
def unpacked(path: Path, suffixes: frozenset[str]) -> Iterator[tuple[Path, str]]:
    """The only file in a ZIP file with one of these suffixes, as long as the block lasts, with its name. Raises
    FileProblem: none or several, a password, or more than a file may have."""
    with TemporaryDirectory(prefix="import-") as folder:
        place = Path(folder) / "table"
        try:
            with ZipFile(path) as found:
                entry = _only_table(found, suffixes)
                _unpack(found, entry, place)
        except _DAMAGED as error:
            raise FileProblem(_l("The ZIP file is damaged. Make it again, or send the file in it.")) from error
        yield place, Path(entry.filename).name


def _only_table(found: ZipFile, suffixes: frozenset[str]) -> ZipInfo:
    entries = found.infolist()
    if len(entries) > MAX_ENTRIES:
        raise FileProblem(_l("There are more than %(limit)s files in it. Send the table alone.", limit=MAX_ENTRIES))
    tables = [
        one
        for one in entries
        if not one.is_dir() and not _is_hidden(one.filename) and Path(one.filename).suffix.lower() in suffixes
    ]
    if not tables:
        raise FileProblem(_l("There is no table in this ZIP file."))
    if len(tables) > 1:
        names = ", ".join(Path(one.filename).name for one in tables[:5])
        raise FileProblem(_l("There are several tables in this ZIP file: %(names)s. Send each alone.", names=names))
    if tables[0].flag_bits & 0x1:
        raise FileProblem(_l("The ZIP file is protected by a password. Make it without one and try again."))
    return tables[0]


def _is_hidden(name: str) -> bool:
    """Other systems put files of their own beside."""
    return any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)


def _unpack(found: ZipFile, entry: ZipInfo, place: Path) -> None:
    """What the ZIP file says of its size is not believed."""
    size = 0
    with found.open(entry) as packed, place.open("wb") as out:
        while chunk := packed.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_FILE_BYTES:
                limit = MAX_FILE_BYTES // (1024 * 1024)
                raise FileProblem(
                    _l("The file in it is larger than %(limit)s MB. Split it into several files.", limit=limit)
                )
            out.write(chunk)
