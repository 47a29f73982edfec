"""Which rows a person may see: one predicate per resource, and the only way from a feature to a tenant row.

    select_visible_calls = visible(Call, actor).where(Call.status == CallStatus.MISSED)

A row outside the scope is not found, not forbidden: its existence is not told. The predicate holds the organization
too, though row-level security holds it again below: with both, the planner knows how small an organization is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.models import (
    AiConfig,
    Appointment,
    AskQuestion,
    BlockedNumber,
    BookingDispute,
    Budget,
    BulkOperation,
    BusyTime,
    Calendar,
    Call,
    CallAnalysis,
    CallNote,
    CallTranscript,
    ContactCard,
    DeletionBatch,
    Erasure,
    Event,
    EventAttendee,
    Export,
    Import,
    ImportMapping,
    Integration,
    Invitation,
    Invoice,
    Job,
    KnowledgeItem,
    Lead,
    ListSettings,
    Message,
    MissedCallAttempt,
    MissedCallEntry,
    NoteKind,
    Notification,
    OutboundStream,
    PendingAction,
    PhoneNumber,
    ProviderTask,
    RecordingPart,
    RecordingSession,
    RejectedValue,
    Report,
    Role,
    SavedView,
    Subscription,
    Task,
    TenantRow,
    UsageCost,
    User,
    UserSession,
    WebhookDelivery,
)
from app.security.actor import Actor
from app.security.permissions import Permission

Row = TypeVar("Row", bound=TenantRow)
Columns = TypeVarTuple("Columns")
Predicate = Callable[[Actor], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may see rows of a resource: all of them with one of `permissions` at its full reach, else those of `own`."""

    permissions: tuple[Permission, ...]
    own: Predicate
    #: What is about oneself needs no permission.
    own_is_free: bool = False
    #: What the full reach still leaves out; None leaves out nothing.
    everybody: Callable[[Actor], ColumnElement[bool] | None] | None = None

    def predicate(self, actor: Actor) -> ColumnElement[bool] | None:
        """None means the whole organization."""
        if any(actor.sees_all(permission) for permission in self.permissions):
            return self.everybody(actor) if self.everybody else None
        if self.own_is_free or any(actor.may(permission) for permission in self.permissions):
            return self.own(actor)
        return false()


def visible(model: type[Row], actor: Actor) -> Select[Row]:
    """Select the rows of `model` that `actor` may see; a model without a scope raises KeyError."""
    return restrict(select(model), model, actor)


def restrict(statement: Select[*Columns], model: type[TenantRow], actor: Actor) -> Select[*Columns]:
    """The same for a statement that selects columns or joins: keep those rows of `model` that `actor` may see."""
    statement = statement.where(model.organization_id == actor.organization_id)
    predicate = _SCOPES[model].predicate(actor)
    return statement if predicate is None else statement.where(predicate)


def visible_id(column: InstrumentedAttribute[Any], model: type[TenantRow], actor: Actor) -> ColumnElement[Any]:
    """`column`, which holds the id of a `model` row, where `actor` may see that row, else NULL; under the same name.

    For links: one to a row out of scope would lead to a page that is not found.
    """
    if _SCOPES[model].predicate(actor) is None:
        return column.label(column.key)
    theirs = restrict(select(model.id).where(model.id == column), model, actor)
    return theirs.correlate_except(model).scalar_subquery().label(column.key)


def scoped_models() -> frozenset[type[TenantRow]]:
    """The models that have a scope."""
    return frozenset(_SCOPES)


def _nothing(_actor: Actor) -> ColumnElement[bool]:
    return false()


def _own_calls(actor: Actor) -> ColumnElement[bool]:
    me = actor.user_id
    return or_(Call.csr_id == me, Call.handled_by_user_id == me, Call.assigned_rep_id == me)


def _refers_to_own_call(column: Any) -> Predicate:
    """Of what belongs to a call: the calls of this person."""

    def predicate(actor: Actor) -> ColumnElement[bool]:
        return (
            select(Call.id)
            .where(Call.organization_id == actor.organization_id, Call.id == column, _own_calls(actor))
            .exists()
        )

    return predicate


def _own_notes(actor: Actor) -> ColumnElement[bool]:
    """Notes of one's own calls; coaching only by its author and about the call's CSR."""
    of_my_call = _called_about(actor)
    return or_(
        CallNote.user_id == actor.user_id,
        of_my_call.where(_own_calls(actor), CallNote.kind == NoteKind.NOTE).exists(),
        of_my_call.where(Call.csr_id == actor.user_id).exists(),
    )


