"""In which encoding a text file is written."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from charset_normalizer import from_bytes
from flask_babel import lazy_gettext as _l

from app.tables.table_rules import FileProblem

# What a person may choose. A byte order mark decides by itself, in UTF-8 and in UTF-16.
Encoding = Literal["utf-8", "utf-16", "cp1251", "cp1252", "latin-1", "koi8-r", "cp866"]

_BYTE_ORDER_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# As charset-normalizer names them, and as we do.
_EIGHT_BIT: dict[str, Encoding] = {"cp1251": "cp1251", "cp1252": "cp1252", "koi8_r": "koi8-r", "cp866": "cp866"}
# Cells between delimiters, digits and spaces have a zero each, in any language.
_FEWEST_ZEROS, _SHARE_OF_ZEROS, _SHARE_OF_STRAYS = 4, 16, 100
_CHUNK = 1024 * 1024
_SAMPLE_BYTES = 64 * 1024


def detect_encoding(path: Path) -> Encoding:
    """The encoding, as far as the bytes tell.

    UTF-8 is a fact about the whole file, so the whole file is looked at. Anything else is a guess, made on the lines
    that have something beyond ASCII: the first ones of a file often have nothing.
    Raises FileProblem for a file that is not text.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    if _utf_16_without_mark(path):
        return "utf-16"
    sample = _lines_beyond_ascii(path)
    if sample is None:
        return "utf-8"
    best = from_bytes(sample, cp_isolation=[*_EIGHT_BIT]).best()
    # Every byte means something in Latin-1, so it is what remains when nothing fits better.
    return "latin-1" if best is None else _EIGHT_BIT[best.encoding]


def codec_of(path: Path, encoding: str) -> str:
    """Python's name of the encoding: UTF-8 with or without its mark, and UTF-16 in the order of its bytes."""
    if encoding == "utf-16":
        return _utf_16_without_mark(path) or encoding
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _utf_16_without_mark(path: Path) -> str | None:
    """The order of bytes in a file of UTF-16 that does not say it: of each sign in ASCII one of two bytes is 0, always
    the same one. None for anything else."""
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    high, low = sample[1::2].count(0), sample[::2].count(0)
    if max(high, low) < max(_FEWEST_ZEROS, len(sample) / _SHARE_OF_ZEROS) or min(high, low) * _SHARE_OF_STRAYS > max(
        high, low
    ):
        return None
    return "utf-16-le" if high > low else "utf-16-be"


def _lines_beyond_ascii(path: Path) -> bytes | None:
    """Lines with bytes above 127, some 64 kB of them; None where the file is valid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid = True
    sample = bytearray()
    for chunk, last in _chunks(path):
        if b"\0" in chunk:
            raise FileProblem(_l("This is not a text file. Save the table as CSV in UTF-8, or as .xlsx."))
        if valid:
            try:
                decoder.decode(chunk, final=last)
            except UnicodeDecodeError:
                valid = False
        if len(sample) < _SAMPLE_BYTES and not chunk.isascii():
            beyond = (line for line in chunk.splitlines(keepends=True) if not line.isascii())
            sample += b"".join(beyond)[:_SAMPLE_BYTES]
        if not valid and len(sample) >= _SAMPLE_BYTES:
            break
    return None if valid else bytes(sample)


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Pieces of the file, each with whether it is the last."""
    with path.open("rb") as stream:
        chunk = stream.read(_CHUNK)
        while chunk:
            following = stream.read(_CHUNK)
            yield chunk, not following
            chunk = following
