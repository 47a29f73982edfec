"""Contents of the pages of the missed-call queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.db.ids import uuid7
from app.errors import LazyText
from app.lists.listing import Listing, address
from app.models import EntryStatus
from app.people.users.queries import csr_choices
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.forms import Form
from app.work.contacts.detail_queries import may_change_contact
from app.work.missed_calls.detail_queries import EntryDetail
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.forms import BlockForm, CreditForm, DismissForm, TextForm
from app.work.missed_calls.line_page import Line, lines_of, may_work_queue
from app.work.missed_calls.order_queries import WORKED, QueueGroup
from app.work.missed_calls.queries import count_tabs
from app.work.missed_calls.rules import LEASE

TABS: Mapping[Tab, LazyText] = {
    Tab.TO_DO: _l("To do"),
    Tab.MINE: _l("Mine"),
    Tab.LATER: _l("Later"),
    Tab.DONE_TODAY: _l("Done today"),
}

#: Title and text of each tab without callers.
_NOTHING: Mapping[Tab | None, tuple[LazyText, LazyText]] = {
    None: (_l("No missed callers"), _l("Missed calls and voicemails appear here so that no caller is forgotten.")),
    Tab.TO_DO: (
        _l("No callers waiting"),
        _l("Missed calls and voicemails appear here so that no caller is forgotten."),
    ),
    Tab.MINE: (
        _l("No caller is yours"),
        _l("A caller you claim is yours for 10 minutes; one you reach, until the end of the next business day."),
    ),
    Tab.LATER: (_l("No one to call on a later day"), _l("Callers whose next attempt is on a later day appear here.")),
    Tab.DONE_TODAY: (
        _l("No callers done today"),
        _l("Callers who book, get through, are dismissed or run out of time today appear here."),
    ),
}

#: Headings of the groups of callers to call.
_GROUPS: Mapping[QueueGroup, LazyText] = {
    QueueGroup.OVERDUE_TODAY: _l("Overdue today"),
    QueueGroup.IN_TIME: _l("Due"),
    QueueGroup.TRY_AGAIN: _l("Try again now"),
    QueueGroup.OVERDUE_EARLIER: _l("Overdue earlier"),
    QueueGroup.LATER: _l("Try again later"),
}

#: A time before any missed call.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


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
    #: Title and text to show instead of rows.
    nothing: tuple[str, str]
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
    is_worked = filters.tab in WORKED and listing.chosen_sort is None
    groups = _grouped(lines, filters.tab) if is_worked else [Group(None, lines)]
    if beside is not None:
        groups = [Group(_("Currently open"), [beside.line]), *groups]
    return Queue(
        tabs=[
            (str(label), address("missed_calls.index", {"tab": tab.value}), filters.tab is tab, counts[tab])
            for tab, label in TABS.items()
        ],
        groups=groups,
        nothing=_nothing(filters.tab, counts),
        opened=opened,
        may_work=actor.may(Permission.MISSED_CALLS_WORK),
        may_correct=actor.may(Permission.MISSED_CALLS_CORRECT),
        rest_href=_rest(filters, listing),
        changes_href=changes_url(listing, latest or LONG_AGO, beside),
    )


def _nothing(tab: Tab | None, counts: Mapping[Tab, int]) -> tuple[str, str]:
    """Return what is true of a tab without callers."""
    later = counts[Tab.LATER]
    if tab is Tab.TO_DO and later:
        words = ngettext("%(num)s caller is due on a later day.", "%(num)s callers are due on a later day.", later)
        return _("No one left to call today"), words
    title, text = _NOTHING[tab]
    return str(title), str(text)


def changes_url(listing: Listing, since: datetime, beside: "EntryPage | None") -> str:
    """Return the address that the page polls for changes to its rows and for callers added after `since`.

    `beside` is the open entry if it is not in the list; it stays, whatever the filters match.
    """
    sort = {"sort": listing.chosen_sort} if listing.chosen_sort else {}
    opened = {"open": str(beside.line.entry.id)} if beside else {}
    return address("missed_calls.news", {**listing.filters.parameters(), **sort, **opened, "since": since.isoformat()})


def _grouped(lines: Sequence[Line], tab: Tab | None) -> list[Group]:
    """Group lines that are in the order in which to call them."""
    headings = {**_GROUPS, QueueGroup.LATER: _l("Follow up later")} if tab is Tab.MINE else _GROUPS
    grouped = [(key, list(found)) for key, found in groupby(lines, key=lambda line: QueueGroup(line.entry.queue_group))]
    return [Group(f"{headings[key]} · {len(found)}", found) for key, found in grouped]


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
    may_release: bool
    may_text: bool
    may_book: bool
    #: True if the contact has no name or address and the said one can become theirs.
    may_use_name: bool
    may_use_address: bool
    #: Elapsed share of the user's own lease, from 0 to 1; None without one, and for a longer claim.
    lease: float | None
    forms: Mapping[str, Form]


def entry_page(actor: Actor, detail: EntryDetail, now: datetime, submitted: Form | None = None) -> EntryPage:
    """Return the template context of an entry; `submitted` is a refused form, shown in place of a new one."""
    [line] = lines_of(actor, [detail.entry], now)
    card = detail.card
    may_work = may_work_queue(actor) and line.due is not None and (line.is_mine or line.holder is None)
    # If a text was refused because another one is waiting, its form is shown again with what was typed.
    is_free = line.text is None or isinstance(submitted, TextForm)
    may_change = card is not None and may_change_contact(actor, card.id)
    may_correct = actor.may(Permission.MISSED_CALLS_CORRECT) and actor.reference_id is not None
    wants_texts = detail.card is None or detail.card.sms_opt_out_at is None
    return EntryPage(
        detail=detail,
        line=line,
        may_work=may_work,
        may_correct=may_correct,
        may_release=line.is_mine or (may_correct and line.reached is not None),
        may_text=may_work and wants_texts and is_free and detail.entry.caller_number is not None,
        may_use_name=may_change and card is not None and not card.full_name,
        may_use_address=may_change and card is not None and not card.address_line_1,
        may_book=may_work and actor.may(Permission.APPOINTMENTS_WRITE),
        lease=_lease(line, now),
        forms=_forms(actor, detail, submitted),
    )


def _lease(line: Line, now: datetime) -> float | None:
    if not line.is_mine or line.reached or line.held_until is None or line.held_until > now + LEASE:
        return None
    return 1 - (line.held_until - now) / LEASE


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
