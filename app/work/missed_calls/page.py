"""Contents of the pages of the missed-call queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.errors import LazyText
from app.lists.listing import Listing, address
from app.models import WAITING_STATUSES, EntryStatus
from app.people.users.queries import csr_choices
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.forms import Form
from app.work.contacts.detail_queries import may_change_contact
from app.work.missed_calls.detail_queries import EntryDetail, last_tries, waiting_texts
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.forms import BlockForm, CreditForm, DismissForm, TextForm
from app.work.missed_calls.order_queries import WORKED, QueueGroup
from app.work.missed_calls.queries import count_tabs
from app.work.missed_calls.rules import LEASE, LEASE_WARNING
from app.work.missed_calls.words_queries import last_words

TABS: Mapping[Tab, LazyText] = {
    Tab.TO_DO: _l("To do"),
    Tab.MINE: _l("Mine"),
    Tab.LATER: _l("Later"),
    Tab.DONE_TODAY: _l("Done today"),
}

#: Headings of the groups of callers to call.
_GROUPS: Mapping[QueueGroup, LazyText] = {
    QueueGroup.OVERDUE_TODAY: _l("Overdue today"),
    QueueGroup.IN_TIME: _l("Due"),
    QueueGroup.TRY_AGAIN: _l("Try again now"),
    QueueGroup.OVERDUE_EARLIER: _l("Overdue earlier"),
    QueueGroup.LATER: _l("Try again later"),
}

#: Times within this are shown in minutes from now.
_BY_THE_MINUTE = timedelta(hours=1)

#: A time before any missed call.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

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
class Line:
    """An entry as a row of the queue.

    `due` is None if the caller is no longer waiting; `holder` has the claim until `held_until`; `is_mine` is whether it
    is the user's own, and `ends_soon` whether it should be renewed.
    """

    entry: Any
    due: Due | None
    tried: Any
    #: The call that tells why they called (`words_queries.last_words`), None if there is none.
    heard: Any
    holder: str | None
    held_until: datetime | None
    is_mine: bool
    ends_soon: bool
    may_call: bool
    #: The text message waiting to be sent, and whether the user can cancel it or mark it as sent.
    text: Any
    may_settle_text: bool
    #: Changes whenever the row would look different.
    state: str


@dataclass(frozen=True, slots=True)
class Group:
    """Consecutive lines of the list.

    `heading` is None if the list isn't grouped by deadline.
    """

    heading: str | None
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Queue:
    """Template context of the queue's page."""

    tabs: Sequence[tuple[str, str, bool, int]]
    groups: Sequence[Group]
    #: The open entry, None if there is none.
    opened: "EntryPage | None"
    may_work: bool
    may_correct: bool
    rest_href: str | None
    #: Address for polling changes while the page is open.
    changes_href: str


def queue_page(
    actor: Actor, filters: EntryFilters, listing: Listing, now: datetime, opened: "EntryPage | None" = None
) -> Queue:
    """Return the template context for the rows of `listing`.

    `opened` comes first if it is not one of the rows.
    """
    counts, latest = count_tabs(actor, now)
    lines = lines_of(actor, listing.rows, now)
    beside = opened if opened and all(line.entry.id != opened.line.entry.id for line in lines) else None
    groups = _grouped(lines) if filters.tab in WORKED and listing.chosen_sort is None else [Group(None, lines)]
    if beside is not None:
        groups = [Group(_("Currently open"), [beside.line]), *groups]
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
        changes_href=changes_url(listing, latest or LONG_AGO, beside),
    )


def changes_url(listing: Listing, since: datetime, beside: "EntryPage | None") -> str:
    """Return the address that the page polls for changes to its rows and for callers added after `since`.

    `beside` is the open entry if it is not in the list; it stays, whatever the filters match.
    """
    sort = {"sort": listing.chosen_sort} if listing.chosen_sort else {}
    opened = {"open": str(beside.line.entry.id)} if beside else {}
    return address("missed_calls.news", {**listing.filters.parameters(), **sort, **opened, "since": since.isoformat()})


def lines_of(actor: Actor, entries: Sequence[Any], now: datetime) -> list[Line]:
    """Return the entries as lines of the queue, with their words, last attempts and waiting texts."""
    tried = last_tries(actor, [entry.id for entry in entries if entry.attempts])
    texts = waiting_texts(actor, [entry.id for entry in entries])
    heard = last_words(actor, [entry.id for entry in entries])
    return [
        _line(actor, entry, tried.get(entry.id), texts.get(entry.id), heard.get(entry.id), now) for entry in entries
    ]


