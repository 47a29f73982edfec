"""Mentions of a person in text: their number in any notation, their email address, their name.

The same regular expression is used by the database, which finds the rows, and by Python, which masks the mentions; it
uses only syntax that both understand.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

import phonenumbers
from sqlalchemy import ColumnElement, Text, cast, false, func

from app.declarations.personal import PersonalDataMatches

#: Numbers with fewer digits are too ambiguous to match with separators.
_MIN_DIGITS = 7
#: Separators between digits, as typed and as URL-encoded.
_BETWEEN_DIGITS = "(?:[-. ()/+\u00a0\u2011\u2013]|%2[089F]){0,3}"
_BETWEEN_NAMES = r"(?:\s|\+|%20){1,4}"
MASK = "•"


@dataclass(frozen=True)
class Mentions:
    """Everything that identifies a person in text."""

    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, traces: PersonalDataMatches) -> "Mentions":
        """Return what identifies the person of the traces, and no one else."""
        return cls(tuple(traces.numbers), tuple(traces.emails), tuple(traces.names))

    @cached_property
    def pattern(self) -> str | None:
        """Pattern that matches the mentions in text, case-insensitively; None if nothing identifies the person."""
        addresses = [form for address in self.emails for form in _spellings(address)]
        return _any_of((*map(_number, self.numbers), *map(_address, addresses), *map(_name, self.names)))

    @cached_property
    def bytes_pattern(self) -> str | None:
        """Pattern that matches the mentions in bytes with ASCII text, in the form produced by `_escaped`."""
        addresses = [form for address in self.emails for form in _spellings(address)]
        guarded = (*map(_number, self.numbers), *map(_address, addresses))
        return _any_of((*map(_after_any_byte, guarded), *map(_name_in_bytes, self.names)))

    def in_text(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a column of text, JSON or text arrays mentions the person."""
        return false() if self.pattern is None else cast(column, Text).regexp_match(self.pattern, flags="i")

    def in_bytes(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a column of bytes mentions the person."""
        if self.bytes_pattern is None:
            return false()
        return func.encode(column, "escape").regexp_match(self.bytes_pattern, flags="i")

    def are_in(self, text: str) -> bool:
        """Return whether `text` mentions the person."""
        return self._compiled is not None and self._compiled.search(text) is not None

    def are_in_bytes(self, data: bytes) -> bool:
        """Return whether `data` mentions the person.

        `data` can be a part of a file, if each part overlaps with the next one.
        """
        # In a two-byte encoding, each ASCII character has a NUL byte next to it.
        return self._compiled_for_bytes is not None and (
            self._compiled_for_bytes.search(_escaped(data.replace(b"\0", b""))) is not None
        )

    def take_out(self, value: Any) -> Any:
        """Return the text or JSON with every character of a mention masked.

        The length stays the same, so that no length constraint is violated.
        """
        if isinstance(value, dict):
            return {self.take_out(key): self.take_out(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.take_out(item) for item in value]
        if isinstance(value, str):
            return self._masked(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and self.are_in(str(value)):
            return self._masked(str(value))
        return value

    @cached_property
    def _compiled(self) -> re.Pattern[str] | None:
        return None if self.pattern is None else re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def _compiled_for_bytes(self) -> re.Pattern[str] | None:
        return None if self.bytes_pattern is None else re.compile(self.bytes_pattern, re.IGNORECASE)

    def _masked(self, text: str) -> str:
        return text if self._compiled is None else self._compiled.sub(lambda found: MASK * len(found.group()), text)


def names_the_person(reason: str, mentions: Mentions, first_and_last: tuple[str | None, str | None]) -> bool:
    """Return whether `reason` names the person who is to be erased.

    The reason is retained after the erasure, so it must not identify the person.
    """
    words = {word.strip(".,;:!?()\"'").lower() for word in reason.split()}
    parts = {name.lower() for name in first_and_last if name and len(name) > 1}
    return mentions.are_in(reason) or bool(words & parts)


def _any_of(patterns: Iterable[str]) -> str | None:
    alternatives = list(dict.fromkeys(patterns))
    return f"(?:{'|'.join(alternatives)})" if alternatives else None


def _number(number: str) -> str:
    """Return a pattern for the number with or without country code, and with separators between digits.

    A short number matches only with its country code and without separators.
    """
    parsed = phonenumbers.parse(number)
    country, national = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    if len(national) < _MIN_DIGITS:
        return rf"(?<![0-9]){country}{national}(?![0-9])"
    between = _BETWEEN_DIGITS
    return rf"(?<![0-9])(?:%2[08])?(?:{between.join(country)}{between})?{between.join(national)}(?![0-9])"


def _after_any_byte(pattern: str) -> str:
    """Return the pattern, extended to match directly after an escaped byte.

    An escaped non-ASCII byte ends in digits, which are not part of a number that follows it.
    """
    guard, _, wanted = pattern.partition(")")
    return rf"(?:{guard})|(?<=\\[0-7][0-7][0-7])){wanted}"


def _address(address: str) -> str:
    return rf"(?<![\w.+-]){_quoted(address)}(?![\w-])"


def _spellings(address: str) -> tuple[str, ...]:
    """Return the address as it is and in URL encoding, as in saved filters."""
    return tuple(dict.fromkeys((address, quote_plus(address))))


def _name(name: str) -> str:
    """Return a pattern for the name as it is, in JSON and in URL encoding."""
    forms = dict.fromkeys((name, json.dumps(name, ensure_ascii=False)[1:-1], quote_plus(name)))
    return rf"(?<!\w)(?:{'|'.join(map(_words, forms))})(?!\w)"


def _name_in_bytes(name: str) -> str:
    """Return a pattern for the name in UTF-8, in JSON and in URL encoding."""
    spaced = (_escaped(name.encode()), json.dumps(name)[1:-1].replace("\\", "\\\\"), quote_plus(name))
    return "|".join(map(_words, dict.fromkeys(spaced)))


def _words(name: str) -> str:
    return _BETWEEN_NAMES.join(map(_quoted, re.split(r"[\s+]+", name)))


def _quoted(text: str) -> str:
    """Escape text for PostgreSQL and Python: letters stay unescaped, since a backslash changes their meaning."""
    return re.sub(r"[^\w\x80-\U0010ffff]", lambda found: f"\\{found.group()}", text)


def _escaped(data: bytes) -> str:
    r"""Encode bytes like the database's `encode(…, 'escape')`.

    ASCII is unchanged, \ is doubled, and everything else becomes three octal digits.
    """
    return "".join(_ESCAPES[byte] for byte in data)


_ESCAPES = ["\\\\" if byte == 0x5C else chr(byte) if 0 < byte < 0x80 else f"\\{byte:03o}" for byte in range(256)]
