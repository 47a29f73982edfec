"""Queries for disputes about booking statuses."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.db.paging import Selection, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import BookingDispute, Call, ContactCard, DisputeStatus, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.rows import find_row, get_row
from app.security.scope import unscoped, visible
from app.work.disputes.filters import DisputeFilters

SORTS = newest_or_oldest_first("raisedAt", BookingDispute.created_at, BookingDispute.id)

_Raiser = aliased(User, name="raiser")
_Decider = aliased(User, name="decider")
# An alias, because the scope also queries the call.
_Disputed = aliased(Call, name="disputed_call")


def dispute_conditions(filters: DisputeFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """Translate `filters` to SQL. The span is the period in which disputes were raised."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(BookingDispute.status == filters.status)
    if filters.from_status is not None:
        found.append(BookingDispute.from_status == filters.from_status)
    if filters.to_status is not None:
        found.append(BookingDispute.to_status == filters.to_status)
    if filters.csr is not None:
        found.append(matches_person(BookingDispute.raised_by, filters.csr, actor))
    if span is not None:
        found += [BookingDispute.created_at >= span.start, BookingDispute.created_at < span.end]
    return found


def find_open_dispute(actor: Actor, call_id: UUID) -> BookingDispute | None:
    """Return the open dispute of a call, or None."""
    open_one = visible(BookingDispute, actor).where(
        BookingDispute.call_id == call_id, BookingDispute.status == DisputeStatus.OPEN
    )
    return db.session.scalar(open_one)


def find_dispute(actor: Actor, dispute_id: UUID) -> BookingDispute | None:
    """Return a dispute visible to `actor`, or None."""
    return find_row(actor, BookingDispute, dispute_id)


def get_dispute(actor: Actor, dispute_id: UUID, *, lock: bool = False) -> BookingDispute:
    """Return a dispute. Raises NotFound. With `lock`, its row is locked until the end of the transaction."""
    return get_row(actor, BookingDispute, dispute_id, named="booking_dispute", lock=lock)


def list_concerned(dispute: BookingDispute, csr_id: UUID | None) -> Sequence[User]:
    """Return the users to notify of a decision: the person who raised the dispute, and the CSR of the call."""
    ids = {one for one in (dispute.raised_by, csr_id) if one is not None}
    people = unscoped(select(User), why="recipients of a notification about the decision")
    return db.session.scalars(people.where(User.organization_id == dispute.organization_id, User.id.in_(ids))).all()


#: Columns of a row in the list. Deleted users and contacts are still named.
_ROW: Selection = (
    select(
        BookingDispute.id,
        BookingDispute.version,
        BookingDispute.call_id,
        BookingDispute.created_at,
        BookingDispute.from_status,
        BookingDispute.to_status,
        BookingDispute.reason,
        BookingDispute.status,
        BookingDispute.decided_at,
        BookingDispute.decision_note,
        func.coalesce(_Raiser.name, BookingDispute.raised_by_label).label("raised_by_name"),
        func.coalesce(_Decider.name, BookingDispute.decided_by_label).label("decided_by_name"),
        _Disputed.booking_status.label("call_status"),
        func.coalesce(ContactCard.display_name, _Disputed.caller_number, _Disputed.called_number).label("call_name"),
    )
    .join(_Disputed, refers_to(_Disputed, BookingDispute, BookingDispute.call_id))
    .outerjoin(ContactCard, refers_to(ContactCard, _Disputed, _Disputed.contact_card_id))
    .outerjoin(_Raiser, refers_to(_Raiser, BookingDispute, BookingDispute.raised_by))
    .outerjoin(_Decider, refers_to(_Decider, BookingDispute, BookingDispute.decided_by))
    .execution_options(**{INCLUDE_DELETED: True})
)


#: Disputes visible to the actor that match the filters.
dispute_list = ListOf(
    BookingDispute,
    _ROW,
    narrow=lambda filters, actor, now: dispute_conditions(filters, actor, span_of(filters, actor, now)),
    sorts=SORTS,
)
