"""Monthly targets of the whole company and of everyone who takes calls."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from app.models.targets import TargetMetric
from demo.office import Office
from demo.rows import TargetRow

_OF_COMPANY = {
    TargetMetric.BOOKING_RATE: Decimal("0.75"),
    TargetMetric.MISS_RATE: Decimal("0.05"),
    TargetMetric.ANSWER_RATE: Decimal("0.9"),
    TargetMetric.SOP_COMPLIANCE: Decimal(80),
    TargetMetric.WIN_RATE: Decimal("0.45"),
    TargetMetric.FIRST_ATTEMPT_IN_TIME: Decimal("0.9"),
}
#: Assigned in turn to the people who take calls.
_BOOKING_RATES = (Decimal("0.75"), Decimal("0.7"), Decimal("0.8"))
_BEFORE = timedelta(days=3)


def target_rows(office: Office) -> Iterator[TargetRow]:
    """Yield the targets for each month of the demonstration, each set shortly before its month begins."""
    for month in _months(office.first_day, office.local(office.now).date()):
        for metric, value in _OF_COMPANY.items():
            yield _row(office, month, metric, None, value)
        for number, csr in enumerate(office.csrs):
            rate = _BOOKING_RATES[number % len(_BOOKING_RATES)]
            yield _row(office, month, TargetMetric.BOOKING_RATE, csr.id, rate)


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def _row(office: Office, month: date, metric: TargetMetric, user_id: UUID | None, value: Decimal) -> TargetRow:
    set_at = datetime.combine(month, time(10), office.company.timezone).astimezone(UTC) - _BEFORE
    at = max(office.founded, set_at)
    return TargetRow(
        organization_id=office.organization_id,
        id=office.ids.at(at),
        metric=metric,
        user_id=user_id,
        month=month,
        value=value,
        created_at=at,
    )
