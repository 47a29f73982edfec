"""CSV and similar formats: text in lines, with cells separated by commas, semicolons, tabs or bars."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Literal, TextIO, get_args

from flask_babel import lazy_gettext as _l

from app.tables.encoding_rules import codec_of, detect_encoding
from app.tables.shape_rules import LOOKED_AT, find_header
from app.tables.table_rules import FileProblem, Glance, Row, Table, TableOptions, make_table

Delimiter = Literal[",", ";", "\t", "|"]

# A file without line breaks, or with a quote that is never closed, must not be read into memory as one cell. The csv
# module limits a cell to 131,072 characters; this limits the line.
MAX_LINE_CHARACTERS = 1024 * 1024

# Excel interprets such a first line as the delimiter and shows only the rest.
_SAYS_DELIMITER = re.compile(r'\s*"?sep=(?P<delimiter>[,;\t|])"?\r?(?:\n|\r|$)', re.IGNORECASE)
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_RECORDS = 100


@contextmanager
def open_delimited(path: Path, options: TableOptions, glance: Glance | None = None) -> Iterator[Table]:
    """Open a delimited text file; see `app.tables.file_rules.open_table`.

    Line breaks inside quotes are preserved.
    """
    encoding = options.encoding or detect_encoding(path)
    codec = codec_of(path, encoding)
    size = path.stat().st_size
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=codec, newline="") as stream:
        sample = _sample(path, codec)
        said = _SAYS_DELIMITER.match(sample)
        delimiter = options.delimiter or (said and said["delimiter"]) or _detect_delimiter(sample)
        records = _records(stream, delimiter, encoding)
        used = TableOptions(encoding=encoding, delimiter=delimiter, header_line=options.header_line)
        rows = islice(records, 1 if said else 0, None)
        yield make_table(rows, used, lambda: raw.tell() / size, glance=glance)


def _sample(path: Path, codec: str) -> str:
    """Read the start of the file, replacing bytes that can't be decoded.

    Those bytes are reported with their line when the rows are read. Raises FileProblem for a web page, XML or JSON.
    """
    with path.open(encoding=codec, errors="replace", newline="") as stream:
        sample = stream.read(_SAMPLE_CHARACTERS)
    if sample.lstrip().startswith(("<", "{")):
        raise FileProblem(_l("This is a web page, XML or JSON, not a table. Save the table as CSV or .xlsx."))
    return sample


def _detect_delimiter(sample: str) -> str:
    """Return the delimiter that splits most records into the same large number of cells, or else a comma."""
    delimiters: tuple[str, ...] = get_args(Delimiter)
    return max(delimiters, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> float:
    """Return a score for a delimiter: the number of columns beyond the first, times a share of records.

    The share is that of records as wide as the header. Records above the header are ignored.
    """
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        records = [Row(line, cells) for line, cells in enumerate(islice(reader, _SAMPLE_RECORDS), 1) if any(cells)]
    except csv.Error:
        return 0.0
    if not records:
        return 0.0
    widths = [len(record.cells) for record in records[find_header(records[:LOOKED_AT]).first :]]
    return (widths[0] - 1) * widths.count(widths[0]) / len(widths)


def _records(stream: TextIO, delimiter: str, encoding: str) -> Iterator[Row]:
    """Yield records with the line on which each starts.

    Raises FileProblem for unbalanced quotes, because the start of the next row is then unknown, and for bytes that are
    not in `encoding`.
    """
    reader = csv.reader(_lines(stream), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileProblem(
            _l("Line %(line)s: the quotes around a cell aren’t closed, or a cell is far too long.", line=line)
        ) from error
    except UnicodeDecodeError as error:
        raise FileProblem(
            _l(
                "The text after line %(line)s isn’t in %(encoding)s encoding. Choose the file’s encoding.",
                encoding=encoding,
                line=line,
            )
        ) from error


def _lines(stream: TextIO) -> Iterator[str]:
    number = 0
    while line := stream.readline(MAX_LINE_CHARACTERS):
        number += 1
        if len(line) >= MAX_LINE_CHARACTERS:
            raise FileProblem(_l("Line %(line)s is far too long. Save the table with one row per line.", line=number))
        if "\0" in line:
            raise FileProblem(
                _l(
                    "Line %(line)s contains binary data, so this isn’t a text file. Save the table as CSV or .xlsx.",
                    line=number,
                )
            )
        yield line
