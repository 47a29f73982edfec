"""What the pages of the missed-call queue show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.errors import Sentence
from app.lists.listing import Listing, address
from app.models import WAITING_STATUSES, EntryStatus
from app.people.users.queries import csr_choices
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.forms import Form
from app.work.missed_calls.detail_queries import EntryDetail, last_tries, waiting_texts
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.forms import BlockForm, CreditForm, DismissForm, TextForm
from app.work.missed_calls.queries import WORKED, count_tabs
from app.work.missed_calls.rules import LEASE, LEASE_WARNING

TABS: Mapping[Tab, Sentence] = {
    Tab.TO_DO: _l("To do"),
    Tab.MINE: _l("Mine"),
    Tab.LATER: _l("Later"),
    Tab.DONE_TODAY: _l("Done today"),
}

#: Within it, times are told as minutes from now.
_BY_THE_MINUTE = timedelta(hours=1)

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
    #: The text that waits to be sent to them, and whether the reader may cancel it or say that it is sent.
    text: Any
    may_settle_text: bool
    #: Differs where the row would look otherwise.
    state: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines below each other; without a heading where the list is not one of what is to do."""

    heading: str | None
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as somebody works it."""

    tabs: Sequence[tuple[str, str, bool, int]]
    groups: Sequence[Group]
    #: The entry that is open in its place, None if none.
    opened: "EntryPage | None"
    may_work: bool
    may_correct: bool
    rest_href: str | None
    #: What has come since, for a page that stays open.
    news_href: str


def queue_page(
    actor: Actor, filters: EntryFilters, listing: Listing, now: datetime, opened: "EntryPage | None" = None
) -> Queue:
    """What stands around the rows of `listing`, and the rows in their groups.

    `opened` comes first where it is none of them.
    """
    counts, latest = count_tabs(actor, now)
    lines = lines_of(actor, listing.rows, now)
    beside = opened if opened and all(line.entry.id != opened.line.entry.id for line in lines) else None
    groups = _grouped(lines, now) if filters.tab in WORKED and listing.chosen_sort is None else [Group(None, lines)]
    if beside is not None:
        groups = [Group(_("Open"), [beside.line]), *groups]
    return Queue(
        tabs=[
            (str(label), address("missed_calls.index", {"tab": tab.value}), filters.tab is tab, counts[tab])
            for tab, label in TABS.items()
        ],
        groups=groups,
        opened=opened,
        may_work=actor.may(Permission.MISSED_CALLS_WORK),
        may_correct=actor.may(Permission.MISSED_CALLS_CORRECT),
        rest_href=_rest(filters, listing),
        news_href=news_address(listing, latest or LONG_AGO, beside),
    )


def news_address(listing: Listing, since: datetime, beside: "EntryPage | None") -> str:
    """Where the page asks how its rows stand now, which it names, and who has come `since`.

    `beside` is the entry that is open though the list has not got it: it stays, whatever the filters keep.
    """
    sort = {"sort": listing.chosen_sort} if listing.chosen_sort else {}
    opened = {"open": str(beside.line.entry.id)} if beside else {}
    return address("missed_calls.news", {**listing.filters.parameters(), **sort, **opened, "since": since.isoformat()})


def lines_of(actor: Actor, entries: Sequence[Any], now: datetime) -> list[Line]:
    """Rows of the list as lines. Whoever is on a call calls nobody else."""
    tried = last_tries(actor, [entry.id for entry in entries if entry.attempts])
    texts = waiting_texts(actor, [entry.id for entry in entries])
    return [_line(actor, entry, tried.get(entry.id), texts.get(entry.id), now) for entry in entries]


def _may_work(actor: Actor) -> bool:
    return actor.may(Permission.MISSED_CALLS_WORK) and actor.reference_id is not None


def _line(actor: Actor, entry: Any, tried: Any, text: Any, now: datetime) -> Line:
    waits = entry.status in WAITING_STATUSES
    is_held = entry.status == EntryStatus.CLAIMED and entry.claim_expires_at and entry.claim_expires_at > now
    is_mine = bool(is_held) and entry.claimed_by == actor.user_id
    ends_soon = is_mine and entry.claim_expires_at - now < LEASE_WARNING
    is_free = _may_work(actor) and (is_mine or not is_held)
    may_call = is_free and waits and actor.call_on is None and entry.caller_number is not None
    may_settle_text = is_free and text is not None
    of_text = f"{text.id}{may_settle_text:d}" if text else ""
    due = _due(entry, now) if waits else None
    until = f"{entry.claim_expires_at:%H%M}" if is_held else ""  # as a row says it
    return Line(
        entry=entry,
        due=due,
        tried=tried,
        holder=entry.claimant_name if is_held else None,
        held_until=entry.claim_expires_at if is_held else None,
        is_mine=is_mine,
        ends_soon=ends_soon,
        may_call=may_call,
        text=text,
        may_settle_text=may_settle_text,
        state=f"{entry.version}-{until}-{ends_soon:d}{may_call:d}-{_minutes(due, now)}-{of_text}",
    )


def _minutes(due: Due | None, now: datetime) -> int | str:
    """Until somebody is to be called or since then, where the row says so by the minute."""
    left = due.at - now if due else _BY_THE_MINUTE
    return int(left.total_seconds() // 60) if abs(left) < _BY_THE_MINUTE else ""


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
    """One entry on its own page, or open in the list. `forms`: text, dismiss, block, credit."""

    detail: EntryDetail
    line: Line
    may_work: bool
    may_correct: bool
    may_text: bool
    may_book: bool
    #: How much of the lease is over, 0 to 1, where it is one's own.
    lease: float | None
    forms: Mapping[str, Form]


def entry_page(actor: Actor, detail: EntryDetail, now: datetime, submitted: Form | None = None) -> EntryPage:
    """What the page of an entry shows; a form that was refused stands in the place of its own."""
    [line] = lines_of(actor, [detail.entry], now)
    may_work = _may_work(actor) and line.due is not None and (line.is_mine or line.holder is None)
    # A form that was refused because one waits comes back with what was typed.
    is_free = line.text is None or isinstance(submitted, TextForm)
    wants_texts = detail.card is None or detail.card.sms_opt_out_at is None
    return EntryPage(
        detail=detail,
        line=line,
        may_work=may_work,
        may_correct=actor.may(Permission.MISSED_CALLS_CORRECT) and actor.reference_id is not None,
        may_text=may_work and wants_texts and is_free and detail.entry.caller_number is not None,
        may_book=may_work and actor.may(Permission.APPOINTMENTS_WRITE),
        lease=1 - (line.held_until - now) / LEASE if line.is_mine and line.held_until else None,
        forms=_forms(actor, detail, submitted),
    )


def _forms(actor: Actor, detail: EntryDetail, submitted: Form | None) -> Mapping[str, Form]:
    stored = detail.stored
    forms: dict[str, Form] = {
        "text": TextForm.new(
            body=_(
                "Hello, this is %(company)s. We missed your call. When may we call you back?",
                company=actor.organization_name,
            )
        ),
        "dismiss": DismissForm(formdata=None, version=stored.version),
        "block": BlockForm(formdata=None, row_id=str(uuid7())),
    }
    if stored.status == EntryStatus.RESCUED and actor.may(Permission.MISSED_CALLS_CORRECT):
        credit = forms["credit"] = CreditForm(
            formdata=None,
            rescued_by=stored.rescued_by or "",
            user_id=str(stored.rescued_by_user_id or ""),
            version=stored.version,
        )
        credit.offer(csr_choices(actor))
    return forms | {name: submitted for name, form in forms.items() if type(form) is type(submitted)}
