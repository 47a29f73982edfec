"""Detection of a text file's encoding."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from charset_normalizer import from_bytes
from flask_babel import lazy_gettext as _l

from app.tables.table_rules import FileProblem

# Encodings that a user can select. A byte order mark takes precedence, in UTF-8 and in UTF-16.
Encoding = Literal["utf-8", "utf-16", "cp1251", "cp1252", "latin-1", "koi8-r", "cp866"]

_BYTE_ORDER_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Names in charset-normalizer, mapped to ours.
_EIGHT_BIT: dict[str, Encoding] = {"cp1251": "cp1251", "cp1252": "cp1252", "koi8_r": "koi8-r", "cp866": "cp866"}
# Delimiters, digits and spaces each contain a zero byte, in any language.
_MIN_ZEROS, _SHARE_OF_ZEROS, _SHARE_OF_STRAYS = 4, 16, 100
_CHUNK = 1024 * 1024
_SAMPLE_BYTES = 64 * 1024


def detect_encoding(path: Path) -> Encoding:
    """Return the encoding, as far as it can be detected from the bytes.

    UTF-8 can be verified, so the whole file is read. Anything else is a guess from the lines with bytes beyond ASCII,
    because the first lines of a file often have none. Raises FileProblem for a file that is not text.
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
    # Every byte is valid in Latin-1, so it is the fallback.
    return "latin-1" if best is None else _EIGHT_BIT[best.encoding]


def codec_of(path: Path, encoding: str) -> str:
    """Return Python's codec for the encoding: UTF-8 with or without a mark, and UTF-16 with its byte order."""
    if encoding == "utf-16":
        return _utf_16_without_mark(path) or encoding
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _utf_16_without_mark(path: Path) -> str | None:
    """Return the byte order of a UTF-16 file without a mark; None for any other file.

    In every ASCII character, one of the two bytes is 0, and it is always the same one.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    high, low = sample[1::2].count(0), sample[::2].count(0)
    if max(high, low) < max(_MIN_ZEROS, len(sample) / _SHARE_OF_ZEROS) or min(high, low) * _SHARE_OF_STRAYS > max(
        high, low
    ):
        return None
    return "utf-16-le" if high > low else "utf-16-be"


def _lines_beyond_ascii(path: Path) -> bytes | None:
    """Return about 64 kB of lines with bytes above 127; None if the file is valid UTF-8.

    Raises FileProblem for a file that is not text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid = True
    sample = bytearray()
    for chunk, last in _chunks(path):
        if b"\0" in chunk:
            raise FileProblem(_l("This isn’t a text file. Save the table as CSV in UTF-8, or as .xlsx."))
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
    """Yield the chunks of the file, each with a flag for the last one."""
    with path.open("rb") as stream:
        chunk = stream.read(_CHUNK)
        while chunk:
            following = stream.read(_CHUNK)
            yield chunk, not following
            chunk = following
