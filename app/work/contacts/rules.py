"""Limits and details of a contact as entered by users. Pure: no database access."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from phonenumbers import SUPPORTED_REGIONS

from app.errors import LazyText
from app.phones import MAX_TYPED

MAX_NAME_LENGTH = 100
MAX_ADDRESS_LINE_LENGTH = 200
MAX_CITY_LENGTH = 100
MAX_ZIP_LENGTH = 20
MAX_EMAIL_LENGTH = 254
MAX_TAGS, MAX_TAG_LENGTH = 20, 40
#: In addition to the main one.
MAX_OTHER_NUMBERS = 10

NO_COUNTRY = _l("Enter the two-letter code of a country, such as US.")
NO_EMAIL = _l("Enter an email address such as name@example.com.")

_BETWEEN_TAGS = re.compile(r"[,;|\n]")


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """Details of a contact from a form; empty values are unknown. Numbers are in E.164, the main one first.

    `entered` are the values of the fields that the resource declares as entered, by column.
    """

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
    entered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, Any]:
        """Values of the columns that have the same name as a field."""
        others = ("tags", "numbers", "refuses_texts", "entered")
        named = {name: value or None for name, value in asdict(self).items() if name not in others}
        return {**named, **self.entered, "tags": list(self.tags)}

    @property
    def identifies(self) -> bool:
        """True if the details identify someone."""
        return any((self.first_name, self.last_name, self.company_name, self.email, self.numbers))


def is_country(code: str) -> bool:
    """Return whether this is the code (ISO 3166-1 alpha-2) of a country with phone numbers."""
    return code in SUPPORTED_REGIONS


def is_email(text: str) -> bool:
    """Return whether the syntax of an email address is valid; its domain may not exist."""
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def no_number(typed: str) -> LazyText:
    """Return the message for text that isn't a phone number."""
    return _l("“%(typed)s” isn’t a phone number.", typed=typed[:MAX_TYPED])


def split_tags(text: str) -> tuple[str, ...]:
    """Split tags at commas, semicolons, bars and line ends, without duplicates."""
    return each_once(part.strip() for part in _BETWEEN_TAGS.split(text))


def each_once(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the non-empty strings in order, without duplicates."""
    return tuple(dict.fromkeys(text for text in texts if text))
