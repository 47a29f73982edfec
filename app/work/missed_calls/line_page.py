"""Entries of the missed-call queue as lines, in the queue and on other pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.models import WAITING_STATUSES, EntryStatus
from app.periods import today_of
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.missed_calls.detail_queries import last_tries, waiting_texts
from app.work.missed_calls.rules import LEASE_WARNING, is_follow_up
from app.work.missed_calls.words_queries import last_words

#: Times within this are shown in minutes from now.
_BY_THE_MINUTE = timedelta(hours=1)

#: Share of the time until the deadline after which it counts as near.
_NEAR = 2 / 3


@dataclass(frozen=True, slots=True)
class Due:
    """Deadline of an entry as a row shows it.

    `share` is the elapsed share of the time, from 0 to 1; it is rounded to hundredths, since rows are cached by it.
    `tone` is the urgency: "" | warn | bad.
    """

    at: datetime
    share: float
    tone: str


@dataclass(frozen=True, slots=True)
class Reached:
    """The attempt that reached a caller; `name` is that of the person who made it."""

    at: datetime
    is_today: bool
    is_mine: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as a row of the queue.

    `due` is None if the caller is no longer waiting; `holder` has the claim until `held_until`; `is_mine` is whether it
    is the user's own, and `ends_soon` whether it should be renewed. `reached` is set if the claim follows the result
    *Reached*.
    """

    entry: Any
    due: Due | None
    tried: Any
    #: The call that tells why they called (`words_queries.last_words`), None if there is none.
    heard: Any
    holder: str | None
    held_until: datetime | None
    reached: "Reached | None"
    is_mine: bool
    ends_soon: bool
    may_call: bool
    #: The text message waiting to be sent, and whether the user can cancel it or mark it as sent.
    text: Any
    may_settle_text: bool
    #: Changes whenever the row would look different.
    state: str


def lines_of(actor: Actor, entries: Sequence[Any], now: datetime) -> list[Line]:
    """Return the entries as lines of the queue, with their words, last attempts and waiting texts."""
    tried = last_tries(actor, [entry.id for entry in entries if entry.attempts])
    texts = waiting_texts(actor, [entry.id for entry in entries])
    heard = last_words(actor, [entry.id for entry in entries])
    return [
        _line(actor, entry, tried.get(entry.id), texts.get(entry.id), heard.get(entry.id), now) for entry in entries
    ]


def may_work_queue(actor: Actor) -> bool:
    """Return whether the user can work the queue in this organization."""
    return actor.may(Permission.MISSED_CALLS_WORK) and actor.reference_id is not None


def _line(actor: Actor, entry: Any, tried: Any, text: Any, heard: Any, now: datetime) -> Line:
    waits = entry.status in WAITING_STATUSES
    is_held = entry.status == EntryStatus.CLAIMED and entry.claim_expires_at and entry.claim_expires_at > now
    is_mine = bool(is_held) and entry.claimed_by == actor.user_id
    ends_soon = is_mine and entry.claim_expires_at - now < LEASE_WARNING
    is_free = may_work_queue(actor) and (is_mine or not is_held)
    may_call = is_free and waits and actor.call_on is None and entry.caller_number is not None
    may_settle_text = is_free and text is not None
    of_text = f"{text.id}{may_settle_text:d}" if text else ""
    of_words = f"{heard.call_id}{heard.times}{heard.words is not None:d}" if heard else ""
    due = _due(entry, now) if waits else None
    reached = _reached(actor, entry, tried, now) if is_held else None
    until = f"{entry.claim_expires_at:%H%M}" if is_held else ""  # as shown in the row
    return Line(
        entry=entry,
        due=due,
        tried=tried,
        heard=heard,
        holder=entry.claimant_name if is_held else None,
        held_until=entry.claim_expires_at if is_held else None,
        reached=reached,
        is_mine=is_mine,
        ends_soon=ends_soon,
        may_call=may_call,
        text=text,
        may_settle_text=may_settle_text,
        state=f"{entry.version}-{until}-{ends_soon:d}{may_call:d}-{_minutes(due, now)}-{of_text}-{of_words}"
        f"{'-today' if reached and reached.is_today else ''}",
    )


def _reached(actor: Actor, entry: Any, tried: Any, now: datetime) -> Reached | None:
    """Return the last attempt if the claim lasts for it."""
    if tried is None or not is_follow_up(entry.claim_expires_at, entry.next_attempt_at):
        return None
    is_today = tried.at >= today_of(actor.timezone, now).start
    return Reached(tried.at, is_today, tried.user_id == actor.user_id, tried.user_name)


def _minutes(due: Due | None, now: datetime) -> int | str:
    """Return the minutes until the deadline, negative after it, or "" if the row doesn't show minutes."""
    left = due.at - now if due else _BY_THE_MINUTE
    return int(left.total_seconds() // 60) if abs(left) < _BY_THE_MINUTE else ""


def _due(entry: Any, now: datetime) -> Due:
    begun, at = entry.first_missed_at, entry.next_attempt_at or entry.sla_due_at
    whole = max(at - begun, timedelta(seconds=1))
    share = min(1.0, max(0.0, (now - begun) / whole))
    shown = round(share, 2)
    if entry.attempts:
        return Due(at, shown, "" if entry.next_attempt_at and now < at else "warn")
    return Due(at, shown, "bad" if at < now else "warn" if share >= _NEAR else "")
