"""What the pages of the missed-call queue show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.lists.listing import Listing, address
from app.models import WAITING_STATUSES, EntryStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.missed_calls.detail_queries import EntryDetail, find_call_on, last_tries
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.queries import WORKED, count_tabs
from app.work.missed_calls.rules import LEASE_WARNING

TABS: Mapping[Tab, Sentence] = {
    Tab.TO_DO: _l("To do"),
    Tab.MINE: _l("Mine"),
    Tab.LATER: _l("Later"),
    Tab.DONE_TODAY: _l("Done today"),
}

#: Before anybody was missed.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

#: From the first third of its time on a deadline is far, in the last third it is near.
_NEAR = 2 / 3


@dataclass(frozen=True, slots=True)
class Due:
    """When somebody is to be called, as a row shows it: the share of the time that has passed (0 to 1, in hundredths,
    so that rows are kept by it), and how urgent that is: "" | warn | bad."""

    at: datetime
    share: float
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as a row of the queue. `due` is None for whom nobody is to call any more; `holder` has the claim until
    `held_until`, `is_mine` and `ends_soon` say whose it is and whether it needs to be kept."""

    entry: Any
    due: Due | None
    tried: Any
    holder: str | None
    held_until: datetime | None
    is_mine: bool
    ends_soon: bool
    may_call: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Lines below each other; without a heading where the list is not one of what is to do."""

    heading: str | None
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as somebody works it. `call_on` is the call that they are on, None if none."""

    tabs: Sequence[tuple[str, str, bool, int]]
    groups: Sequence[Group]
    call_on: Any
    may_work: bool
    may_correct: bool
    rest_href: str | None
    #: What has come since, for a page that stays open.
    news_href: str


def queue_page(actor: Actor, filters: EntryFilters, listing: Listing, now: datetime) -> Queue:
    """What stands around the rows of `listing`, and the rows in their groups."""
    counts, latest = count_tabs(actor, now)
    call_on = find_call_on(actor) if actor.may(Permission.MISSED_CALLS_WORK) else None
    lines = lines_of(actor, listing.rows, now, is_free=call_on is None)
    return Queue(
        tabs=[
            (str(label), address("missed_calls.index", {"tab": tab.value}), filters.tab is tab, counts[tab])
            for tab, label in TABS.items()
        ],
        groups=_grouped(lines, now) if filters.tab in WORKED and listing.chosen_sort is None else [Group(None, lines)],
        call_on=call_on,
        may_work=actor.may(Permission.MISSED_CALLS_WORK),
        may_correct=actor.may(Permission.MISSED_CALLS_CORRECT),
        rest_href=_rest(filters, listing),
        news_href=address("missed_calls.news", {"since": (latest or LONG_AGO).isoformat()}),
    )


def lines_of(actor: Actor, entries: Sequence[Any], now: datetime, *, is_free: bool) -> list[Line]:
    """Rows of the list as lines; with `is_free` one may call, being on no call now."""
    tried = last_tries(actor, [entry.id for entry in entries if entry.attempts])
    may_call = is_free and actor.may(Permission.MISSED_CALLS_WORK) and actor.reference_id is not None
    return [_line(actor, entry, tried.get(entry.id), now, may_call=may_call) for entry in entries]


def _line(actor: Actor, entry: Any, tried: Any, now: datetime, *, may_call: bool) -> Line:
    waits = entry.status in WAITING_STATUSES
    is_held = entry.status == EntryStatus.CLAIMED and entry.claim_expires_at and entry.claim_expires_at > now
    is_mine = bool(is_held) and entry.claimed_by == actor.user_id
    return Line(
        entry=entry,
        due=_due(entry, now) if waits else None,
        tried=tried,
        holder=entry.claimant_name if is_held else None,
        held_until=entry.claim_expires_at if is_held else None,
        is_mine=is_mine,
        ends_soon=is_mine and entry.claim_expires_at - now < LEASE_WARNING,
        may_call=may_call and waits and (is_mine or not is_held) and entry.caller_number is not None,
    )


def _due(entry: Any, now: datetime) -> Due:
    if entry.next_attempt_at is not None:
        begun, at = entry.first_missed_at, entry.next_attempt_at
    else:
        begun, at = entry.first_missed_at, entry.sla_due_at
    whole = max(at - begun, timedelta(seconds=1))
    share = min(1.0, max(0.0, (now - begun) / whole))
    shown = round(share, 2)
    if entry.attempts:
        return Due(at, shown, "")
    return Due(at, shown, "bad" if at < now else "warn" if share >= _NEAR else "")


def _grouped(lines: Sequence[Line], now: datetime) -> list[Group]:
    """By deadline: the lines come in this order already."""

    def group(line: Line) -> int:
        if line.due is None or line.entry.attempts:
            return 2
        return 1 if line.due.at < now else 0

    headings = {0: _("Due"), 1: _("Past the target"), 2: _("Try again")}
    grouped = [(headings[key], list(found)) for key, found in groupby(lines, key=group)]
    return [Group(f"{heading} · {len(found)}", found) for heading, found in grouped]


def _rest(filters: EntryFilters, listing: Listing) -> str | None:
    """All of what is to do, by when they called, where the page shows the beginning of it."""
    if filters.tab not in WORKED or listing.count.number <= len(listing.rows) or listing.chosen_sort:
        return None
    return address("missed_calls.index", {**filters.parameters(), "sort": "-missedAt"})


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry on its own page. `call_on` is the call that one is on."""

    detail: EntryDetail
    line: Line
    call_on: Any
    may_work: bool
    may_correct: bool
    may_text: bool


def entry_page(actor: Actor, detail: EntryDetail, now: datetime) -> EntryPage:
    """What the page of an entry shows."""
    call_on = find_call_on(actor) if actor.may(Permission.MISSED_CALLS_WORK) else None
    [line] = lines_of(actor, [detail.entry], now, is_free=call_on is None)
    is_ours = actor.may(Permission.MISSED_CALLS_WORK) and actor.reference_id is not None
    may_work = is_ours and line.due is not None and (line.is_mine or line.holder is None)
    wants_texts = detail.card is None or detail.card.sms_opt_out_at is None
    return EntryPage(
        detail=detail,
        line=line,
        call_on=call_on,
        may_work=may_work,
        may_correct=actor.may(Permission.MISSED_CALLS_CORRECT) and actor.reference_id is not None,
        may_text=may_work and wants_texts and detail.entry.caller_number is not None,
    )
