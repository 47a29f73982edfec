"""Rules of the assistant: defaults, and normalization of its settings."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.models import AssistantModel, AssistantVoice
from app.phones import to_e164

MIN_NAME_LENGTH, MAX_NAME_LENGTH = 2, 50
MIN_GREETING_LENGTH, MAX_GREETING_LENGTH = 10, 500
MAX_CALL_MINUTES = 60

#: Version of a row that doesn't exist yet.
NOT_THERE = 0

#: Same values as the defaults of the columns.
DEFAULTS: Mapping[str, Any] = {
    "assistant_name": "",
    "greeting": "",
    "voice": AssistantVoice.ELLIOT,
    "model": AssistantModel.GPT_4_1_MINI,
    "temperature": Decimal("0.30"),
    "max_call_minutes": 15,
    "business_hours": {},
    "escalation_number": None,
    "enabled": False,
}


def checked(given: Mapping[str, Any], country: str) -> dict[str, Any]:
    """Return the settings as they are stored; `country` is the default country of phone numbers.

    Lengths, ranges and choices are left to the database. Raises ValidationFailed for an invalid phone number.
    """
    values = dict(given)
    typed = values["escalation_number"]
    if typed:
        values["escalation_number"] = to_e164(typed, country)
        if values["escalation_number"] is None:
            sentence = _l("Enter a phone number, with its country code if it’s in another country.")
            raise ValidationFailed([FieldError("escalation_number", sentence)])
    values["temperature"] = round(Decimal(values["temperature"]), 2)
    return values
