"""What `self` means for each resource: the rows that are a person's own, as a condition (see the table of roles).

A resource declares who is held to it (`app.security.scope.Scope`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.models import (
    Appointment,
    AskQuestion,
    BulkOperation,
    BusyTime,
    Calendar,
    Call,
    CallNote,
    ContactCard,
    ContactDistinction,
    ContactNote,
    DeletionBatch,
    Event,
    EventAttendee,
    Export,
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
    Role,
    SavedView,
    Task,
    User,
    UserSession,
)
from app.security.actor import Actor
from app.security.permissions import Permission

Predicate: TypeAlias = Callable[[Actor], ColumnElement[bool]]

# Rows of these stand beside others of the same table, which they are not to be taken for.
_Call, _Claimed = aliased(Call), aliased(MissedCallEntry)
_Lead, _Visit = aliased(Lead), aliased(Appointment)
#: Who has a part in a call.
_SPOKE = (_Call.csr_id, _Call.handled_by_user_id, _Call.assigned_rep_id)


def nothing(_actor: Actor) -> ColumnElement[bool]:
    """No row is anybody's own."""
    return false()


def everything(_actor: Actor) -> ColumnElement[bool]:
    """All rows are everybody's, though of what they are for a person sees their own only."""
    return true()


def named_in(column: Any) -> Predicate:
    """Rows whose `column` names this person."""

    def predicate(actor: Actor) -> ColumnElement[bool]:
        found: ColumnElement[bool] = column == actor.user_id
        return found

    return predicate


def calls(actor: Actor) -> ColumnElement[bool]:
    """Calls that one spoke in, is credited with, or is assigned to as a rep."""
    me = actor.user_id
    return or_(Call.csr_id == me, Call.handled_by_user_id == me, Call.assigned_rep_id == me)


def of_own_call(column: Any) -> Predicate:
    """Of what belongs to a call: the calls of this person."""

    def predicate(actor: Actor) -> ColumnElement[bool]:
        return (
            select(Call.id)
            .where(Call.organization_id == actor.organization_id, Call.id == column, calls(actor))
            .exists()
        )

    return predicate


def notes(actor: Actor) -> ColumnElement[bool]:
    """Notes of one's own calls; coaching only by its author and about the call's CSR."""
    of_my_call = _called_about(actor)
    return or_(
        CallNote.user_id == actor.user_id,
        of_my_call.where(calls(actor), CallNote.kind == NoteKind.NOTE).exists(),
        of_my_call.where(Call.csr_id == actor.user_id).exists(),
    )


def notes_of_everybody(actor: Actor) -> ColumnElement[bool] | None:
    """Coaching is between managers and the CSR: whoever else sees all calls, such as support, does not see it."""
    if actor.role.rank >= Role.MANAGER.rank:
        return None
    return or_(
        CallNote.kind == NoteKind.NOTE,
        CallNote.user_id == actor.user_id,
        _called_about(actor).where(Call.csr_id == actor.user_id).exists(),
    )


def _called_about(actor: Actor) -> Select[UUID]:
    """The call that a note is about."""
    return select(Call.id).where(Call.organization_id == actor.organization_id, Call.id == CallNote.call_id)


@dataclass(frozen=True, slots=True)
class Referred:
    """Rows of `model` that name a person in one of `columns`, and those that rows of others refer to which name them.

    `references` are pairs: a column of ids, and one of people beside it. Each pair is asked for by itself, so that an
    index by the person answers it alone.
    """

    model: Any
    columns: tuple[str, ...]
    references: Callable[[Actor], Sequence[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]]]]

    def __call__(self, actor: Actor) -> ColumnElement[bool]:
        """As a condition of each row: good for one that is known, and for the first in some order."""
        refers = (part.where(named == self.model.id).exists() for named, part in self._parts(actor))
        return or_(*self._mine(actor), *refers)

    def counted(self, actor: Actor) -> ColumnElement[bool]:
        """The same in the form in which all of them are counted: by their columns, and the others as one set of ids."""
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


#: Leads credited or assigned to one, and those that an own call or a claimed missed call refers to.
leads = Referred(
    Lead,
    ("csr_id", "assigned_rep_id"),
    lambda _actor: [*((_Call.lead_id, person) for person in _SPOKE), (_Claimed.lead_id, _Claimed.claimed_by)],
)


def appointments(actor: Actor) -> ColumnElement[bool]:
    """For a rep the visits to make, for everybody else those they booked."""
    if actor.role is Role.SALES_REP:
        return Appointment.sales_rep_id == actor.user_id
    return Appointment.csr_id == actor.user_id


