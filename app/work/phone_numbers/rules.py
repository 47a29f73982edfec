"""Rules for the settings of phone numbers."""

from dataclasses import dataclass

from app.models import NumberPurpose

MAX_NAME = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDetails:
    """Settings of a number that can be changed; `forwarding_number` is in E.164."""

    display_name: str | None
    purpose: NumberPurpose
    forwarding_number: str | None
    is_active: bool
