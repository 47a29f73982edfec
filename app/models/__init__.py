"""Every table of the product, one file an aggregate."""

from app.models.access import (
    ApiKey,
    ApiKeyState,
    Invitation,
    InvitationState,
    PlatformStaff,
    RecoveryCode,
    RefreshToken,
    StaffRole,
)
from app.models.ai_configs import AiConfig, AssistantModel, AssistantVoice
from app.models.api_use import DeprecatedCall, IdempotencyKey
from app.models.appointments import Appointment, AppointmentOutcome, AppointmentStatus
from app.models.ask_questions import AskQuestion, AskScope
from app.models.audit import AuditEpoch, AuditLog, AuditSeal, AuditSource
from app.models.backup_checks import BackupCheck
from app.models.base import Base, SoftDeleted, TenantRow, Versioned
from app.models.billing import (
    Budget,
    CostKind,
    Invoice,
    InvoiceStatus,
    PaymentEvent,
    PaymentOutcome,
    Plan,
    PlanCode,
    Subscription,
    SubscriptionStatus,
    UsageCost,
)
from app.models.bulk import BulkOperation, BulkStatus
from app.models.calendar import (
    BusySource,
    BusyTime,
    Calendar,
    CalendarColor,
    Event,
    EventAttendee,
    EventKind,
    EventStatus,
)
from app.models.calls import (
    BookingStatus,
    Call,
    CallNote,
    CallOutcome,
    CallStatus,
    CallType,
    Direction,
    HandledBy,
    NoteKind,
    RecordSource,
    Sentiment,
    Severity,
)
from app.models.contact_merges import ContactMerge, MergeStatus
from app.models.contact_notes import ContactNote
from app.models.contacts import ContactCard, ContactDistinction, ContactPhone, ContactSource
from app.models.conversations import CallAnalysis, CallTranscript
from app.models.deletion_batches import DeletionBatch
from app.models.disputes import BookingDispute, DisputeStatus
from app.models.erasures import Erasure, ErasureStatus
from app.models.exports import Export, ExportStatus
from app.models.imports import Import, ImportKind, ImportMapping, ImportStatus, RejectedValue
from app.models.integrations import (
    DeliveryStatus,
    Integration,
    OutboundStream,
    Provider,
    ProviderTask,
    ProviderTaskStatus,
    StreamPause,
    WebhookDelivery,
)
from app.models.jobs import Job, JobStatus
from app.models.knowledge import KnowledgeItem, NoteTemplate, NoteTemplateKind
from app.models.leads import DecidedBy, Lead, LeadStage, Qualification
from app.models.lists import ListSettings, ListVisit, SavedView
from app.models.messages import Channel, Message, MessageDirection, MessageStatus
from app.models.missed_calls import (
    WAITING_STATUSES,
    AttemptBy,
    AttemptKind,
    AttemptResult,
    EntryStatus,
    MissedCallAttempt,
    MissedCallEntry,
    RescuedBy,
)
from app.models.notifications import Notification
from app.models.organizations import (
    Language,
    Organization,
    OrganizationStatus,
    OrganizationUsage,
    SystemSettings,
    WeekStart,
)
from app.models.pending_actions import PendingAction, PendingActionCategory, PendingActionStatus
from app.models.phone_numbers import BlockedNumber, NumberProvider, NumberPurpose, PhoneNumber
from app.models.rate_limits import RateLimit
from app.models.recordings import Consent, RecordingPart, RecordingSession, RecordingStatus
from app.models.reports import Report, ReportKind
from app.models.revisions import OfferedKind, OfferedValue, Revision, RevisionKind
from app.models.service_types import ServiceType
from app.models.sessions import KnownDevice, LoginAttempt, PasswordReset, UserSession
from app.models.targets import Target, TargetMetric
from app.models.tasks import AssignedTo, Task, TaskPriority, TaskStatus
from app.models.users import Density, Role, Theme, User, UserPermission, UserStatus

__all__ = [
    "WAITING_STATUSES",
    "AiConfig",
    "ApiKey",
    "ApiKeyState",
    "Appointment",
    "AppointmentOutcome",
    "AppointmentStatus",
    "AskQuestion",
    "AskScope",
    "AssignedTo",
    "AssistantModel",
    "AssistantVoice",
    "AttemptBy",
    "AttemptKind",
    "AttemptResult",
    "AuditEpoch",
    "AuditLog",
    "AuditSeal",
    "AuditSource",
    "BackupCheck",
    "Base",
    "BlockedNumber",
    "BookingDispute",
    "BookingStatus",
    "Budget",
    "BulkOperation",
    "BulkStatus",
    "BusySource",
    "BusyTime",
    "Calendar",
    "CalendarColor",
    "Call",
    "CallAnalysis",
    "CallNote",
    "CallOutcome",
    "CallStatus",
    "CallTranscript",
    "CallType",
    "Channel",
    "Consent",
    "ContactCard",
    "ContactDistinction",
    "ContactMerge",
    "ContactNote",
    "ContactPhone",
    "ContactSource",
    "CostKind",
    "DecidedBy",
    "DeletionBatch",
    "DeliveryStatus",
    "Density",
    "DeprecatedCall",
    "Direction",
    "DisputeStatus",
    "EntryStatus",
    "Erasure",
    "ErasureStatus",
    "Event",
    "EventAttendee",
    "EventKind",
    "EventStatus",
    "Export",
    "ExportStatus",
    "HandledBy",
    "IdempotencyKey",
    "Import",
    "ImportKind",
    "ImportMapping",
    "ImportStatus",
    "Integration",
    "Invitation",
    "InvitationState",
    "Invoice",
    "InvoiceStatus",
    "Job",
    "JobStatus",
    "KnowledgeItem",
    "KnownDevice",
    "Language",
    "Lead",
    "LeadStage",
    "ListSettings",
    "ListVisit",
    "LoginAttempt",
    "MergeStatus",
    "Message",
    "MessageDirection",
    "MessageStatus",
    "MissedCallAttempt",
    "MissedCallEntry",
    "NoteKind",
    "NoteTemplate",
    "NoteTemplateKind",
    "Notification",
    "NumberProvider",
    "NumberPurpose",
    "OfferedKind",
    "OfferedValue",
    "Organization",
    "OrganizationStatus",
    "OrganizationUsage",
    "OutboundStream",
    "PasswordReset",
    "PaymentEvent",
    "PaymentOutcome",
    "PendingAction",
    "PendingActionCategory",
    "PendingActionStatus",
    "PhoneNumber",
    "Plan",
    "PlanCode",
    "PlatformStaff",
    "Provider",
    "ProviderTask",
    "ProviderTaskStatus",
    "Qualification",
    "RateLimit",
    "RecordSource",
    "RecordingPart",
    "RecordingSession",
    "RecordingStatus",
    "RecoveryCode",
    "RefreshToken",
    "RejectedValue",
    "Report",
    "ReportKind",
    "RescuedBy",
    "Revision",
    "RevisionKind",
    "Role",
    "SavedView",
    "Sentiment",
    "ServiceType",
    "Severity",
    "SoftDeleted",
    "StaffRole",
    "StreamPause",
    "Subscription",
    "SubscriptionStatus",
    "SystemSettings",
    "Target",
    "TargetMetric",
    "Task",
    "TaskPriority",
    "TaskStatus",
    "TenantRow",
    "Theme",
    "UsageCost",
    "User",
    "UserPermission",
    "UserSession",
    "UserStatus",
    "Versioned",
    "WebhookDelivery",
    "WeekStart",
]
