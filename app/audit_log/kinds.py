"""The kinds of records that the trail tells of: the model, what a record is called, and the page where it is shown.

To add an audited table: declare it here, and give it its words (`resource_words`). Which fields are enumerations,
moments or references is read off the model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    SQLColumnExpression,
    Table,
    func,
    select,
)

from app.db.joins import refers_to
from app.models import (
    AiConfig,
    ApiKey,
    Appointment,
    BlockedNumber,
    BookingDispute,
    Budget,
    BulkOperation,
    Calendar,
    Call,
    CallAnalysis,
    CallNote,
    CallTranscript,
    ContactCard,
    ContactPhone,
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
    Organization,
    OutboundStream,
    PasswordReset,
    PendingAction,
    PhoneNumber,
    PlatformStaff,
    RecordingSession,
    RecoveryCode,
    RefreshToken,
    SavedView,
    Subscription,
    Task,
    User,
    UserPermission,
    UserSession,
    WebhookDelivery,
)

Model: TypeAlias = Any  # a mapped class; the columns differ
Name: TypeAlias = Callable[[], SQLColumnExpression[Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is what a record is called, in SQL over its row; None: its kind says enough. `page` is the endpoint that
    shows one, with the name of its argument."""

    model: Model
    name: Name | None = None
    page: tuple[str, str] | None = None


def _contact(source: Model) -> Name:
    """Called like the person whom it is about."""

    def name() -> ColumnElement[Any]:
        called = func.coalesce(ContactCard.full_name, ContactCard.company_name, ContactCard.primary_phone)
        return select(called).where(refers_to(ContactCard, source, source.contact_card_id)).scalar_subquery()

    return name


def _person(source: Model) -> Name:
    """Called like the person whose it is."""
    return lambda: select(User.name).where(refers_to(User, source, source.user_id)).scalar_subquery()


def _call() -> ColumnElement[Any]:
    return func.coalesce(_contact(Call)(), Call.caller_number, Call.called_number)


def _of_call(source: Model) -> Name:
    """Called like its call."""
    return lambda: select(_call()).where(refers_to(Call, source, source.call_id)).scalar_subquery()


KINDS: Mapping[str, Kind] = {
    "ai_config": Kind(AiConfig, lambda: AiConfig.assistant_name),
    "api_key": Kind(ApiKey, lambda: ApiKey.name),
    "appointment": Kind(Appointment, lambda: func.concat_ws(", ", Appointment.service_type, _contact(Appointment)())),
    "blocked_number": Kind(BlockedNumber, lambda: BlockedNumber.number),
    "booking_dispute": Kind(BookingDispute, _of_call(BookingDispute)),
    "budget": Kind(Budget),
    "bulk_operation": Kind(BulkOperation, None, ("bulk.show", "bulk_operation_id")),
    "calendar": Kind(Calendar, lambda: Calendar.name),
    "call": Kind(Call, _call, ("calls.show", "call_id")),
    "call_analysis": Kind(CallAnalysis, _of_call(CallAnalysis)),
    "call_note": Kind(CallNote, _of_call(CallNote)),
    "call_transcript": Kind(CallTranscript, _of_call(CallTranscript)),
    "contact_card": Kind(
        ContactCard,
        lambda: func.coalesce(ContactCard.full_name, ContactCard.company_name, ContactCard.primary_phone),
        ("contacts.show", "contact_id"),
    ),
    "contact_phone": Kind(ContactPhone, lambda: ContactPhone.phone),
    "deletion_batch": Kind(DeletionBatch, lambda: DeletionBatch.root_label, ("trash.show", "batch_id")),
    "erasure": Kind(Erasure),
    "event": Kind(Event, lambda: Event.title),
    "event_attendee": Kind(EventAttendee, _person(EventAttendee)),
    "export": Kind(Export),
    "import": Kind(Import, lambda: Import.file_name, ("imports.show", "import_id")),
    "import_mapping": Kind(ImportMapping, lambda: ImportMapping.name),
    "integration": Kind(Integration, lambda: Integration.provider),
    "invitation": Kind(Invitation, lambda: Invitation.email),
    "invoice": Kind(Invoice, lambda: Invoice.number),
    "job": Kind(Job, lambda: Job.name, ("jobs.show", "job_id")),
    "knowledge_item": Kind(KnowledgeItem, lambda: KnowledgeItem.question),
    "lead": Kind(Lead, _contact(Lead)),
    "list_settings": Kind(ListSettings),
    "message": Kind(Message, lambda: Message.to_address, ("outbox.show", "message_id")),
    "mfa_recovery_code": Kind(RecoveryCode),
    "missed_call_attempt": Kind(MissedCallAttempt),
    "missed_call_entry": Kind(MissedCallEntry, _contact(MissedCallEntry)),
    "organization": Kind(Organization, lambda: Organization.name, ("organizations.show", "organization_id")),
    "outbound_stream": Kind(OutboundStream, lambda: OutboundStream.name, ("streams.show", "stream_id")),
    "password_reset": Kind(PasswordReset),
    "pending_action": Kind(PendingAction, lambda: PendingAction.raw_text),
    "phone_number": Kind(PhoneNumber, lambda: func.coalesce(PhoneNumber.display_name, PhoneNumber.number)),
    "platform_staff": Kind(PlatformStaff),
    "recording_session": Kind(RecordingSession),
    "refresh_token": Kind(RefreshToken),
    "saved_view": Kind(SavedView, lambda: SavedView.name),
    "session": Kind(UserSession, _person(UserSession)),
    "subscription": Kind(Subscription, lambda: Subscription.plan),
    "task": Kind(Task, lambda: Task.title),
    "user": Kind(User, lambda: User.name, ("users.show", "user_id")),
    "user_permission": Kind(UserPermission),
    "webhook_delivery": Kind(WebhookDelivery, lambda: WebhookDelivery.event_type),
}


@dataclass(frozen=True, slots=True)
class FieldKind:
    """What a column holds, as far as it changes how a value reads."""

    choice: type[StrEnum] | None = None
    #: The kind of record that it names.
    refers_to: str | None = None
    is_moment: bool = False


@cache
def field_kinds(resource_type: str) -> Mapping[str, FieldKind]:
    """The columns that are enumerations, references or moments, by name; of an unknown kind of record none."""
    if resource_type not in KINDS:
        return {}
    table: Table = KINDS[resource_type].model.__table__
    moments = {column.name: FieldKind(is_moment=True) for column in table.columns if isinstance(column.type, DateTime)}
    return {**moments, **_choices(table), **_references(table)}


def _choices(table: Table) -> dict[str, FieldKind]:
    checks = [check for check in table.constraints if isinstance(check, CheckConstraint) and "choice" in check.info]
    declared = [check.info["choice"] for check in checks]
    return {column: FieldKind(choice=values) for column, values in declared}


def _references(table: Table) -> dict[str, FieldKind]:
    known = _kinds_by_table()
    keys = [key for key in table.constraints if isinstance(key, ForeignKeyConstraint)]
    named = {list(key.column_keys)[-1]: known.get(key.referred_table.name) for key in keys}
    return {column: FieldKind(refers_to=kind) for column, kind in named.items() if kind}


@cache
def _kinds_by_table() -> Mapping[str, str]:
    return {kind.model.__tablename__: name for name, kind in KINDS.items()}
