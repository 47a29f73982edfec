"""An additional record of each declared resource, for a company of `tests.support.company`.

Contract tests about every resource use it, so one line here makes all of them cover a new resource.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from app.db.ids import uuid7
from app.declarations.resource import Resource
from app.features import FEATURES
from app.models import (
    AiConfig,
    ApiKey,
    Appointment,
    AskQuestion,
    AuditLog,
    Base,
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
    ContactDistinction,
    ContactMerge,
    ContactNote,
    ContactPhone,
    CostKind,
    DeletionBatch,
    Erasure,
    Event,
    EventAttendee,
    Export,
    Import,
    ImportedRow,
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
    NoteTemplate,
    Notification,
    OperationRevert,
    Organization,
    OutboundStream,
    PasswordReset,
    PendingAction,
    PhoneNumber,
    PlatformStaff,
    ProviderTask,
    RecordingPart,
    RecordingSession,
    RecoveryCode,
    RefreshToken,
    RejectedValue,
    Report,
    ReportSubscription,
    ReportView,
    Role,
    SavedView,
    ServiceType,
    SkippedRecord,
    Subscription,
    Target,
    Task,
    UsageCost,
    User,
    UserPermission,
    UserSession,
    WebhookDelivery,
)
from app.security.permissions import Permission
from tests.support.company import Company
from tests.support.factories import DAY, Factories

RESOURCES: tuple[Resource, ...] = tuple(one for feature in FEATURES for one in feature.resources)


class OneMore:
    """Creator of additional records of a company: `OneMore(make, company)(Call)` creates a call."""

    def __init__(self, make: Factories, company: Company) -> None:
        self.make, self.company = make, company
        self.organization, self.people, self.rows = company.organization, company.people, company.rows

    def __call__(self, model: type[Base]) -> Any:
        """Create a record of `model`. Raises KeyError for a model that isn't in `MAKERS`."""
        return MAKERS[model](self)

    def add(self, model: type[Base], **values: Any) -> Any:
        """Create a row of a model that has no factory."""
        return self.make.add(model(organization_id=self.organization.id, **values))

    def call(self) -> Call:
        """Create a call that the CSR answered, with a contact and a lead."""
        contact = self.make.contact(self.organization)
        lead = self.make.lead(self.organization, contact=contact)
        csr = self.people[Role.CSR]
        return self.make.call(self.organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id)

    def appointment(self) -> Appointment:
        """Create an appointment that the CSR has booked."""
        return self.make.appointment(self.organization, csr_id=self.people[Role.CSR].id)

    def distinction(self) -> ContactDistinction:
        """Create a record that marks two new contacts as different people."""
        first, second = sorted(self.make.contact(self.organization).id for _ in range(2))
        row: ContactDistinction = self.add(ContactDistinction, contact_card_id=first, other_card_id=second)
        return row

    def secret(self) -> dict[str, Any]:
        """Return column values for a token of the CSR that expires a week after `DAY`."""
        return {"user_id": self.people[Role.CSR].id, "token_hash": new_hash(), "expires_at": DAY + timedelta(days=7)}

    def busy_time(self) -> BusyTime:
        """Create another busy time for an event; its organizer already has one, which a trigger created."""
        event, whom = self.rows["event"], self.make.user(self.organization)
        taken = Range(DAY, DAY + timedelta(hours=1), bounds="[)")
        row: BusyTime = self.add(BusyTime, user_id=whom.id, range=taken, source="event", event_id=event.id)
        return row

    def target(self) -> Target:
        """Create a target for a month that has none."""
        years, months = divmod(self.make.next_number(), 12)
        return self.make.target(self.organization, month=date(2030 + years, months + 1, 1))

    def report(self) -> Report:
        """Create a report about a week that is earlier than all others."""
        first = date(2026, 1, 5) - timedelta(weeks=self.make.next_number())
        row: Report = self.add(Report, first_day=first, last_day=first + timedelta(days=6), numbers={})
        return row


def new_hash() -> bytes:
    """Return a unique value in the form of a hash."""
    return UUID(str(uuid7())).bytes * 2


