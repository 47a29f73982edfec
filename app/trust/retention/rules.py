"""Rules of retention: how long each kind of record is retained, counted from its creation in the app."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed
from app.models import Organization

#: Schedule in the time zone of each organization: Sundays at 3:00.
RUNS = "0 3 * * 0"

DEFAULT_DAYS = 730
#: A shorter retention would delete records still in use; a longer one is a matter for archives.
MIN_DAYS, MAX_DAYS = 30, 3_650

#: Time until a shorter retention takes effect: as long as a mistake or a stolen account can remain unnoticed.
NOTICE = timedelta(days=1)


class RetentionKind(StrEnum):
    """Kinds of records with their own retention, in the order of deletion: rows before those they refer to.

    The values are stored in the settings of organizations and in reports. All except the trail are declared by their
    features (`app.declarations.retained`).
    """

    EXPORTS = "exports"
    MESSAGES = "messages"
    WEBHOOK_DELIVERIES = "webhook_deliveries"
    RECORDINGS = "recordings"
    MISSED_CALLS = "missed_calls"
    CALLS = "calls"
    LEADS = "leads"
    AUDIT = "audit"


#: Minimum days for records that an organization can be asked to produce later; also enforced by the database. Only
#: owners can change these.
OWNERS_MIN_DAYS: Mapping[RetentionKind, int] = {RetentionKind.CALLS: 90, RetentionKind.AUDIT: 365}


def min_days(kind: RetentionKind) -> int:
    """Return the minimum retention of a kind, in days."""
    return OWNERS_MIN_DAYS.get(kind, MIN_DAYS)


def range_sentence(kind: RetentionKind) -> LazyText:
    """Return the error message for a number of days that is out of range for this kind."""
    sentence: LazyText = _l(
        "Enter a whole number of days from %(least)s to %(most)s.", least=min_days(kind), most=MAX_DAYS
    )
    return sentence


def days_in_force(organization: Organization, now: datetime) -> dict[str, int]:
    """Return the retention in force at `now`, in days by kind.

    This includes a shorter retention whose start has passed.
    """
    settings: dict[str, int] = organization.retention_days
    return settings if shorter_days(organization, now) else {**settings, **(organization.pending_retention or {})}


def shorter_days(organization: Organization, now: datetime) -> dict[str, int]:
    """Return the retention that was saved but is not in force yet, in days by kind."""
    waits_until = organization.pending_retention_at
    return dict(organization.pending_retention or {}) if waits_until is not None and now < waits_until else {}


def days_of(settings: Mapping[str, int], kind: str) -> int:
    """Return the retention of a kind, in days, under these settings."""
    return int(settings.get(kind, DEFAULT_DAYS))


def cutoff(now: datetime, days: int) -> datetime:
    """Return the time before which records are deleted, if they are retained for `days`."""
    return now - timedelta(days=days)


def gone_months(oldest: datetime, kept_from: datetime) -> list[date]:
    """Return the months (UTC, by their first day), from that of `oldest`, that ended before `kept_from`."""
    months, month = [], _month_of(oldest)
    while (following := _month_after(month)) <= _month_of(kept_from):
        months.append(month)
        month = following
    return months


def checked_days(given: Mapping[str, int | None]) -> dict[str, int]:
    """Return the submitted days by kind, as they are stored.

    Raises ValidationFailed with all invalid values.
    """
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