def _may_work(actor: Actor) -> bool:
    return actor.may(Permission.MISSED_CALLS_WORK) and actor.reference_id is not None


def _line(actor: Actor, entry: Any, tried: Any, text: Any, heard: Any, now: datetime) -> Line:
    waits = entry.status in WAITING_STATUSES
    is_held = entry.status == EntryStatus.CLAIMED and entry.claim_expires_at and entry.claim_expires_at > now
    is_mine = bool(is_held) and entry.claimed_by == actor.user_id
    ends_soon = is_mine and entry.claim_expires_at - now < LEASE_WARNING
    is_free = _may_work(actor) and (is_mine or not is_held)
    may_call = is_free and waits and actor.call_on is None and entry.caller_number is not None
    may_settle_text = is_free and text is not None
    of_text = f"{text.id}{may_settle_text:d}" if text else ""
    of_words = f"{heard.call_id}{heard.times}{heard.words is not None:d}" if heard else ""
    due = _due(entry, now) if waits else None
    until = f"{entry.claim_expires_at:%H%M}" if is_held else ""  # as shown in the row
    return Line(
        entry=entry,
        due=due,
        tried=tried,
        heard=heard,
        holder=entry.claimant_name if is_held else None,
        held_until=entry.claim_expires_at if is_held else None,
        is_mine=is_mine,
        ends_soon=ends_soon,
        may_call=may_call,
        text=text,
        may_settle_text=may_settle_text,
        state=f"{entry.version}-{until}-{ends_soon:d}{may_call:d}-{_minutes(due, now)}-{of_text}-{of_words}",
    )


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


def _grouped(lines: Sequence[Line]) -> list[Group]:
    """Group lines that are in the order in which to call them."""
    grouped = [(key, list(found)) for key, found in groupby(lines, key=lambda line: QueueGroup(line.entry.queue_group))]
    return [Group(f"{_GROUPS[key]} · {len(found)}", found) for key, found in grouped]


def _rest(filters: EntryFilters, listing: Listing) -> str | None:
    """Return the address of the complete list by time of call, or None if the page shows all of it."""
    if filters.tab not in WORKED or listing.count.number <= len(listing.rows) or listing.chosen_sort:
        return None
    return address("missed_calls.index", {**filters.parameters(), "sort": "-missedAt"})


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Template context of an entry, on its own page or open in the list.

    `forms` are by name: text, dismiss and block, and credit if the user can correct a rescue.
    """

    detail: EntryDetail
    line: Line
    may_work: bool
    may_correct: bool
    may_text: bool
    may_book: bool
    #: Whether the said name and address can become the contact's, which has none.
    may_use_name: bool
    may_use_address: bool
    #: Elapsed share of the user's own lease, from 0 to 1; None without one.
    lease: float | None
    forms: Mapping[str, Form]


def entry_page(actor: Actor, detail: EntryDetail, now: datetime, submitted: Form | None = None) -> EntryPage:
    """Return the template context of an entry; `submitted` is a refused form, shown in place of a new one."""
    [line] = lines_of(actor, [detail.entry], now)
    card = detail.card
    may_work = _may_work(actor) and line.due is not None and (line.is_mine or line.holder is None)
    # If a text was refused because another one is waiting, its form is shown again with what was typed.
    is_free = line.text is None or isinstance(submitted, TextForm)
    may_change = card is not None and may_change_contact(actor, card.id)
    wants_texts = detail.card is None or detail.card.sms_opt_out_at is None
    return EntryPage(
        detail=detail,
        line=line,
        may_work=may_work,
        may_correct=actor.may(Permission.MISSED_CALLS_CORRECT) and actor.reference_id is not None,
        may_text=may_work and wants_texts and is_free and detail.entry.caller_number is not None,
        may_use_name=may_change and card is not None and not card.full_name,
        may_use_address=may_change and card is not None and not card.address_line_1,
        may_book=may_work and actor.may(Permission.APPOINTMENTS_WRITE),
        lease=1 - (line.held_until - now) / LEASE if line.is_mine and line.held_until else None,
        forms=_forms(actor, detail, submitted),
    )


def _forms(actor: Actor, detail: EntryDetail, submitted: Form | None) -> Mapping[str, Form]:
    stored = detail.stored
    forms: dict[str, Form] = {
        "text": TextForm.new(
            body=_(
                "Hi, this is %(company)s. Sorry we missed your call. When’s a good time to call you back?",
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
