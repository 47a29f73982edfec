"""Phone numbers as typed by users, and in E.164."""

from functools import lru_cache

import phonenumbers

#: Maximum length of a number as typed, with spaces and signs.
MAX_TYPED = 40

_NORTH_AMERICA = 1
#: Number of formatted numbers kept in memory.
_KEPT = 10_000


def to_e164(text: str, country: str) -> str | None:
    """Convert a number as dialed in `country` (ISO 3166-1) to E.164; None if it is not a phone number."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(_KEPT)
def formatted(number: str) -> str:
    """Format a phone number that has a country code; any other text is returned unchanged.

    North American numbers are written as (512) 555-0131, all others in international form.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == _NORTH_AMERICA
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)
