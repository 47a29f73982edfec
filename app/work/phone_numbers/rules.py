"""Rules of phone numbers: what a form of one may hold."""

from dataclasses import dataclass

from app.models import NumberPurpose

MAX_NAME = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDetails:
    """What can be changed of a number; `forwarding_number` is E.164."""

    display_name: str | None
    purpose: NumberPurpose
    forwarding_number: str | None
    is_active: bool
