"""Phone numbers as people type them, and as E.164."""

import phonenumbers


def to_e164(text: str, country: str) -> str | None:
    """The number in E.164, read as somebody in `country` (ISO 3166-1) would dial it; None when it is none."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
