"""Reading the missed-call queue."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, Select, and_, bindparam, extract, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db.conditions import is_any_of, is_part_of_moment
from app.db.filters import NOBODY, Person
from app.db.joins import refers_to
from app.db.lists import ListQuery
from app.db.paging import Selection, newest_or_oldest_first
from app.models import (
    WAITING_STATUSES,
    AttemptResult,
    Call,
    ContactCard,
    Lead,
    MissedCallAttempt,
    MissedCallEntry,
    User,
)
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.kept_selections import kept_selection
from app.security.people import matches_person
from app.security.scope import restrict, unscoped, visible_id
from app.work.contacts.queries import is_of_contact
from app.work.missed_calls.filters import EntryDate, EntryFilters

_Claimant = aliased(User, name="claimant")

WAITING = WAITING_STATUSES

#: What a period of entries is about.
MOMENTS: Mapping[EntryDate, InstrumentedAttribute[Any]] = {
    EntryDate.MISSED: MissedCallEntry.first_missed_at,
    EntryDate.RESOLVED: MissedCallEntry.resolved_at,
}

SORTS = newest_or_oldest_first("missedAt", MissedCallEntry.first_missed_at, MissedCallEntry.id)


def entry_list(actor: Actor, filters: EntryFilters, now: datetime | None = None) -> ListQuery:
    """The queue entries that `actor` may see and `filters` keep."""
    now = now or datetime.now(UTC)
    conditions = entry_conditions(filters, actor, span_of(filters, actor, now), now)
    return ListQuery(
        rows=_rows.where(actor, conditions), matching=_ids.where(actor, conditions), sorts=SORTS, filters=filters
    )


@kept_selection
def _rows(actor: Actor) -> Selection:
    return restrict(_ROW.add_columns(visible_id(MissedCallEntry.call_id, Call, actor)), MissedCallEntry, actor)


@kept_selection
def _ids(actor: Actor) -> Selection:
    return restrict(select(MissedCallEntry.id), MissedCallEntry, actor)


def list_next_due(actor: Actor, now: datetime, size: int) -> Sequence[Any]:
    """The entries that wait, as whoever calls back should take them: untried ones whose deadline is still to come, the
    soonest first; then those whose deadline has passed, the latest first; those that were tried last.
    """

    def finish(selection: Selection) -> Selection:
        at: Any = bindparam("due_now", type_=DateTime(timezone=True))
        distance = func.abs(extract("epoch", MissedCallEntry.sla_due_at - at))
        is_tried, is_late = MissedCallEntry.attempts > 0, MissedCallEntry.sla_due_at < at
        ordered = selection.order_by(is_tried, is_late, distance, MissedCallEntry.id)
        return ordered.limit(bindparam("due_rows", type_=Integer()))

    waiting = _rows.where(actor, entry_conditions(EntryFilters(status=WAITING), actor, None, now))
    return waiting.fetch("next due", finish, due_now=now, due_rows=size)


def entry_conditions(
    filters: EntryFilters, actor: Actor, span: Span | None, now: datetime
) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = []
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
        found.append(_credited(filters.csr, actor))
    if filters.hour is not None:
        local = func.timezone(actor.timezone, MissedCallEntry.first_missed_at)
        found.append(is_part_of_moment("hour", local, filters.hour))
    waits = is_any_of(MissedCallEntry.status, WAITING)
    late = and_(waits, MissedCallEntry.attempts == 0, MissedCallEntry.sla_due_at < now)
    asked = (
        (late, filters.overdue),
        (MissedCallEntry.attempts > 0, filters.attempted),
        (_was_reached(actor), filters.reached),
    )
    found += [condition if wanted else not_(condition) for condition, wanted in asked if wanted is not None]
    return found


def _credited(csr: Person, actor: Actor) -> ColumnElement[bool]:
    """Whether the entry's lead is credited to this CSR; to nobody where there is no lead, or none any more."""
    if isinstance(csr, str) and csr == NOBODY:  # and not the place of somebody's id in a statement that is kept
        return MissedCallEntry.lead_id.is_(None) | MissedCallEntry.lead_id.not_in(
            _leads(actor).where(Lead.csr_id.is_not(None))
        )
    return MissedCallEntry.lead_id.in_(_leads(actor).where(matches_person(Lead.csr_id, csr, actor)))


def _leads(actor: Actor) -> Select[UUID]:
    leads = unscoped(select(Lead.id), why="narrows entries that are scoped, and shows no lead")
    return leads.where(Lead.organization_id == actor.organization_id, Lead.deleted_at.is_(None))


def _was_reached(actor: Actor) -> ColumnElement[bool]:
    """Read once for all entries; with EXISTS the planner looks for the attempts of each of them."""
    attempts = unscoped(select(MissedCallAttempt.entry_id), why="narrows entries that are scoped, and shows no attempt")
    reached = attempts.where(
        MissedCallAttempt.organization_id == actor.organization_id, MissedCallAttempt.result == AttemptResult.REACHED
    )
    return MissedCallEntry.id.in_(reached)


_ROW = (
    select(
        MissedCallEntry.id,
        MissedCallEntry.status,
        MissedCallEntry.first_missed_at,
        MissedCallEntry.sla_due_at,
        MissedCallEntry.attempts,
        MissedCallEntry.claim_expires_at,
        MissedCallEntry.claimed_by,
        MissedCallEntry.rescued_by,
        MissedCallEntry.resolved_at,
        Call.caller_number,
        Call.topic,
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