MAKERS: Mapping[type[Base], Callable[[OneMore], Any]] = {
    AuditLog: lambda of: of.make.entry(of.organization),
    AiConfig: lambda of: of.make.assistant(of.organization),
    ApiKey: lambda of: of.make.api_key(of.people[Role.CSR]),
    Appointment: OneMore.appointment,
    AskQuestion: lambda of: of.add(AskQuestion, user_id=of.people[Role.CSR].id, question="Who?", scope="company"),
    BlockedNumber: lambda of: of.make.blocked_number(of.organization),
    BookingDispute: lambda of: of.make.dispute(of.call(), of.people[Role.CSR]),
    Budget: lambda of: of.add(Budget, kind=CostKind.SMS, monthly_amount=20),
    BulkOperation: lambda of: of.make.bulk_operation(of.people[Role.OWNER]),
    BusyTime: OneMore.busy_time,
    Calendar: lambda of: of.make.calendar(of.organization),
    Call: OneMore.call,
    CallAnalysis: lambda of: of.make.analysis(of.call()),
    CallNote: lambda of: of.make.note(of.call(), of.people[Role.CSR]),
    CallTranscript: lambda of: of.make.transcript(of.call()),
    ContactCard: lambda of: of.make.contact(of.organization),
    ContactDistinction: OneMore.distinction,
    ContactMerge: lambda of: of.make.contact_merge(of.make.contact(of.organization), of.make.contact(of.organization)),
    ContactNote: lambda of: of.make.contact_note(of.rows["contact"], of.people[Role.CSR]),
    ContactPhone: lambda of: of.add(ContactPhone, phone=of.make.phone(), contact_card_id=of.rows["contact"].id),
    DeletionBatch: lambda of: of.make.deletion(of.make.task(of.organization), deleted_by=of.people[Role.CSR].id),
    Erasure: lambda of: of.make.erasure(of.people[Role.ADMIN]),
    Event: lambda of: of.make.event(of.organization, of.make.user(of.organization)),
    EventAttendee: lambda of: of.make.attendee(of.rows["event"], of.make.user(of.organization)),
    Export: lambda of: of.make.export_of_calls(of.people[Role.OWNER]),
    Import: lambda of: of.make.import_of_calls(of.organization),
    ImportedRow: lambda of: of.add(
        ImportedRow, import_id=of.rows["import"].id, line=3, resource="call", record_id=uuid7(), effect="created"
    ),
    ImportMapping: lambda of: of.add(ImportMapping, kind="calls", name=f"System {of.make.next_number()}", mapping={}),
    Integration: lambda of: of.make.integration(of.organization),
    Invitation: lambda of: of.make.invitation(of.organization),
    Invoice: lambda of: of.make.invoice(of.organization),
    Job: lambda of: of.make.job(of.organization),
    KnowledgeItem: lambda of: of.make.knowledge_item(of.organization),
    Lead: lambda of: of.make.lead(of.organization),
    ListSettings: lambda of: of.make.list_settings(of.make.user(of.organization)),
    Message: lambda of: of.make.message(of.organization),
    MissedCallAttempt: lambda of: of.make.attempt(of.rows["entry"], of.people[Role.CSR]),
    MissedCallEntry: lambda of: of.make.missed_entry(of.organization),
    NoteTemplate: lambda of: of.make.note_template(of.organization),
    Notification: lambda of: of.add(
        Notification, user_id=of.people[Role.OWNER].id, kind="task_assigned", text="Call back", link="/tasks"
    ),
    OperationRevert: lambda of: of.make.operation_revert(of.people[Role.ADMIN]),
    Organization: lambda of: of.make.organization(),
    OutboundStream: lambda of: of.make.stream(of.organization, name=f"Stream {of.make.next_number()}"),
    PasswordReset: lambda of: of.add(PasswordReset, **of.secret()),
    PendingAction: lambda of: of.make.pending_action(of.organization),
    PhoneNumber: lambda of: of.make.phone_number(of.organization),
    PlatformStaff: lambda of: of.make.platform_staff(),
    ProviderTask: lambda of: of.make.provider_task(of.call()),
    RecordingPart: lambda of: of.make.recording_part(of.rows["recording"], number=1 + of.make.next_number()),
    RecordingSession: lambda of: of.make.recording(of.appointment(), of.people[Role.SALES_REP]),
    RecoveryCode: lambda of: of.add(RecoveryCode, user_id=of.people[Role.CSR].id, code_hash=new_hash()),
    RefreshToken: lambda of: of.make.refresh_token(of.make.session_of(of.people[Role.CSR], client_id="sample-client")),
    RejectedValue: lambda of: of.add(RejectedValue, import_id=of.rows["import"].id, line=3, reason="No number"),
    Report: OneMore.report,
    ReportSubscription: lambda of: of.make.report_subscription(of.make.user(of.organization)),
    ReportView: lambda of: of.make.report_view(of.make.user(of.organization)),
    SavedView: lambda of: of.make.saved_view(of.people[Role.OWNER]),
    ServiceType: lambda of: of.make.service_type(of.organization),
    SkippedRecord: lambda of: of.make.skipped_record(of.rows["operation_revert"]),
    Subscription: lambda of: of.make.subscription(of.organization),
    Target: OneMore.target,
    Task: lambda of: of.make.task(of.organization, assignee=of.people[Role.CSR]),
    UsageCost: lambda of: of.add(
        UsageCost, kind=CostKind.SMS, occurred_at=datetime.now(UTC), quantity=1, unit_cost=1, amount=1
    ),
    User: lambda of: of.make.user(of.organization),
    UserPermission: lambda of: of.make.grant(of.make.user(of.organization), Permission.REPORTS_READ),
    UserSession: lambda of: of.make.session_of(of.people[Role.OWNER]),
    WebhookDelivery: lambda of: of.make.delivery(of.organization),
}

#: Models of which a company has only one, or one per kind; the last two aren't its own.
NOT_MANY = frozenset({AiConfig, Budget, Integration, Subscription, Organization, PlatformStaff})
