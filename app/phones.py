"""Phone numbers as typed by users, and in E.164."""

import phonenumbers

#: Maximum length of a number as typed, with spaces and signs.
MAX_TYPED = 40


def to_e164(text: str, country: str) -> str | None:
    """Convert a number as dialed in `country` (ISO 3166-1) to E.164; None if it is not a phone number."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
