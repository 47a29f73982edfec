"""When a caller who was missed must have been called back, and what each try means for the entry."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.business_hours import BusinessHours, open_spans, spans_of
from app.errors import Sentence
from app.models import AttemptResult, EntryStatus

#: How long a claim holds; work on the entry renews it.
LEASE = timedelta(minutes=10)
#: A claim that ends within this is warned of.
LEASE_WARNING = timedelta(minutes=2)
MAX_TEXT_CHARACTERS = 640

#: After how many minutes of business hours the next try is due; None: the entry needs no further try as it is.
_NEXT_TRY: Mapping[AttemptResult, int | None] = {
    AttemptResult.REACHED: 480,
    AttemptResult.NO_ANSWER: 60,
    AttemptResult.VOICEMAIL: 120,
    AttemptResult.SENT: 120,
    AttemptResult.WRONG_NUMBER: None,
    AttemptResult.FAILED: None,
}

#: What is said to whoever wants to work on a caller who waits no more.
ENDED: Mapping[EntryStatus, Sentence] = {
    EntryStatus.RESCUED: _l("This caller has booked already."),
    EntryStatus.ANSWERED_LATER: _l("This caller has got through meanwhile."),
    EntryStatus.LOST: _l("The time to win this caller back is over."),
    EntryStatus.DISMISSED: _l("This caller was dismissed. Put the entry back into the queue first."),
}


def next_try_at(result: AttemptResult, tried_at: datetime, hours: BusinessHours, timezone: str) -> datetime | None:
    """When to try again after `result`, within business hours; None: nothing is to be waited for."""
    minutes = _NEXT_TRY[result]
    return None if minutes is None else sla_due_at(tried_at, minutes, hours, timezone)


def keeps_claim(result: AttemptResult) -> bool:
    """Whether whoever tried goes on with the entry: they book, or say why not. Otherwise it is anybody's again."""
    return result in {AttemptResult.REACHED, AttemptResult.WRONG_NUMBER}


def sla_due_at(missed_at: datetime, minutes: int, hours: BusinessHours, timezone: str) -> datetime:
    """When `minutes` of business time have passed since `missed_at`, in UTC.

    A promise that is over exactly at closing time is due then, not at the next opening. Of a company that says nothing
    of its hours, or is never open, the clock runs day and night.
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
    """How much business time passed between two moments, in seconds; as for `sla_due_at`, all of it where the company
    says nothing of its hours."""
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
    """The hours of each day in UTC, in order, without end: from those that are not over at `since`."""
    day = since.astimezone(zone).date()
    while True:
        yield from (span for span in open_spans(day, spans_of(day, hours), zone) if since < span[1])
        day += timedelta(days=1)
