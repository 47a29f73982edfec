"""Form fields of mappings: choices, and lists in a single field.

Lists of words and formats are separated by semicolons, since their items can contain spaces and commas.
"""

import re
from collections.abc import Mapping as Words
from typing import Any, TypeAlias

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from phonenumbers import SUPPORTED_REGIONS
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.validators import AnyOf, Optional

from app.data.imports.own_number_rules import MAX_OWN_NUMBERS
from app.errors import LazyText
from app.web.forms import Form
from app.web.validators import at_most
from app.zones import timezones

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_BETWEEN_DIGITS = re.compile(r"[\s().\-–]+")
MAX_LIST_LENGTH = 500
MAX_WORD_LENGTH = 100

#: Labels by value.
Choices: TypeAlias = Words[str, LazyText]

DECIMAL_SEPARATORS: Choices = {".": _l("Period: 1.5"), ",": _l("Comma: 1,5")}
THOUSANDS_SEPARATORS: Choices = {
    "": _l("None: 1234"),
    ",": _l("Comma: 1,234"),
    ".": _l("Period: 1.234"),
    " ": _l("Space: 1 234"),
    "'": _l("Apostrophe: 1'234"),
}
UNITS: Choices = {
    "seconds": _l("Seconds"),
    "minutes": _l("Minutes"),
    "hours": _l("Hours"),
    "milliseconds": _l("Milliseconds"),
    "h:mm": _l("Hours and minutes: 1:05 is 65 minutes"),
}
COUNTRIES: Choices = {"": _l("Your organization’s country"), **{code: code for code in sorted(SUPPORTED_REGIONS)}}
ZONES: Choices = {
    "": _l("Your organization’s time zone"),
    **{name: name for name in sorted(timezones())},
}
_NOT_OFFERED = _l("Choose one of the options.")


def parts_of(text: str | None) -> tuple[str, ...]:
    """Return the distinct items between semicolons."""
    parts = (part.strip() for part in (text or "").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _has_short_parts(_form: Form, field: Field) -> None:
    if any(len(part) > MAX_WORD_LENGTH for part in parts_of(field.data)):
        raise ValidationError(_("Use up to %(most)s characters for each value.", most=MAX_WORD_LENGTH))


def numbers_in(text: str | None) -> tuple[str, ...]:
    """Return the distinct phone numbers between semicolons, without the signs between their digits."""
    return tuple(dict.fromkeys(_BETWEEN_DIGITS.sub("", part) for part in parts_of(text)))


def has_country_codes(_form: Form, field: Field) -> None:
    """Raise ValidationError unless all phone numbers of a list have a country code, and there are not too many."""
    numbers = numbers_in(field.data)
    if not all(map(_E164.fullmatch, numbers)):
        raise ValidationError(_("Enter numbers with country code, such as +1 212 555 0100."))
    if len(numbers) > MAX_OWN_NUMBERS:
        raise ValidationError(_("Enter up to %(most)s numbers.", most=MAX_OWN_NUMBERS))


def list_field(label: LazyText, hint: LazyText, *validators: Any) -> StringField:
    """Return a text field for a list separated by semicolons."""
    length = at_most(MAX_LIST_LENGTH)
    return StringField(label, [*validators, length, _has_short_parts], description=hint)


def select_field(label: LazyText, choices: Choices, hint: LazyText = "", *, optional: bool = False) -> SelectField:
    """Return a select field for these labeled values; an `optional` one may be missing from the form data."""
    return SelectField(
        label,
        [Optional(), _offered(choices)] if optional else [_offered(choices)],
        choices=lambda: [(value, str(words)) for value, words in choices.items()],
        validate_choice=False,
        description=hint,
    )


def _offered(choices: Choices) -> AnyOf:
    return AnyOf(list(choices), _NOT_OFFERED)
