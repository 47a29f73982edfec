"""Rules for the settings of phone numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.models import NumberPurpose
from app.phones import MAX_TYPED, to_e164

MAX_NAME = 50
#: Maximum length of a number as people write it.


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDetails:
    """Settings of a number that can be changed; `forwarding_number` is in E.164."""

    display_name: str | None
    purpose: NumberPurpose
    forwarding_number: str | None
    is_active: bool


def in_e164(typed: Mapping[str, str | None], country: str) -> dict[str, str | None]:
    """Return numbers as dialed in `country`, by field, in E.164; None for an empty field.

    Raises ValidationFailed, which names every wrong field.
    """
    numbers = {field: to_e164(text, country) if text else None for field, text in typed.items()}
    wrong = [(field, text) for field, text in typed.items() if text and numbers[field] is None]
    if wrong:
        said = ((field, _l("“%(typed)s” isn’t a phone number.", typed=text[:MAX_TYPED])) for field, text in wrong)
        raise ValidationFailed([FieldError(field, sentence) for field, sentence in said])
    return numbers
