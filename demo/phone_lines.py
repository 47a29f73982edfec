"""The company's own phone numbers, and the callers it has blocked."""

from collections.abc import Iterator
from datetime import timedelta

from app.models.phone_numbers import NumberProvider, NumberPurpose
from demo.office import Office
from demo.rows import BlockedRow, NumberRow

_LINES = (
    (0, "Main line", NumberProvider.TWILIO, NumberPurpose.RECEPTION, True),
    (1, "After hours", NumberProvider.VAPI, NumberPurpose.AFTER_HOURS, True),
    (2, "Website", NumberProvider.TWILIO, NumberPurpose.TRACKING, True),
    (3, "Old yard signs", NumberProvider.TWILIO, NumberPurpose.TRACKING, False),
)
_BLOCKED = (
    (81, "Calls every morning and hangs up."),
    (82, "Sells extended warranties; asked five times to stop."),
    (83, "Robocalls about our online listing."),
)


def number_rows(office: Office) -> Iterator[NumberRow]:
    """Yield the company's lines; their numbers follow that of the main line."""
    for offset, name, provider, purpose, is_active in _LINES:
        yield NumberRow(
            organization_id=office.organization_id,
            id=office.main_line_id if offset == 0 else office.ids.at(office.founded),
            number=_after(office.company.main_number, offset),
            provider=provider,
            display_name=name,
            forwarding_number=office.company.main_number if purpose is NumberPurpose.TRACKING else None,
            is_active=is_active,
            purpose=purpose,
            created_at=office.founded,
        )


def blocked_rows(office: Office) -> Iterator[BlockedRow]:
    """Yield numbers that were blocked over the year.

    They are in no area code that people call from, so no contact has one of them.
    """
    for line, reason in _BLOCKED:
        at = office.now - timedelta(days=line)
        yield BlockedRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            number=f"+190055501{line}",
            reason=reason,
            created_at=at,
        )


def _after(number: str, offset: int) -> str:
    return f"+{int(number[1:]) + offset}"
