"""Labels of stored values that no other page shows; labels used on pages are in `app.web.value_words`."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.errors import LazyText as Text
from app.models import (
    AssignedTo,
    AttemptBy,
    AttemptKind,
    AuditSource,
    DecidedBy,
    Density,
    HandledBy,
    ImportKind,
    ImportUndo,
    MergeStatus,
    MessageDirection,
    NoteKind,
    PendingActionCategory,
    PendingActionStatus,
    RecordSource,
    StreamPause,
    Theme,
)

VALUES: Mapping[type[StrEnum], Mapping[str, Text]] = {
    AssignedTo: {
        AssignedTo.CSR: _l("CSR"),
        AssignedTo.SALES_REP: _l("Sales rep"),
        AssignedTo.EXEC: _l("Exec"),
        AssignedTo.SYSTEM: _l("System"),
    },
    AttemptBy: {AttemptBy.HUMAN: _l("A person"), AttemptBy.AI: _l("The assistant")},
    AttemptKind: {AttemptKind.CALL: _l("Call"), AttemptKind.TEXT: _l("Text message")},
    DecidedBy: {
        DecidedBy.USER: _l("A person"),
        DecidedBy.ANALYSIS: _l("The analysis"),
        DecidedBy.IMPORT: _l("An import"),
    },
    Density: {Density.COMPACT: _l("Compact"), Density.COMFORTABLE: _l("Comfortable")},
    HandledBy: {
        HandledBy.HUMAN: _l("A person"),
        HandledBy.AI: _l("The assistant"),
        HandledBy.NONE: _l("No one"),
    },
    ImportKind: {
        ImportKind.CALLS: _l("Calls"),
        ImportKind.CONTACTS: _l("Contacts"),
        ImportKind.DEALS: _l("Deals"),
        ImportKind.PEOPLE: _l("People"),
        ImportKind.ANALYSES: _l("Analyses"),
        ImportKind.LEADS: _l("Leads"),
        ImportKind.APPOINTMENTS: _l("Appointments"),
        ImportKind.KNOWLEDGE: _l("Knowledge items"),
    },
    ImportUndo: {
        ImportUndo.WEIGHING: _l("Calculating"),
        ImportUndo.WEIGHED: _l("Calculated"),
        ImportUndo.RUNNING: lazy_pgettext("taking back", "Running"),
        ImportUndo.DONE: lazy_pgettext("taking back", "Done"),
    },
    MergeStatus: {
        MergeStatus.WAITING: _l("Waiting"),
        MergeStatus.DONE: lazy_pgettext("merge", "Done"),
        MergeStatus.FAILED: _l("Failed"),
    },
    MessageDirection: {
        MessageDirection.INBOUND: lazy_pgettext("message", "Inbound"),
        MessageDirection.OUTBOUND: lazy_pgettext("message", "Outbound"),
    },
    NoteKind: {NoteKind.NOTE: _l("Note"), NoteKind.COACHING: _l("Coaching note")},
    PendingActionCategory: {
        PendingActionCategory.CALL_BACK: _l("Call back"),
        PendingActionCategory.SEND_INFORMATION: _l("Send information"),
        PendingActionCategory.CONFIRM_DETAILS: _l("Confirm details"),
        PendingActionCategory.PREPARE_VISIT: _l("Prepare for appointment"),
        PendingActionCategory.SCHEDULE_VISIT: _l("Book appointment"),
        PendingActionCategory.BILLING_REVIEW: _l("Review bill"),
        PendingActionCategory.MANAGER_REVIEW: _l("Ask a manager to review"),
        PendingActionCategory.OTHER: _l("Other"),
    },
    PendingActionStatus: {
        PendingActionStatus.OPEN: lazy_pgettext("suggested task", "Open"),
        PendingActionStatus.IN_PROGRESS: lazy_pgettext("suggested task", "In progress"),
        PendingActionStatus.COMPLETED: lazy_pgettext("suggested task", "Done"),
        PendingActionStatus.CANCELLED: lazy_pgettext("suggested task", "Canceled"),
    },
    AuditSource: {
        AuditSource.USER: _l("A person"),
        AuditSource.SYSTEM: _l("The system"),
        AuditSource.EXTERNAL: _l("An external system"),
        AuditSource.DATABASE: _l("A direct database change"),
    },
    RecordSource: {
        RecordSource.USER: _l("A person"),
        RecordSource.SYSTEM: _l("The system"),
        RecordSource.EXTERNAL: _l("An external system"),
    },
    StreamPause: {
        StreamPause.CREATOR_GONE: _l("The stream’s sender is no longer active"),
        StreamPause.CREATOR_LACKS_PERMISSION: _l("The stream’s sender no longer has permission"),
    },
    Theme: {Theme.LIGHT: _l("Light"), Theme.DARK: _l("Dark")},
}
