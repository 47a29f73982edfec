"""Conditions for a person's own rows of each resource.

They are the rows that a permission covers for roles with the extent OWN (see `app.security.matrix`). A resource
declares to whom they apply (`app.security.scope.Scope`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.models import (
    Appointment,
    AskQuestion,
    BookingDispute,
    BulkOperation,
    BusyTime,
    Calendar,
    Call,
    CallNote,
    ContactCard,
    ContactDistinction,
    ContactNote,
    DeletionBatch,
    DisputeKind,
    DisputeStatus,
    Event,
    EventAttendee,
    Export,
    Import,
    Lead,
    ListSettings,
    Message,
    MissedCallEntry,
    NoteKind,
    Notification,
    PendingAction,
    RecordingPart,
    RecordingSession,
    ReportView,
    SavedView,
    Task,
    User,
    UserSession,
)
from app.security.actor import Actor
from app.security.occupation_rules import is_sales_rep
from app.security.permissions import Permission

Predicate: TypeAlias = Callable[[Actor], ColumnElement[bool]]

# Aliases, because rows of these tables are compared with other rows of the same table.
_Call, _Claimed = aliased(Call), aliased(MissedCallEntry)
_Lead, _Visit = aliased(Lead), aliased(Appointment)
#: People who take part in a call.
_SPOKE = (_Call.csr_id, _Call.handled_by_user_id, _Call.assigned_rep_id)


def nothing(_actor: Actor) -> ColumnElement[bool]:
    """Return a condition for no rows: a person has none of their own."""
    return false()


def everything(_actor: Actor) -> ColumnElement[bool]:
    """Return a condition for all rows: even people limited to their own records elsewhere see all of them."""
    return true()


def named_in(column: Any) -> Predicate:
    """Return the condition for rows whose `column` is the actor's id."""

    def predicate(actor: Actor) -> ColumnElement[bool]:
        found: ColumnElement[bool] = column == actor.user_id
        return found

    return predicate


