"""Entry point for reading files with rows, which detects their format and rejects unreadable files."""

import os
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import TypeVar, cast

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.tables.delimited_rules import open_delimited
from app.tables.json_rules import is_json, open_json
from app.tables.old_workbook_rules import MAX_ODS_BYTES, MAX_XLS_BYTES, open_old_workbook
from app.tables.table_rules import MAX_FILE_BYTES, FileProblem, Glance, Row, Table, TableOptions
from app.tables.zip_rules import SHEETS_PART, check_directory, kind_of_zip, unpacked, unpacked_size

# openpyxl uses lxml if it is installed: defusedxml does not protect it, and it raises errors of its own. The variable
# is only read on import.
os.environ["OPENPYXL_LXML"] = "False"

DELIMITED_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})
# Many systems use this suffix for a text table or a web page, so that Excel opens it.
_TEXT_IN_DISGUISE = frozenset({".xls"})
_TABLE_SUFFIXES = DELIMITED_SUFFIXES | WORKBOOK_SUFFIXES | JSON_SUFFIXES
#: Suffixes of files that can be imported.
SUFFIXES = _TABLE_SUFFIXES | {".zip"}

FIRST_ROWS = 1_000
#: Long enough to map columns. The rows of a deleted import also disappear from this cache after that time.
CACHE_SECONDS = 300.0

_ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_CHUNK_BYTES = 1024 * 1024
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


Read = TypeVar("Read", bound=Callable[..., object])


def cached_for_minutes(read: Read) -> Read:
    """Cache the last results of a function of a stored file for up to CACHE_SECONDS.

    Stored files never change.
    """

    @lru_cache(maxsize=4)
    def kept(*arguments: Hashable) -> object:
        forgetting = Timer(CACHE_SECONDS, kept.cache_clear)
        forgetting.daemon = True
        forgetting.start()
        return read(*arguments)

    return cast("Read", kept)


@dataclass(frozen=True, slots=True)
class FirstRows:
    """Up to FIRST_ROWS rows from the start of a file; `is_whole` is True if the file has no more."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    options: TableOptions
    sheets: tuple[str, ...]
    is_whole: bool
    notices: tuple[LazyText, ...] = ()

    @property
    def table(self) -> Table:
        """The rows as an open table."""
        return Table(self.header, iter(self.rows), self.options, lambda: 1.0, self.sheets)


@cached_for_minutes
def read_first_rows(path: Path, options: TableOptions, name: str) -> FirstRows:
    """Return the first rows of a file, to show them on a page. Raises FileProblem.

    The result is cached for the next page, because a large workbook takes seconds to open.
    """
    glance = Glance()
    with open_table(path, options, name=name, glance=glance) as table:
        rows = tuple(islice(table.rows, FIRST_ROWS))
        is_whole = next(table.rows, None) is None and not glance.is_over
        return FirstRows(table.header, rows, table.options, table.sheets, is_whole, table.notices)


@contextmanager
def open_table(
    path: Path, options: TableOptions | None = None, *, name: str | None = None, glance: Glance | None = None
) -> Iterator[Table]:
    """Open a CSV, TSV, XLSX, XLS, ODS or JSON file, or a ZIP file with one, for one pass over its rows.

    `name` is the original file name, if `path` is a generated one. The format is detected from the content, because
    people rename files; the suffix must only be that of some table format. The exceptions are .xlsx, .xlsm and .ods:
    text other than JSON is refused in a file with such a suffix. With a `glance`, only the start is read. Raises
    FileProblem, also while rows are read.
    """
    suffix = Path(name or path.name).suffix.lower()
    _check_suffix(suffix)
    _check_size(path.stat().st_size)
    with path.open("rb") as stream:
        magic = stream.read(len(_OLE_MAGIC))
    options = options or TableOptions()
    kind = kind_of_zip(path) if _is_zip(path, magic) else None
    if kind == "files" and suffix not in WORKBOOK_SUFFIXES:
        with (
            unpacked(path, _TABLE_SUFFIXES) as (inner, called),
            open_table(inner, options, name=called, glance=glance) as table,
        ):
            yield table
        return
    if magic == _OLE_MAGIC:
        _check_old_excel(path)
        opened = open_old_workbook(path, options, glance)
    elif kind == "opendocument":
        _check_opendocument(path)
        opened = open_old_workbook(path, options, glance)
    elif kind:
        from app.tables.workbook_rules import open_workbook  # noqa: PLC0415 - 0.2 s of a process’s start

        opened = open_workbook(path, options, glance)
    elif is_json(path):
        opened = open_json(path, options, glance)
    elif suffix in WORKBOOK_SUFFIXES - _TEXT_IN_DISGUISE:
        raise FileProblem(
            _l("This file has the extension of a workbook but isn’t one. Save it again as .xlsx or .csv.")
        )
    else:
        opened = open_delimited(path, options, glance)
    with opened as table:
        yield table


def _is_zip(path: Path, magic: bytes) -> bool:
    """Return whether the file is a ZIP file.

    Raises FileProblem if its directory alone would exhaust the memory.
    """
    if not magic.startswith(_ZIP_MAGIC):
        return False
    check_directory(path)
    return True


def _check_suffix(suffix: str) -> None:
    if suffix not in SUFFIXES:
        raise FileProblem(
            _l("Only .csv, .tsv, .txt, .xlsx, .xlsm, .xls, .ods, .jsonl, .json and .zip files can be imported.")
        )


def _check_size(size: int) -> None:
    if size == 0:
        raise FileProblem(_l("The file is empty. Choose a file with a header row and rows below it."))
    if size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // (1024 * 1024)
        raise FileProblem(_l("The file is larger than %(limit)s MB. Split it into several files.", limit=limit))


def _check_old_excel(path: Path) -> None:
    """Raise FileProblem for an old workbook that is too large, or an encrypted one.

    Old workbooks and encrypted new ones have the same container format; only the latter contain a stream named
    "EncryptedPackage".
    """
    if _contains(path, _ENCRYPTED_STREAM):
        raise FileProblem(_l("The workbook is password-protected. Remove the password and try again."))
    if path.stat().st_size > MAX_XLS_BYTES:
        limit = MAX_XLS_BYTES // (1024 * 1024)
        raise FileProblem(_l("An .xls file can be up to %(limit)s MB. Save it as .xlsx or .csv.", limit=limit))


def _contains(path: Path, searched: bytes) -> bool:
    # The file isn't mapped into memory: an error of the disk would end the process.
    before = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            if searched in (joined := before + chunk):
                return True
            before = joined[1 - len(searched) :]
    return False


def _check_opendocument(path: Path) -> None:
    if unpacked_size(path, SHEETS_PART) > MAX_ODS_BYTES:
        limit = MAX_ODS_BYTES // (1024 * 1024)
        raise FileProblem(
            _l(
                "An .ods file can be up to %(limit)s MB unpacked, about 100,000 rows. Save it as .xlsx or .csv.",
                limit=limit,
            )
        )
