"""Mentions of a person in text: their number in any notation, their email address, their name, their street address.

The same regular expression is used by the database, which finds the rows, and by Python, which masks the mentions; it
uses only syntax that both understand.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

import phonenumbers
from sqlalchemy import ColumnElement, Text, and_, cast, false, func, or_

from app.declarations.personal import KnownAddress, PersonalDataMatches
from app.trust.privacy.address_rules import BEFORE_ADDRESS, Spell, address_pattern, certain_words
from app.trust.privacy.pattern_rules import (
    AFTER_BREAK,
    AFTER_BYTE,
    escaped,
    quoted,
    word_in_bytes,
    word_in_text,
)

#: Numbers with fewer digits are too ambiguous to match with separators.
_MIN_DIGITS = 7
#: Separators between digits, as typed and as URL-encoded.
_BETWEEN_DIGITS = "(?:[-. ()/+\u00a0\u2011\u2013]|%2[089F]){0,3}"
_BETWEEN_NAMES = r"(?:\s|\+|%20){1,4}"
_BEFORE_NUMBER, _BEFORE_EMAIL, _BEFORE_NAME = r"(?<![0-9])", r"(?<![\w.+-])", r"(?<!\w)"
MASK = "•"


@dataclass(frozen=True)
class Mentions:
    """Everything that identifies a person in text."""

    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[KnownAddress, ...] = ()

    @classmethod
    def of(cls, traces: PersonalDataMatches) -> "Mentions":
        """Return what identifies the person of the traces, and no one else."""
        return cls(tuple(traces.numbers), tuple(traces.emails), tuple(traces.names), tuple(traces.addresses))

    def in_text(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a column of text, JSON or text arrays mentions the person."""
        return or_(false(), *(sought.is_in(cast(column, Text)) for sought in self._in_text))

    def in_bytes(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a column of bytes mentions the person."""
        return or_(false(), *(sought.is_in(func.encode(column, "escape")) for sought in self._in_bytes))

    def are_in(self, text: str) -> bool:
        """Return whether `text` mentions the person."""
        return any(sought.places(text) for sought in self._in_text)

    def are_in_bytes(self, data: bytes) -> bool:
        """Return whether `data` mentions the person.

        `data` can be a part of a file, if each part overlaps with the next one.
        """
        # In a two-byte encoding, each ASCII character has a NUL byte next to it.
        text = escaped(data.replace(b"\0", b""))
        return any(sought.places(text) for sought in self._in_bytes)

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
    def _in_text(self) -> list["_Sought"]:
        """The mentions in text; addresses first, which can have a name in them."""
        addresses = [_address(address, word_in_text) for address in self.addresses]
        names = [(_BEFORE_NAME, _name(name)) for name in self.names]
        others = _any_of(rf"(?:{guard}|{AFTER_BREAK}){pattern}" for guard, pattern in (*self._guarded, *names))
        return [*filter(None, addresses), *([_Sought(others)] if others else [])]

    @cached_property
    def _in_bytes(self) -> list["_Sought"]:
        """The mentions in bytes with ASCII text, in the form produced by `escaped`."""
        addresses = [_address(address, word_in_bytes, AFTER_BYTE) for address in self.addresses]
        guarded = (rf"(?:{guard}|{AFTER_BREAK}|{AFTER_BYTE}){pattern}" for guard, pattern in self._guarded)
        others = _any_of((*guarded, *map(_name_in_bytes, self.names)))
        return [*filter(None, addresses), *([_Sought(others)] if others else [])]

    @cached_property
    def _guarded(self) -> list[tuple[str, str]]:
        """Patterns for numbers and email addresses, each after a pattern for what can be before it."""
        emails = [form for email in self.emails for form in _spellings(email)]
        return [
            *((_BEFORE_NUMBER, _number(number)) for number in self.numbers),
            *((_BEFORE_EMAIL, rf"{quoted(email)}(?![\w-])") for email in emails),
        ]

    def _masked(self, text: str) -> str:
        for sought in self._in_text:
            for match in reversed(sought.places(text)):
                text = text[: match.start()] + MASK * len(match.group()) + text[match.end() :]
        return text


@dataclass(frozen=True)
class _Sought:
    """A pattern, case-insensitive, and words without which no text matches it: they are compared faster."""

    pattern: str
    words: Sequence[str] = ()

    def is_in(self, text: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition that a column's text matches."""
        return and_(*(text.ilike(f"%{word}%") for word in self.words), text.regexp_match(self.pattern, flags="i"))

    def places(self, text: str) -> list[re.Match[str]]:
        """Return the places in `text` that match."""
        lower = text.lower() if self.words else ""
        return list(self._compiled.finditer(text)) if all(word in lower for word in self.words) else []

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)


def _address(address: KnownAddress, spell: Spell, *guards: str) -> _Sought | None:
    pattern = address_pattern(address, spell)
    before = "|".join((BEFORE_ADDRESS, AFTER_BREAK, *guards))
    return _Sought(f"(?:{before}){pattern}", certain_words(address)) if pattern else None


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
        return rf"{country}{national}(?![0-9])"
    between = _BETWEEN_DIGITS
    return rf"(?:%2[08])?(?:{between.join(country)}{between})?{between.join(national)}(?![0-9])"


def _spellings(address: str) -> tuple[str, ...]:
    """Return the address as it is and in URL encoding, as in saved filters."""
    return tuple(dict.fromkeys((address, quote_plus(address))))


def _name(name: str) -> str:
    """Return a pattern for the name as it is, in JSON and in URL encoding."""
    forms = dict.fromkeys((name, json.dumps(name, ensure_ascii=False)[1:-1], quote_plus(name)))
    return rf"(?:{'|'.join(map(_words, forms))})(?!\w)"


def _name_in_bytes(name: str) -> str:
    """Return a pattern for the name in UTF-8, in JSON and in URL encoding."""
    spaced = (escaped(name.encode()), json.dumps(name)[1:-1].replace("\\", "\\\\"), quote_plus(name))
    return "|".join(map(_words, dict.fromkeys(spaced)))


def _words(name: str) -> str:
    return _BETWEEN_NAMES.join(map(quoted, re.split(r"[\s+]+", name)))