def _notes_of_everybody(actor: Actor) -> ColumnElement[bool] | None:
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


def _own_leads(actor: Actor) -> ColumnElement[bool]:
    me, organization_id = actor.user_id, actor.organization_id
    my_call = select(Call.lead_id).where(
        Call.organization_id == organization_id, Call.lead_id == Lead.id, _own_calls(actor)
    )
    my_claim = select(MissedCallEntry.lead_id).where(
        MissedCallEntry.organization_id == organization_id,
        MissedCallEntry.lead_id == Lead.id,
        MissedCallEntry.claimed_by == me,
    )
    return or_(Lead.csr_id == me, Lead.assigned_rep_id == me, my_call.exists(), my_claim.exists())


def _own_appointments(actor: Actor) -> ColumnElement[bool]:
    if actor.role is Role.SALES_REP:
        return Appointment.sales_rep_id == actor.user_id
    return Appointment.csr_id == actor.user_id


def _own_contacts(actor: Actor) -> ColumnElement[bool]:
    me, organization_id = actor.user_id, actor.organization_id

    def refers(model: Any, *mine: ColumnElement[bool]) -> ColumnElement[bool]:
        here = (model.organization_id == organization_id, model.contact_card_id == ContactCard.id)
        return select(model.id).where(*here, *mine).exists()

    return or_(
        ContactCard.created_by == me,
        refers(Call, _own_calls(actor)),
        refers(Lead, or_(Lead.csr_id == me, Lead.assigned_rep_id == me)),
        refers(Appointment, _own_appointments(actor)),
        refers(MissedCallEntry, MissedCallEntry.claimed_by == me),
    )


def _own_tasks(actor: Actor) -> ColumnElement[bool]:
    return or_(Task.assigned_to_user_id == actor.user_id, Task.created_by == actor.user_id)


def _own_pending_actions(actor: Actor) -> ColumnElement[bool]:
    return or_(PendingAction.assigned_to_user_id == actor.user_id, PendingAction.created_by == actor.user_id)


def _own_events(actor: Actor) -> ColumnElement[bool]:
    attends = select(EventAttendee.id).where(
        EventAttendee.organization_id == actor.organization_id,
        EventAttendee.event_id == Event.id,
        EventAttendee.user_id == actor.user_id,
    )
    return or_(Event.organizer_id == actor.user_id, attends.exists())


def _attendees_of_own_events(actor: Actor) -> ColumnElement[bool]:
    event = select(Event.id).where(Event.organization_id == actor.organization_id, Event.id == EventAttendee.event_id)
    colleague = aliased(EventAttendee)
    attends = select(colleague.id).where(
        colleague.organization_id == actor.organization_id,
        colleague.event_id == EventAttendee.event_id,
        colleague.user_id == actor.user_id,
    )
    return or_(event.where(Event.organizer_id == actor.user_id).exists(), attends.exists())


def _own_and_shared_calendars(actor: Actor) -> ColumnElement[bool]:
    return or_(Calendar.owner_user_id == actor.user_id, Calendar.owner_user_id.is_(None))


def _own_busy_times(actor: Actor) -> ColumnElement[bool]:
    return BusyTime.user_id == actor.user_id


def _own_notifications(actor: Actor) -> ColumnElement[bool]:
    return Notification.user_id == actor.user_id


def _own_questions(actor: Actor) -> ColumnElement[bool]:
    return AskQuestion.user_id == actor.user_id


def _own_recordings(actor: Actor) -> ColumnElement[bool]:
    return RecordingSession.sales_rep_id == actor.user_id


def _parts_of_own_recordings(actor: Actor) -> ColumnElement[bool]:
    recording = select(RecordingSession.id).where(
        RecordingSession.organization_id == actor.organization_id, RecordingSession.id == RecordingPart.session_id
    )
    return recording.where(_own_recordings(actor)).exists()


def _own_deletions(actor: Actor) -> ColumnElement[bool]:
    return DeletionBatch.deleted_by == actor.user_id


def _own_sessions(actor: Actor) -> ColumnElement[bool]:
    return UserSession.user_id == actor.user_id


def _own_exports(actor: Actor) -> ColumnElement[bool]:
    return Export.requested_by == actor.user_id


def _own_bulk_operations(actor: Actor) -> ColumnElement[bool]:
    return BulkOperation.created_by == actor.user_id


def _own_list_settings(actor: Actor) -> ColumnElement[bool]:
    return ListSettings.user_id == actor.user_id


