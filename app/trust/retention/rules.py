"""Rules of retention: for how long which records are kept, counted from when they came here."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed
from app.models import Organization

#: When it is done, by the clock of each organization: Sundays at 3:00.
RUNS = "0 3 * * 0"

DEFAULT_DAYS = 730
#: Less would take what people still work with; more is a matter of archives.
MIN_DAYS, MAX_DAYS = 30, 3_650

#: Until shorter days count: as long as a slip or a stolen account may stay unnoticed.
NOTICE = timedelta(days=1)


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


#: What an organization is asked for afterwards: the database holds these numbers too. Only its owner changes the days.
OWNERS_MIN_DAYS: Mapping[RetentionKind, int] = {RetentionKind.CALLS: 90, RetentionKind.AUDIT: 365}


def min_days(kind: RetentionKind) -> int:
    """Nobody keeps a kind for less."""
    return OWNERS_MIN_DAYS.get(kind, MIN_DAYS)


def range_sentence(kind: RetentionKind) -> Sentence:
    """What to tell whoever enters another number."""
    sentence: Sentence = _l(
        "Enter a whole number of days from %(least)s to %(most)s.", least=min_days(kind), most=MAX_DAYS
    )
    return sentence


def days_in_force(organization: Organization, now: datetime) -> dict[str, int]:
    """The settings that count at `now`: shorter days that were saved do from their day on."""
    settings: dict[str, int] = organization.retention_days
    return settings if shorter_days(organization, now) else {**settings, **(organization.pending_retention or {})}


def shorter_days(organization: Organization, now: datetime) -> dict[str, int]:
    """Days that are saved and do not count yet, by kind."""
    waits_until = organization.pending_retention_at
    return dict(organization.pending_retention or {}) if waits_until is not None and now < waits_until else {}


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
    wrong = [
        FieldError(kind, range_sentence(kind))
        for kind in RetentionKind
        if not min_days(kind) <= (given.get(kind) or 0) <= MAX_DAYS
    ]
    if wrong:
        raise ValidationFailed(wrong)
    return {kind.value: int(given[kind] or 0) for kind in RetentionKind}


def _month_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