#: Cards that one made, and those that own calls, leads, appointments or claims refer to.
contacts = Referred(
    ContactCard,
    ("created_by",),
    lambda actor: [
        *((_Call.contact_card_id, person) for person in _SPOKE),
        *((_Lead.contact_card_id, person) for person in (_Lead.csr_id, _Lead.assigned_rep_id)),
        (_Visit.contact_card_id, _Visit.sales_rep_id if actor.role is Role.SALES_REP else _Visit.csr_id),
        (_Claimed.contact_card_id, _Claimed.claimed_by),
    ],
)


def distinctions(actor: Actor) -> ColumnElement[bool]:
    """Those of contacts whom one sees."""
    either = or_(
        ContactCard.id == ContactDistinction.contact_card_id, ContactCard.id == ContactDistinction.other_card_id
    )
    seen = select(ContactCard.id).where(ContactCard.organization_id == actor.organization_id, either, contacts(actor))
    return seen.exists()


def contact_notes(actor: Actor) -> ColumnElement[bool]:
    """Those about contacts whom one sees."""
    theirs = select(ContactCard.id).where(
        ContactCard.organization_id == actor.organization_id,
        ContactCard.id == ContactNote.contact_card_id,
        contacts(actor),
    )
    return theirs.exists()


def messages(actor: Actor) -> ColumnElement[bool]:
    """What was written to the contacts whom one sees, and by them; nothing that is for colleagues."""
    if not actor.may(Permission.CONTACTS_READ):
        return false()
    if actor.sees_all(Permission.CONTACTS_READ):
        return Message.contact_card_id.is_not(None)
    theirs = select(ContactCard.id).where(
        ContactCard.organization_id == actor.organization_id, ContactCard.id == Message.contact_card_id, contacts(actor)
    )
    return theirs.exists()


def tasks(actor: Actor) -> ColumnElement[bool]:
    """Assigned to one, or created by one."""
    return or_(Task.assigned_to_user_id == actor.user_id, Task.created_by == actor.user_id)


def pending_actions(actor: Actor) -> ColumnElement[bool]:
    """Assigned to one, or created by one."""
    return or_(PendingAction.assigned_to_user_id == actor.user_id, PendingAction.created_by == actor.user_id)


def events(actor: Actor) -> ColumnElement[bool]:
    """Events that one organizes or attends."""
    attends = select(EventAttendee.id).where(
        EventAttendee.organization_id == actor.organization_id,
        EventAttendee.event_id == Event.id,
        EventAttendee.user_id == actor.user_id,
    )
    return or_(Event.organizer_id == actor.user_id, attends.exists())


def attendees(actor: Actor) -> ColumnElement[bool]:
    """Everybody who comes to an event that one organizes or attends."""
    event = select(Event.id).where(Event.organization_id == actor.organization_id, Event.id == EventAttendee.event_id)
    colleague = aliased(EventAttendee)
    attends = select(colleague.id).where(
        colleague.organization_id == actor.organization_id,
        colleague.event_id == EventAttendee.event_id,
        colleague.user_id == actor.user_id,
    )
    return or_(event.where(Event.organizer_id == actor.user_id).exists(), attends.exists())


def calendars(actor: Actor) -> ColumnElement[bool]:
    """One's own calendars and those of nobody in particular."""
    return or_(Calendar.owner_user_id == actor.user_id, Calendar.owner_user_id.is_(None))


#: When one is busy oneself.
busy_times = named_in(BusyTime.user_id)

#: What was told to oneself.
notifications = named_in(Notification.user_id)

#: What one asked oneself.
questions = named_in(AskQuestion.user_id)

#: Visits that one recorded as the rep.
recordings = named_in(RecordingSession.sales_rep_id)


def recording_parts(actor: Actor) -> ColumnElement[bool]:
    """The parts of those recordings."""
    recording = select(RecordingSession.id).where(
        RecordingSession.organization_id == actor.organization_id, RecordingSession.id == RecordingPart.session_id
    )
    return recording.where(recordings(actor)).exists()


#: What one deleted oneself.
deletions = named_in(DeletionBatch.deleted_by)

sessions = named_in(UserSession.user_id)

#: Files that one asked for.
exports = named_in(Export.requested_by)

#: Changes of many rows that one began.
bulk_operations = named_in(BulkOperation.created_by)

#: How one wants to see lists.
list_settings = named_in(ListSettings.user_id)

#: What comes in one's own mail.
report_views = named_in(ReportView.user_id)


def saved_views(actor: Actor) -> ColumnElement[bool]:
    """One's own views, and those that were shared."""
    return or_(SavedView.user_id == actor.user_id, SavedView.is_shared)


oneself = named_in(User.id)
