"""The words for stored values that no other page shows; those of pages stand in `app.web.labels`."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import Sentence as Text
from app.models import (
    AssignedTo,
    AttemptBy,
    AttemptKind,
    AttemptResult,
    AuditSource,
    ContactSource,
    DecidedBy,
    DeliveryStatus,
    Density,
    DisputeStatus,
    ErasureStatus,
    EventStatus,
    HandledBy,
    InvoiceStatus,
    MessageDirection,
    NoteKind,
    NumberPurpose,
    PendingActionCategory,
    PendingActionStatus,
    RecordSource,
    StreamPause,
    SubscriptionStatus,
    Theme,
    UserStatus,
    WeekStart,
)

VALUES: Mapping[type[StrEnum], Mapping[str, Text]] = {
    AssignedTo: {
        AssignedTo.CSR: _l("CSR"),
        AssignedTo.SALES_REP: _l("Sales rep"),
        AssignedTo.EXEC: _l("Exec"),
        AssignedTo.SYSTEM: _l("System"),
    },
    AttemptBy: {AttemptBy.HUMAN: _l("By a person"), AttemptBy.AI: _l("By the assistant")},
    AttemptKind: {AttemptKind.CALL: _l("Call"), AttemptKind.TEXT: _l("Text message")},
    AttemptResult: {
        AttemptResult.REACHED: _l("Reached"),
        AttemptResult.NO_ANSWER: _l("No answer"),
        AttemptResult.VOICEMAIL: _l("Voicemail"),
        AttemptResult.WRONG_NUMBER: _l("Wrong number"),
        AttemptResult.SENT: _l("Sent"),
        AttemptResult.FAILED: _l("Failed"),
    },
    ContactSource: {
        ContactSource.MANUAL: _l("Typed in"),
        ContactSource.AUTO_AI: _l("By the assistant"),
        ContactSource.IMPORT: _l("Import"),
    },
    DecidedBy: {
        DecidedBy.USER: _l("A person"),
        DecidedBy.ANALYSIS: _l("The analysis"),
        DecidedBy.IMPORT: _l("An import"),
    },
    DeliveryStatus: {
        DeliveryStatus.RECEIVED: _l("Received"),
        DeliveryStatus.PROCESSED: _l("Processed"),
        DeliveryStatus.FAILED: _l("Failed"),
        DeliveryStatus.DEAD: _l("Given up"),
        DeliveryStatus.IGNORED: _l("Ignored"),
    },
    Density: {Density.COMPACT: _l("Compact"), Density.COMFORTABLE: _l("Comfortable")},
    DisputeStatus: {
        DisputeStatus.OPEN: _l("Open"),
        DisputeStatus.ACCEPTED: _l("Accepted"),
        DisputeStatus.REJECTED: _l("Rejected"),
    },
    ErasureStatus: {
        ErasureStatus.QUEUED: _l("Waiting"),
        ErasureStatus.RUNNING: _l("Running"),
        ErasureStatus.COMPLETED: _l("Finished"),
        ErasureStatus.FAILED: _l("Failed"),
    },
    EventStatus: {
        EventStatus.CONFIRMED: _l("Confirmed"),
        EventStatus.TENTATIVE: _l("Tentative"),
        EventStatus.CANCELLED: _l("Cancelled"),
    },
    HandledBy: {
        HandledBy.HUMAN: _l("A person"),
        HandledBy.AI: _l("The assistant"),
        HandledBy.NONE: _l("Nobody"),
    },
    InvoiceStatus: {
        InvoiceStatus.DRAFT: _l("Draft"),
        InvoiceStatus.OPEN: _l("Open"),
        InvoiceStatus.PAID: _l("Paid"),
        InvoiceStatus.VOID: _l("Void"),
        InvoiceStatus.UNCOLLECTIBLE: _l("Uncollectible"),
    },
    MessageDirection: {MessageDirection.INBOUND: _l("Inbound"), MessageDirection.OUTBOUND: _l("Outbound")},
    NoteKind: {NoteKind.NOTE: _l("Note"), NoteKind.COACHING: _l("Coaching note")},
    NumberPurpose: {
        NumberPurpose.RECEPTION: _l("Reception"),
        NumberPurpose.AFTER_HOURS: _l("After hours"),
        NumberPurpose.TRACKING: _l("Tracking"),
        NumberPurpose.OUTBOUND: _l("Outbound"),
        NumberPurpose.TEXTING: _l("Text messages"),
    },
    PendingActionCategory: {
        PendingActionCategory.CALL_BACK: _l("Call back"),
        PendingActionCategory.SEND_INFORMATION: _l("Send information"),
        PendingActionCategory.CONFIRM_DETAILS: _l("Confirm details"),
        PendingActionCategory.PREPARE_VISIT: _l("Prepare the visit"),
        PendingActionCategory.SCHEDULE_VISIT: _l("Schedule a visit"),
        PendingActionCategory.BILLING_REVIEW: _l("Check the bill"),
        PendingActionCategory.MANAGER_REVIEW: _l("For a manager"),
        PendingActionCategory.OTHER: _l("Something else"),
    },
    PendingActionStatus: {
        PendingActionStatus.OPEN: _l("Open"),
        PendingActionStatus.IN_PROGRESS: _l("In progress"),
        PendingActionStatus.COMPLETED: _l("Done"),
        PendingActionStatus.CANCELLED: _l("Cancelled"),
    },
    AuditSource: {
        AuditSource.USER: _l("A person"),
        AuditSource.SYSTEM: _l("The system"),
        AuditSource.EXTERNAL: _l("From outside"),
        AuditSource.DATABASE: _l("By hand, in the database"),
    },
    RecordSource: {
        RecordSource.USER: _l("A person"),
        RecordSource.SYSTEM: _l("The system"),
        RecordSource.EXTERNAL: _l("From outside"),
    },
    StreamPause: {
        StreamPause.CREATOR_GONE: _l("In whose name it was sent is not active any more"),
        StreamPause.CREATOR_LACKS_PERMISSION: _l("In whose name it was sent may not do that any more"),
    },
    SubscriptionStatus: {
        SubscriptionStatus.TRIALING: _l("On trial"),
        SubscriptionStatus.ACTIVE: _l("Active"),
        SubscriptionStatus.PAST_DUE: _l("Past due"),
        SubscriptionStatus.CANCELLED: _l("Cancelled"),
    },
    Theme: {Theme.LIGHT: _l("Light"), Theme.DARK: _l("Dark")},
    UserStatus: {
        UserStatus.ACTIVE: _l("Active"),
        UserStatus.INACTIVE: _l("Inactive"),
        UserStatus.SUSPENDED: _l("Suspended"),
    },
    WeekStart: {WeekStart.MONDAY: _l("Monday"), WeekStart.SUNDAY: _l("Sunday")},
}
