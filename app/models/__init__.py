"""Every table of the product, one file an aggregate."""

from app.models.appointments import Appointment, AppointmentOutcome, AppointmentStatus
from app.models.audit import AuditLog
from app.models.base import Base, SoftDeleted, TenantRow, Versioned
from app.models.calls import (
    BookingStatus,
    Call,
    CallAnalysis,
    CallNote,
    CallOutcome,
    CallStatus,
    CallTranscript,
    CallType,
    Direction,
    HandledBy,
    NoteKind,
    RecordSource,
    Sentiment,
    Severity,
)
from app.models.contacts import ContactCard, ContactPhone, ContactSource
from app.models.deletion_batches import DeletionBatch
from app.models.imports import Import, ImportKind, ImportMapping, ImportStatus, RejectedValue
from app.models.leads import DecidedBy, Lead, LeadStage, Qualification
from app.models.missed_calls import EntryStatus, MissedCallEntry, RescuedBy
from app.models.organizations import (
    Language,
    Organization,
    OrganizationStatus,
    OrganizationUsage,
    SystemSettings,
    WeekStart,
)
from app.models.rate_limits import RateLimit
from app.models.tasks import AssignedTo, Task, TaskPriority, TaskStatus
from app.models.users import (
    Density,
    LoginAttempt,
    PasswordReset,
    Role,
    Theme,
    User,
    UserPermission,
    UserSession,
    UserStatus,
)

__all__ = [
    "Appointment",
    "AppointmentOutcome",
    "AppointmentStatus",
    "AssignedTo",
    "AuditLog",
    "Base",
    "BookingStatus",
    "Call",
    "CallAnalysis",
    "CallNote",
    "CallOutcome",
    "CallStatus",
    "CallTranscript",
    "CallType",
    "ContactCard",
    "ContactPhone",
    "ContactSource",
    "DecidedBy",
    "DeletionBatch",
    "Density",
    "Direction",
    "EntryStatus",
    "HandledBy",
    "Import",
    "ImportKind",
    "ImportMapping",
    "ImportStatus",
    "Language",
    "Lead",
    "LeadStage",
    "LoginAttempt",
    "MissedCallEntry",
    "NoteKind",
    "Organization",
    "OrganizationStatus",
    "OrganizationUsage",
    "PasswordReset",
    "Qualification",
    "RateLimit",
    "RecordSource",
    "RejectedValue",
    "RescuedBy",
    "Role",
    "Sentiment",
    "Severity",
    "SoftDeleted",
    "SystemSettings",
    "Task",
    "TaskPriority",
    "TaskStatus",
    "TenantRow",
    "Theme",
    "User",
    "UserPermission",
    "UserSession",
    "UserStatus",
    "Versioned",
    "WeekStart",
]