def calls(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for calls that the actor spoke in, is credited with, or is assigned to as a rep."""
    me = actor.user_id
    return or_(Call.csr_id == me, Call.handled_by_user_id == me, Call.assigned_rep_id == me)


def of_own_call(column: Any) -> Predicate:
    """Return the condition for rows of the actor's own calls; `column` is the call's id."""

    def predicate(actor: Actor) -> ColumnElement[bool]:
        return (
            select(Call.id)
            .where(Call.organization_id == actor.organization_id, Call.id == column, calls(actor))
            .exists()
        )

    return predicate


def disputes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for disputes that the actor raised or that are about their own calls or bookings.

    Anyone can be named as the person who booked. That makes the booking theirs only once a manager has accepted it.
    """
    me = actor.user_id
    became_theirs = and_(BookingDispute.to_csr_id == me, BookingDispute.status == DisputeStatus.ACCEPTED)
    people = (BookingDispute.raised_by, BookingDispute.from_csr_id)
    return or_(*(person == me for person in people), became_theirs, of_own_call(BookingDispute.call_id)(actor))


def disputes_of_calls(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition that hides disputes about appointments; None for those who can read all appointments."""
    if actor.sees_all(Permission.APPOINTMENTS_READ):
        return None
    return BookingDispute.kind == DisputeKind.BOOKING_STATUS


def notes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for notes that the actor wrote, and for notes about their own calls.

    Coaching notes match for their author, for the call's CSR, and for those who can read all coaching.
    """
    of_my_call = _called_about(actor)
    if actor.sees_all(Permission.COACHING_READ):
        return or_(CallNote.user_id == actor.user_id, of_my_call.where(calls(actor)).exists())
    return or_(
        CallNote.user_id == actor.user_id,
        of_my_call.where(calls(actor), CallNote.kind == NoteKind.NOTE).exists(),
        of_my_call.where(Call.csr_id == actor.user_id).exists(),
    )


def notes_without_coaching(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition that hides coaching notes; None for those who can read all coaching.

    Coaching notes stay visible to their author and to the call's CSR.
    """
    if actor.sees_all(Permission.COACHING_READ):
        return None
    return or_(
        CallNote.kind == NoteKind.NOTE,
        CallNote.user_id == actor.user_id,
        _called_about(actor).where(Call.csr_id == actor.user_id).exists(),
    )


def _called_about(actor: Actor) -> Select[UUID]:
    """Select the call that a note is about."""
    return select(Call.id).where(Call.organization_id == actor.organization_id, Call.id == CallNote.call_id)


@dataclass(frozen=True, slots=True)
class Referred:
    """Condition for rows of `model` that refer to the actor directly, or by way of rows in other tables.

    A row refers to the actor directly if one of its `columns` has the actor's id. Each of `references` is a pair of
    columns of another table: the id of the `model` row, and the id of the person. Each pair is a separate subquery, so
    that an index by person can answer it alone.
    """

    model: Any
    columns: tuple[str, ...]
    references: Callable[[Actor], Sequence[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]]]]

    def __call__(self, actor: Actor) -> ColumnElement[bool]:
        """Return the condition in a form for single rows.

        It is efficient for a known row, or for the first rows of an order.
        """
        refers = (part.where(named == self.model.id).exists() for named, part in self._parts(actor))
        return or_(*self._mine(actor), *refers)

    def counted(self, actor: Actor) -> ColumnElement[bool]:
        """Return the condition in a form that is efficient for counting.

        It combines the direct references with one set of ids from the other tables.
        """
        referred = union_all(*(part.where(named.is_not(None)) for named, part in self._parts(actor)))
        return or_(*self._mine(actor), self.model.id.in_(referred))

    def _mine(self, actor: Actor) -> list[ColumnElement[bool]]:
        return [getattr(self.model, column) == actor.user_id for column in self.columns]

    def _parts(self, actor: Actor) -> list[tuple[InstrumentedAttribute[Any], Select[Any]]]:
        return [
            (
                named,
                select(named).where(person.class_.organization_id == actor.organization_id, person == actor.user_id),
            )
            for named, person in self.references(actor)
        ]


#: Leads credited or assigned to the actor, and those of their own calls or claimed missed calls.
leads = Referred(
    Lead,
    ("csr_id", "assigned_rep_id"),
    lambda _actor: [*((_Call.lead_id, person) for person in _SPOKE), (_Claimed.lead_id, _Claimed.claimed_by)],
)


def appointments(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for appointments: for a rep those to attend, for others those they booked."""
    if is_sales_rep(actor):
        return Appointment.sales_rep_id == actor.user_id
    return Appointment.csr_id == actor.user_id


#: Contact cards that the actor created, and those of their own calls, leads, appointments or claims.
contacts = Referred(
    ContactCard,
    ("created_by",),
    lambda actor: [
        *((_Call.contact_card_id, person) for person in _SPOKE),
        *((_Lead.contact_card_id, person) for person in (_Lead.csr_id, _Lead.assigned_rep_id)),
        (_Visit.contact_card_id, _Visit.sales_rep_id if is_sales_rep(actor) else _Visit.csr_id),
        (_Claimed.contact_card_id, _Claimed.claimed_by),
    ],
)


def distinctions(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for distinctions of which the actor sees at least one of the two contacts."""
    either = or_(
        ContactCard.id == ContactDistinction.contact_card_id, ContactCard.id == ContactDistinction.other_card_id
    )
    seen = select(ContactCard.id).where(ContactCard.organization_id == actor.organization_id, either, contacts(actor))
    return seen.exists()


def contact_notes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for notes about contacts that the actor sees."""
    theirs = select(ContactCard.id).where(
        ContactCard.organization_id == actor.organization_id,
        ContactCard.id == ContactNote.contact_card_id,
        contacts(actor),
    )
    return theirs.exists()


def messages(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for messages to and from contacts that the actor sees, without those to colleagues."""
    if not actor.may(Permission.CONTACTS_READ):
        return false()
    if actor.sees_all(Permission.CONTACTS_READ):
        return Message.contact_card_id.is_not(None)
    theirs = select(ContactCard.id).where(
        ContactCard.organization_id == actor.organization_id, ContactCard.id == Message.contact_card_id, contacts(actor)
    )
    return theirs.exists()


def tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for tasks that are assigned to the actor or were created by them."""
    return or_(Task.assigned_to_user_id == actor.user_id, Task.created_by == actor.user_id)


def pending_actions(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for suggested tasks that are assigned to the actor or were created by them."""
    return or_(PendingAction.assigned_to_user_id == actor.user_id, PendingAction.created_by == actor.user_id)


def events(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for events that the actor organizes or attends."""
    attends = select(EventAttendee.id).where(
        EventAttendee.organization_id == actor.organization_id,
        EventAttendee.event_id == Event.id,
        EventAttendee.user_id == actor.user_id,
    )
    return or_(Event.organizer_id == actor.user_id, attends.exists())


def attendees(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for all attendees of events that the actor organizes or attends."""
    event = select(Event.id).where(Event.organization_id == actor.organization_id, Event.id == EventAttendee.event_id)
    colleague = aliased(EventAttendee)
    attends = select(colleague.id).where(
        colleague.organization_id == actor.organization_id,
        colleague.event_id == EventAttendee.event_id,
        colleague.user_id == actor.user_id,
    )
    return or_(event.where(Event.organizer_id == actor.user_id).exists(), attends.exists())


def calendars(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the actor's own calendars and those without an owner."""
    return or_(Calendar.owner_user_id == actor.user_id, Calendar.owner_user_id.is_(None))


busy_times = named_in(BusyTime.user_id)

notifications = named_in(Notification.user_id)

questions = named_in(AskQuestion.user_id)

#: Recordings of appointments that the actor attended as the rep.
recordings = named_in(RecordingSession.sales_rep_id)


def recording_parts(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the parts of the actor's own recordings."""
    recording = select(RecordingSession.id).where(
        RecordingSession.organization_id == actor.organization_id, RecordingSession.id == RecordingPart.session_id
    )
    return recording.where(recordings(actor)).exists()


#: Deletions by the actor.
deletions = named_in(DeletionBatch.deleted_by)

sessions = named_in(UserSession.user_id)

#: Files that the actor requested. The id of a key's actor is the key's.
exports, exports_of_key = named_in(Export.requested_by), named_in(Export.api_key_id)

#: Bulk changes that the actor started.
bulk_operations, bulk_operations_of_key = named_in(BulkOperation.created_by), named_in(BulkOperation.api_key_id)

#: Imports that a key started. All people who can import see all imports.
imports_of_key = named_in(Import.api_key_id)

list_settings = named_in(ListSettings.user_id)

#: Views in the actor's weekly report.
report_views = named_in(ReportView.user_id)


def saved_views(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the actor's own views and shared views."""
    return or_(SavedView.user_id == actor.user_id, SavedView.is_shared)


oneself = named_in(User.id)
