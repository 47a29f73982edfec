"""Queries for the missed-call queue."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db.conditions import is_any_of, is_part_of_moment
from app.db.joins import refers_to
from app.db.lists import ListQuery
from app.db.paging import PAGE_SIZE, Selection, Sort, count_rows, newest_or_oldest_first
from app.extensions import db
from app.models import (
    WAITING_STATUSES,
    AttemptResult,
    Call,
    ContactCard,
    EntryStatus,
    MissedCallAttempt,
    MissedCallEntry,
    User,
)
from app.periods import Span, span_of, today_of
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.scope import restrict, unscoped
from app.work.contacts.queries import is_of_contact
from app.work.missed_calls.filters import EntryDate, EntryFilters, Tab
from app.work.missed_calls.order_queries import WORKED, order_for, queue_order

_Claimant = aliased(User, name="claimant")

WAITING = WAITING_STATUSES

#: Columns that the period filter applies to.
MOMENTS: Mapping[EntryDate, InstrumentedAttribute[Any]] = {
    EntryDate.MISSED: MissedCallEntry.first_missed_at,
    EntryDate.RESOLVED: MissedCallEntry.resolved_at,
}

#: Columns that the CSR filter applies to: the lead's CSR at the time of each of the `MOMENTS`.
CREDITED: Mapping[EntryDate, InstrumentedAttribute[Any]] = {
    EntryDate.MISSED: MissedCallEntry.csr_id,
    EntryDate.RESOLVED: MissedCallEntry.resolved_csr_id,
}

SORTS = (
    *newest_or_oldest_first("missedAt", MissedCallEntry.first_missed_at, MissedCallEntry.id),
    Sort(
        "dueAt",
        MissedCallEntry.sla_due_at,
        MissedCallEntry.id,
        descending=False,
        value_of=lambda entry: entry.sla_due_at,
    ),
)


def sorts_for(filters: EntryFilters) -> tuple[Sort, ...]:
    """Return the sort orders: by default the newest first, and in the tabs that are worked the earliest deadline."""
    return (SORTS[-1], *SORTS[:-1]) if filters.tab in WORKED else SORTS


def entry_list(
    actor: Actor, filters: EntryFilters, now: datetime | None = None, *, among: Sequence[UUID] | None = None
) -> ListQuery:
    """Return the entries that `actor` can see and that match `filters`, limited to the ids `among` if given."""
    now = now or datetime.now(UTC)
    conditions = entry_conditions(filters, actor, span_of(filters, actor, now), now)
    if among is not None:
        conditions.append(is_any_of(MissedCallEntry.id, among))
    return _entries.narrowed(actor, filters, conditions, now)


def entry_rows(actor: Actor, conditions: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    """Return the entries that match `conditions`, with the columns of the list, at most one page of them."""
    return _entries.rows(actor, conditions).fetch("few", lambda selection: selection.limit(PAGE_SIZE))


def list_next_due(actor: Actor, now: datetime, size: int) -> Sequence[Any]:
    """Return the first `size` entries to be called, in the order in which to call them."""
    return entry_list(actor, EntryFilters(tab=Tab.TO_DO), now).page(size=size).rows


def count_since(actor: Actor, since: datetime) -> int:
    """Return the number of waiting entries that were created after `since`."""
    new = MissedCallEntry.created_at > since
    waiting = _entries.ids(actor, [is_any_of(MissedCallEntry.status, WAITING), new])
    return count_rows(db.session, waiting).number


def next_unclaimed(actor: Actor, now: datetime) -> Select[MissedCallEntry]:
    """Return the query that locks the entry to call next.

    It leaves out entries that are claimed or whose next attempt is due later, and skips locked rows, so that two users
    who ask at the same time get different entries.
    """
    waiting = restrict(select(MissedCallEntry), MissedCallEntry, actor).where(
        *entry_conditions(EntryFilters(tab=Tab.TO_DO), actor, None, now),
        or_(MissedCallEntry.status == EntryStatus.OPEN, MissedCallEntry.claim_expires_at <= now),
        or_(MissedCallEntry.next_attempt_at.is_(None), MissedCallEntry.next_attempt_at <= now),
    )
    order = queue_order(actor, now)
    first = waiting.order_by(*order.by).limit(1).params(**order.values)
    return first.with_for_update(skip_locked=True, key_share=True)


def count_tabs(actor: Actor, now: datetime) -> tuple[Mapping[Tab, int], datetime | None]:
    """Return the number of entries by tab, and the time the latest waiting one was created, None if there is none."""
    today = today_of(actor.timezone, now)
    [row] = _tab_counts.rows(actor, tab_now=now, day_start=today.start, day_end=today.end)
    return dict(zip(Tab, row[:-1], strict=True)), row[-1]


@compiled_query
def _tab_counts(actor: Actor) -> Selection:
    """Return the query for the counts, which only reads waiting entries and those that ended today."""
    now, start, end = (bindparam(name, type_=DateTime(timezone=True)) for name in ("tab_now", "day_start", "day_end"))
    waits = is_any_of(MissedCallEntry.status, WAITING)
    ended = MissedCallEntry.resolved_at >= start
    counted = (func.count().filter(and_(*_tab_conditions(tab, actor, now, start, end))) for tab in Tab)
    latest = func.max(MissedCallEntry.created_at).filter(waits)
    return restrict(select(*counted, latest), MissedCallEntry, actor).where(or_(waits, ended))


def _tab_conditions(tab: Tab, actor: Actor, now: Any, start: Any, end: Any) -> list[ColumnElement[bool]]:
    waits = is_any_of(MissedCallEntry.status, WAITING)
    is_later = and_(MissedCallEntry.next_attempt_at.is_not(None), MissedCallEntry.next_attempt_at >= end)
    match tab:
        case Tab.TO_DO:
            return [waits, not_(is_later)]
        case Tab.MINE:
            return [waits, MissedCallEntry.claimed_by == actor.user_id, MissedCallEntry.claim_expires_at > now]
        case Tab.LATER:
            return [waits, is_later]
        case Tab.DONE_TODAY:
            return [not_(waits), MissedCallEntry.resolved_at >= start, MissedCallEntry.resolved_at < end]


def entry_conditions(
    filters: EntryFilters, actor: Actor, span: Span | None, now: datetime
) -> list[ColumnElement[bool]]:
    """Return the SQL conditions for `filters` and for `span`, the period that they name."""
    found: list[ColumnElement[bool]] = []
    if filters.tab is not None:
        today = today_of(actor.timezone, now)
        found += _tab_conditions(filters.tab, actor, now, today.start, today.end)
    if filters.q:
        found.append(is_of_contact(MissedCallEntry.contact_card_id, filters.q))
    if span is not None:
        moment = MOMENTS[filters.date_of]
        found += [moment >= span.start, moment < span.end]
    if filters.status:
        found.append(is_any_of(MissedCallEntry.status, filters.status))
    if filters.rescued_by is not None:
        found.append(MissedCallEntry.rescued_by == filters.rescued_by)
    if filters.rescuer is not None:
        found.append(MissedCallEntry.rescued_by_user_id == actor.user_id)
    if filters.csr is not None:
        found.append(matches_person(CREDITED[filters.date_of], filters.csr, actor))
    local = func.timezone(actor.timezone, MissedCallEntry.first_missed_at)
    if filters.hour is not None:
        found.append(is_part_of_moment("hour", local, filters.hour))
    if filters.weekday is not None:
        found.append(is_part_of_moment("isodow", local, filters.weekday))
    waits = is_any_of(MissedCallEntry.status, WAITING)
    late = and_(waits, MissedCallEntry.attempts == 0, MissedCallEntry.sla_due_at < now)
    asked = (
        (late, filters.overdue),
        (MissedCallEntry.attempts > 0, filters.attempted),
        (_was_tried_in_time(actor), filters.in_time),
        (_was_reached(actor), filters.reached),
    )
    found += [condition if wanted else not_(condition) for condition, wanted in asked if wanted is not None]
    return found


def _was_tried_in_time(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the first attempt was made by the deadline.

    It tests for any attempt by the deadline, so that the index on the attempts of each entry can be used.
    """
    attempts = unscoped(select(MissedCallAttempt.id), why="filters entries that are scoped; no attempt is returned")
    in_time = attempts.where(
        MissedCallAttempt.organization_id == actor.organization_id,
        MissedCallAttempt.entry_id == MissedCallEntry.id,
        MissedCallAttempt.at <= MissedCallEntry.sla_due_at,
    )
    return and_(MissedCallEntry.attempts > 0, in_time.correlate(MissedCallEntry).exists())