def _own_and_shared_views(actor: Actor) -> ColumnElement[bool]:
    return or_(SavedView.user_id == actor.user_id, SavedView.is_shared)


def _self(actor: Actor) -> ColumnElement[bool]:
    return User.id == actor.user_id


_IMPORTS = Scope((Permission.CALLS_IMPORT, Permission.CONTACTS_IMPORT), _nothing)

_SCOPES: dict[type[TenantRow], Scope] = {
    Call: Scope((Permission.CALLS_READ,), _own_calls),
    CallNote: Scope((Permission.CALLS_READ,), _own_notes, everybody=_notes_of_everybody),
    CallTranscript: Scope((Permission.CALLS_READ,), _refers_to_own_call(CallTranscript.call_id)),
    CallAnalysis: Scope((Permission.CALLS_READ,), _refers_to_own_call(CallAnalysis.call_id)),
    ContactCard: Scope((Permission.CONTACTS_READ,), _own_contacts),
    Lead: Scope((Permission.LEADS_READ,), _own_leads),
    Appointment: Scope((Permission.APPOINTMENTS_READ,), _own_appointments),
    Task: Scope((Permission.TASKS_READ,), _own_tasks),
    PendingAction: Scope((Permission.TASKS_READ,), _own_pending_actions),
    Calendar: Scope((Permission.EVENTS_READ,), _own_and_shared_calendars),
    Event: Scope((Permission.EVENTS_READ,), _own_events),
    EventAttendee: Scope((Permission.EVENTS_READ,), _attendees_of_own_events),
    BusyTime: Scope((Permission.EVENTS_READ,), _own_busy_times),
    KnowledgeItem: Scope((Permission.KNOWLEDGE_READ,), _nothing),
    Report: Scope((Permission.REPORTS_READ,), _nothing),
    UsageCost: Scope((Permission.COSTS_READ,), _nothing),
    Subscription: Scope((Permission.BILLING_READ,), _nothing),
    Invoice: Scope((Permission.BILLING_READ,), _nothing),
    Budget: Scope((Permission.BILLING_READ,), _nothing),
    AiConfig: Scope((Permission.ORGANIZATION_READ,), _nothing),
    Erasure: Scope((Permission.CONTACTS_ERASE,), _nothing),
    Notification: Scope((), _own_notifications, own_is_free=True),
    AskQuestion: Scope((), _own_questions, own_is_free=True),
    # The queue is shared work: whoever may read it sees all of it.
    MissedCallEntry: Scope((Permission.MISSED_CALLS_READ,), _nothing),
    Invitation: Scope((Permission.USERS_INVITE,), _nothing),
    Message: Scope((Permission.OUTBOX_READ,), _nothing),
    MissedCallAttempt: Scope((Permission.MISSED_CALLS_READ,), _nothing),
    BlockedNumber: Scope((Permission.MISSED_CALLS_READ,), _nothing),
    BookingDispute: Scope((Permission.CALLS_READ,), _refers_to_own_call(BookingDispute.call_id)),
    RecordingSession: Scope((Permission.RECORDINGS_READ,), _own_recordings),
    RecordingPart: Scope((Permission.RECORDINGS_READ,), _parts_of_own_recordings),
    PhoneNumber: Scope((Permission.PHONE_NUMBERS_READ,), _nothing),
    WebhookDelivery: Scope((Permission.WEBHOOKS_READ,), _nothing),
    ProviderTask: Scope((Permission.WEBHOOKS_READ,), _nothing),
    Integration: Scope((Permission.WEBHOOKS_MANAGE,), _nothing),
    OutboundStream: Scope((Permission.ORGANIZATION_UPDATE,), _nothing),
    Import: _IMPORTS,
    ImportMapping: _IMPORTS,
    RejectedValue: _IMPORTS,
    Job: Scope((Permission.JOBS_READ,), _nothing),
    # A file holds what its owner saw when it was made: nobody else's, whatever the role.
    Export: Scope((), _own_exports, own_is_free=True),
    BulkOperation: Scope((Permission.CALLS_ASSIGN,), _own_bulk_operations, own_is_free=True),
    ListSettings: Scope((), _own_list_settings, own_is_free=True),
    SavedView: Scope((), _own_and_shared_views, own_is_free=True),
    # One's own deletion can be undone by everybody, for a while.
    DeletionBatch: Scope((Permission.TRASH_READ,), _own_deletions, own_is_free=True),
    User: Scope((Permission.USERS_READ,), _self, own_is_free=True),
    UserSession: Scope((Permission.USERS_REVOKE_SESSIONS,), _own_sessions, own_is_free=True),
}
