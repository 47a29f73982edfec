"""Rules of retention: for how long which records are kept, counted from when they came here."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed

#: When it is done, by the clock of each organization: Sundays at 3:00.
RUNS = "0 3 * * 0"

DEFAULT_DAYS = 730
#: Less would take what people still work with; more is a matter of archives.
MIN_DAYS, MAX_DAYS = 30, 3_650


class RetentionKind(StrEnum):
    """What is kept for a time of its own, in the order in which it goes: what refers to others goes before them.

    The names stand in the settings of organizations and in reports. All but the trail are declared by their features
    (`app.declarations.retained`).
    """

    EXPORTS = "exports"
    MESSAGES = "messages"
    WEBHOOK_DELIVERIES = "webhook_deliveries"
    RECORDINGS = "recordings"
    MISSED_CALLS = "missed_calls"
    CALLS = "calls"
    LEADS = "leads"
    AUDIT = "audit"


def days_of(settings: Mapping[str, int], kind: str) -> int:
    """For how many days an organization with these settings keeps a kind."""
    return int(settings.get(kind, DEFAULT_DAYS))


def cutoff(now: datetime, days: int) -> datetime:
    """What came here before it goes."""
    return now - timedelta(days=days)


def gone_months(oldest: datetime, kept_from: datetime) -> list[date]:
    """The months (UTC, by their first day) that are over, whole, before `kept_from`; from that of `oldest` on."""
    months, month = [], _month_of(oldest)
    while (following := _month_after(month)) <= _month_of(kept_from):
        months.append(month)
        month = following
    return months


def checked_days(given: Mapping[str, int | None]) -> dict[str, int]:
    """Settings as they are stored; raises ValidationFailed with every wrong one at once."""
    sentence: Sentence = _l("Enter a whole number of days from %(least)s to %(most)s.", least=MIN_DAYS, most=MAX_DAYS)
    wrong = [FieldError(kind, sentence) for kind in RetentionKind if not MIN_DAYS <= (given.get(kind) or 0) <= MAX_DAYS]
    if wrong:
        raise ValidationFailed(wrong)
    return {kind.value: int(given[kind] or 0) for kind in RetentionKind}


def _month_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