def _was_reached(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an attempt reached the caller."""
    attempts = unscoped(select(MissedCallAttempt.id), why="filters entries that are scoped; no attempt is returned")
    # A single equality per entry, so that the planner can also read the attempts once, for many entries.
    reached = attempts.where(
        MissedCallAttempt.organization_id == actor.organization_id,
        MissedCallAttempt.entry_id == MissedCallEntry.id,
        MissedCallAttempt.result == AttemptResult.REACHED,
    )
    return and_(MissedCallEntry.attempts > 0, reached.correlate(MissedCallEntry).exists())


_ROW = (
    select(
        MissedCallEntry.id,
        MissedCallEntry.status,
        MissedCallEntry.first_missed_at,
        MissedCallEntry.sla_due_at,
        MissedCallEntry.attempts,
        MissedCallEntry.next_attempt_at,
        MissedCallEntry.version,
        MissedCallEntry.contact_card_id,
        MissedCallEntry.claim_expires_at,
        MissedCallEntry.claimed_by,
        MissedCallEntry.rescued_by,
        MissedCallEntry.resolved_at,
        Call.caller_number,
        Call.topic,
        Call.status.label("call_status"),
        ContactCard.display_name.label("contact_name"),
        _Claimant.name.label("claimant_name"),
    )
    .join(Call, refers_to(Call, MissedCallEntry, MissedCallEntry.call_id))
    .outerjoin(
        ContactCard,
        refers_to(ContactCard, MissedCallEntry, MissedCallEntry.contact_card_id),
    )
    .outerjoin(
        _Claimant,
        refers_to(_Claimant, MissedCallEntry, MissedCallEntry.claimed_by),
    )
    .execution_options(include_deleted=True)
)


_entries = ListOf(
    MissedCallEntry,
    _ROW,
    narrow=lambda filters, actor, now: entry_conditions(filters, actor, span_of(filters, actor, now), now),
    sorts=SORTS,
    links=((MissedCallEntry.call_id, Call),),
    sorts_for=sorts_for,
    order_for=order_for,
)
