"""Rules for callback deadlines, and for what an attempt means for its entry."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.business_hours import BusinessHours, open_spans, spans_of
from app.errors import FieldError, LazyText, ValidationFailed
from app.models import AttemptKind, AttemptResult, EntryStatus
from app.periods import midnight, today_of
from app.work.calls.outbound_rules import RESULTS

#: Duration of a claim; work on the entry renews it.
LEASE = timedelta(minutes=10)
#: Users are warned of a claim that ends within this.
LEASE_WARNING = timedelta(minutes=2)
#: Users are reminded of a caller they reached, whose claim ends within this.
FOLLOW_UP_WARNING = timedelta(hours=1)
MAX_TEXT_CHARACTERS = 640

#: Business minutes until the next attempt; None if no further attempt is scheduled.
_NEXT_TRY: Mapping[AttemptResult, int | None] = {
    AttemptResult.NO_ANSWER: 60,
    AttemptResult.VOICEMAIL: 120,
    AttemptResult.SENT: 120,
    AttemptResult.WRONG_NUMBER: None,
    AttemptResult.FAILED: None,
}

#: Messages for users who try to work on a caller who is no longer waiting.
ENDED: Mapping[EntryStatus, LazyText] = {
    EntryStatus.RESCUED: _l("This caller has already booked."),
    EntryStatus.ANSWERED_LATER: _l("This caller has since gotten through."),
    EntryStatus.LOST: _l("The rescue window for this caller has ended."),
    EntryStatus.DISMISSED: _l("This caller was dismissed. Return them to the queue first."),
}


#: Results that a person can report of an attempt of each kind.
_RESULTS: Mapping[AttemptKind, tuple[AttemptResult, ...]] = {
    AttemptKind.CALL: RESULTS,
    AttemptKind.TEXT: (AttemptResult.SENT,),
}


def refuse_other_result(kind: AttemptKind, result: AttemptResult) -> None:
    """Raise ValidationFailed for a result that a person can't report of an attempt of this kind."""
    if result not in _RESULTS[kind]:
        offered = ", ".join(_RESULTS[kind])
        raise ValidationFailed([FieldError("result", _l("Use one of these values: %(values)s.", values=offered))])


def next_try_at(result: AttemptResult, tried_at: datetime, hours: BusinessHours, timezone: str) -> datetime | None:
    """Return when to try again after `result`, within business hours, or None if no attempt is needed.

    Whoever reached the caller keeps the claim until then.
    """
    if result == AttemptResult.REACHED:
        return next_day_ends_at(tried_at, hours, timezone)
    minutes = _NEXT_TRY[result]
    return None if minutes is None else sla_due_at(tried_at, minutes, hours, timezone)


def next_day_ends_at(at: datetime, hours: BusinessHours, timezone: str) -> datetime:
    """Return the end of the next business day: the last closing time of the first day after `at` with business hours.

    For a company without business hours, it is the end of the next day.
    """
    zone = ZoneInfo(timezone)
    day = at.astimezone(zone).date() + timedelta(days=1)
    if not any(hours.values()):
        return midnight(day + timedelta(days=1), zone)
    while not (spans := list(open_spans(day, spans_of(day, hours), zone))):
        day += timedelta(days=1)
    return max(closing for _opening, closing in spans)


def is_follow_up(claim_expires_at: datetime | None, next_attempt_at: datetime | None) -> bool:
    """Return whether a claim is the one that follows the result *Reached*: it lasts until the next attempt is due."""
    return claim_expires_at is not None and claim_expires_at == next_attempt_at


def opened_at(now: datetime, hours: BusinessHours, timezone: str) -> datetime | None:
    """Return when the company opened today, or None outside business hours.

    A company without business hours is always open, and opened at midnight.
    """
    if not any(hours.values()):
        return today_of(timezone, now).start
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date()
    spans = list(open_spans(day, spans_of(day, hours), zone))
    return spans[0][0] if any(opening <= now < closing for opening, closing in spans) else None


def keeps_claim(result: AttemptResult) -> bool:
    """Return whether the user keeps the claim after an attempt with this result.

    They then book or dismiss the caller. With any other result the entry is released.
    """
    return result in {AttemptResult.REACHED, AttemptResult.WRONG_NUMBER}


def sla_due_at(missed_at: datetime, minutes: int, hours: BusinessHours, timezone: str) -> datetime:
    """Return the time at which `minutes` of business time have passed since `missed_at`, in UTC.

    If this is exactly at closing time, the deadline is then and not at the next opening. For a company without business
    hours, all hours count.
    """
    left, missed_at = timedelta(minutes=minutes), missed_at.astimezone(UTC)
    if not any(hours.values()):
        return missed_at + left
    for opening, closing in _open_spans(missed_at, hours, ZoneInfo(timezone)):
        start = max(opening, missed_at)
        if start + left <= closing:
            return start + left
        left -= closing - start
    raise AssertionError("a company that is open at all opens again")


def business_seconds(since: datetime, until: datetime, hours: BusinessHours, timezone: str) -> int:
    """Return the business time between two times, in seconds.

    For a company without business hours, all time counts, as in `sla_due_at`.
    """
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    if not any(hours.values()):
        return max(0, int((until - since).total_seconds()))
    passed = timedelta()
    for opening, closing in _open_spans(since, hours, ZoneInfo(timezone)):
        if opening >= until:
            break
        passed += min(closing, until) - max(opening, since)
    return int(passed.total_seconds())


def _open_spans(since: datetime, hours: BusinessHours, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the opening hours of each day in UTC, endlessly, starting with those not over at `since`."""
    day = since.astimezone(zone).date()
    while True:
        yield from (span for span in open_spans(day, spans_of(day, hours), zone) if since < span[1])
        day += timedelta(days=1)
