"""Reading the missed-call queue."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.db.lists import ListQuery
from app.db.paging import newest_or_oldest_first
from app.missed_calls.filters import EntryDate, EntryFilters
from app.models import Call, ContactCard, EntryStatus, Lead, MissedCallEntry, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.scope import restrict, visible_id

_Claimant = aliased(User, name="claimant")

WAITING = (EntryStatus.OPEN, EntryStatus.CLAIMED)

SORTS = newest_or_oldest_first("missedAt", MissedCallEntry.first_missed_at, MissedCallEntry.id)


def entry_list(actor: Actor, filters: EntryFilters, now: datetime | None = None) -> ListQuery:
    """The queue entries that `actor` may see and `filters` keep."""
    now = now or datetime.now(UTC)
    conditions = entry_conditions(filters, actor, span_of(filters, actor, now), now)
    row = _ROW.add_columns(visible_id(MissedCallEntry.call_id, Call, actor))
    return ListQuery(
        rows=restrict(row, MissedCallEntry, actor).where(*conditions),
        matching=restrict(select(MissedCallEntry.id), MissedCallEntry, actor).where(*conditions),
        sorts=SORTS,
        filters=filters,
    )


def entry_conditions(
    filters: EntryFilters, actor: Actor, span: Span | None, now: datetime
) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = []
    if span is not None:
        resolved = filters.date_of is EntryDate.RESOLVED
        moment = MissedCallEntry.resolved_at if resolved else MissedCallEntry.first_missed_at
        found += [moment >= span.start, moment < span.end]
    if filters.status:
        found.append(MissedCallEntry.status.in_(filters.status))
    if filters.rescued_by is not None:
        found.append(MissedCallEntry.rescued_by == filters.rescued_by)
    if filters.csr is not None:
        credited = select(Lead.id).where(
            Lead.organization_id == actor.organization_id, Lead.csr_id == filters.csr, Lead.deleted_at.is_(None)
        )
        found.append(MissedCallEntry.lead_id.in_(credited))
    if filters.overdue is not None:
        late = and_(
            MissedCallEntry.status.in_(WAITING), MissedCallEntry.attempts == 0, MissedCallEntry.sla_due_at < now
        )
        found.append(late if filters.overdue else ~late)
    return found


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
        ContactCard.full_name.label("contact_name"),
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
