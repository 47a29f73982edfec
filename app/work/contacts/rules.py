"""Limits and details of a contact as entered by users. Pure: no database access."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

MAX_NAME_LENGTH = 100
MAX_ADDRESS_LINE_LENGTH = 200
MAX_CITY_LENGTH = 100
MAX_ZIP_LENGTH = 20
MAX_EMAIL_LENGTH = 254
MAX_TAGS, MAX_TAG_LENGTH = 20, 40
#: In addition to the main one.
MAX_OTHER_NUMBERS = 10

_BETWEEN_TAGS = re.compile(r"[,;|\n]")


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """Details of a contact from a form; empty values are unknown. Numbers are in E.164, the main one first."""

    first_name: str | None
    last_name: str | None
    company_name: str | None
    email: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    tags: tuple[str, ...]
    numbers: tuple[str, ...]
    refuses_texts: bool

    @property
    def columns(self) -> dict[str, Any]:
        """Values of the columns that have the same name as a field."""
        others = ("tags", "numbers", "refuses_texts")
        named = {name: value or None for name, value in asdict(self).items() if name not in others}
        return {**named, "tags": list(self.tags)}

    @property
    def identifies(self) -> bool:
        """True if the details identify someone."""
        return any((self.first_name, self.last_name, self.company_name, self.email, self.numbers))


def split_tags(text: str) -> tuple[str, ...]:
    """Split tags at commas, semicolons, bars and line ends, without duplicates."""
    return each_once(part.strip() for part in _BETWEEN_TAGS.split(text))


def each_once(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the non-empty strings in order, without duplicates."""
    return tuple(dict.fromkeys(text for text in texts if text))
