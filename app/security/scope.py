"""Which rows a person may see: one predicate per resource, and the only way from a feature to a tenant row.

    select_visible_calls = visible(Call, actor).where(Call.status == CallStatus.MISSED)

A row outside the scope is not found, not forbidden: its existence is not told. The predicate holds the organization
too, though row-level security holds it again below: with both, the planner knows how small an organization is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models import (
    AiConfig,
    ApiKey,
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
    Notification,
    OutboundStream,
    PendingAction,
    PhoneNumber,
    ProviderTask,
    RecordingPart,
    RecordingSession,
    RejectedValue,
    Report,
    SavedView,
    Subscription,
    Task,
    TenantRow,
    UsageCost,
    User,
    UserSession,
    WebhookDelivery,
)
from app.security import own_rows as own
from app.security.actor import Actor
from app.security.own_rows import Predicate
from app.security.permissions import Permission

Row = TypeVar("Row", bound=TenantRow)
Columns = TypeVarTuple("Columns")


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


def sees_all_rows(model: type[TenantRow], actor: Actor) -> bool:
    """Whether `actor` sees every row of `model`: then what is not there may be told to be gone."""
    return _SCOPES[model].predicate(actor) is None


def scoped_models() -> frozenset[type[TenantRow]]:
    """The models that have a scope."""
    return frozenset(_SCOPES)


_IMPORTS = Scope((Permission.CALLS_IMPORT, Permission.CONTACTS_IMPORT), own.nothing)

_SCOPES: dict[type[TenantRow], Scope] = {
    Call: Scope((Permission.CALLS_READ,), own.calls),
    CallNote: Scope((Permission.CALLS_READ,), own.notes, everybody=own.notes_of_everybody),
    CallTranscript: Scope((Permission.CALLS_READ,), own.of_own_call(CallTranscript.call_id)),
    CallAnalysis: Scope((Permission.CALLS_READ,), own.of_own_call(CallAnalysis.call_id)),
    ContactCard: Scope((Permission.CONTACTS_READ,), own.contacts),
    Lead: Scope((Permission.LEADS_READ,), own.leads),
    Appointment: Scope((Permission.APPOINTMENTS_READ,), own.appointments),
    Task: Scope((Permission.TASKS_READ,), own.tasks),
    PendingAction: Scope((Permission.TASKS_READ,), own.pending_actions),
    Calendar: Scope((Permission.EVENTS_READ,), own.calendars),
    Event: Scope((Permission.EVENTS_READ,), own.events),
    EventAttendee: Scope((Permission.EVENTS_READ,), own.attendees),
    BusyTime: Scope((Permission.EVENTS_READ,), own.busy_times),
    KnowledgeItem: Scope((Permission.KNOWLEDGE_READ,), own.nothing),
    Report: Scope((Permission.REPORTS_READ,), own.nothing),
    UsageCost: Scope((Permission.COSTS_READ,), own.nothing),
    Subscription: Scope((Permission.BILLING_READ,), own.nothing),
    Invoice: Scope((Permission.BILLING_READ,), own.nothing),
    Budget: Scope((Permission.BILLING_READ,), own.nothing),
    ApiKey: Scope((Permission.API_KEYS_MANAGE,), own.nothing),
    AiConfig: Scope((Permission.ORGANIZATION_READ,), own.nothing),
    Erasure: Scope((Permission.CONTACTS_ERASE,), own.nothing),
    Notification: Scope((), own.notifications, own_is_free=True),
    AskQuestion: Scope((), own.questions, own_is_free=True),
    # The queue is shared work: whoever may read it sees all of it.
    MissedCallEntry: Scope((Permission.MISSED_CALLS_READ,), own.nothing),
    Invitation: Scope((Permission.USERS_INVITE,), own.nothing),
    Message: Scope((Permission.OUTBOX_READ,), own.nothing),
    MissedCallAttempt: Scope((Permission.MISSED_CALLS_READ,), own.nothing),
    BlockedNumber: Scope((Permission.MISSED_CALLS_READ,), own.nothing),
    BookingDispute: Scope((Permission.CALLS_READ,), own.of_own_call(BookingDispute.call_id)),
    RecordingSession: Scope((Permission.RECORDINGS_READ,), own.recordings),
    RecordingPart: Scope((Permission.RECORDINGS_READ,), own.recording_parts),
    PhoneNumber: Scope((Permission.PHONE_NUMBERS_READ,), own.nothing),
    WebhookDelivery: Scope((Permission.WEBHOOKS_READ,), own.nothing),
    ProviderTask: Scope((Permission.WEBHOOKS_READ,), own.nothing),
    Integration: Scope((Permission.WEBHOOKS_MANAGE,), own.nothing),
    OutboundStream: Scope((Permission.ORGANIZATION_UPDATE,), own.nothing),
    Import: _IMPORTS,
    ImportMapping: _IMPORTS,
    RejectedValue: _IMPORTS,
    Job: Scope((Permission.JOBS_READ,), own.nothing),
    # A file holds what its owner saw when it was made: nobody else's, whatever the role.
    Export: Scope((), own.exports, own_is_free=True),
    BulkOperation: Scope((Permission.CALLS_ASSIGN,), own.bulk_operations, own_is_free=True),
    ListSettings: Scope((), own.list_settings, own_is_free=True),
    SavedView: Scope((), own.saved_views, own_is_free=True),
    # One's own deletion can be undone by everybody, for a while.
    DeletionBatch: Scope((Permission.TRASH_READ,), own.deletions, own_is_free=True),
    User: Scope((Permission.USERS_READ,), own.oneself, own_is_free=True),
    UserSession: Scope((Permission.USERS_REVOKE_SESSIONS,), own.sessions, own_is_free=True),
}
