"""The one list of audit actions that a service or the request edge names.

A changed row that nobody names gets `<resource>.created|updated|deleted|restored|purged` from the database's own
trigger. To add an action: add it here, name it in the service (`app.audit.record`), and give it a sentence where
actions are shown.
"""

from enum import StrEnum


class Action(StrEnum):
    """`<resource>.<what happened>`, in the past tense. Public: exports and streams carry these words."""

    # Nothing but a record: no row changes.
    SESSION_FAILED = "session.failed"
    SECOND_FACTOR_FAILED = "user.second_factor.failed"
    ORGANIZATIONS_LISTED = "organization.listed"
    ORGANIZATION_ENTERED = "organization.entered"
    ORGANIZATION_LEFT = "organization.left"
    MESSAGE_LINK_SHOWN = "message.link.shown"
    PERMISSION_REFUSED = "permission.refused"
    JOB_RETRIED = "job.retried"
    JOB_DISMISSED = "job.dismissed"
    CALLS_EXPORTED = "calls.exported"
    RECORDING_PLAYED = "recording.played"
    IMPORT_ERRORS_EXPORTED = "import_errors.exported"
    AUDIT_VERIFIED = "audit.verified"
    # By the database itself, with what it names: the record that verifying demands.
    AUDIT_ERASED = "audit.erased"
    AUDIT_DROPPED = "audit.dropped"
    AUDIT_EXPORTED = "audit.exported"
    EXPORT_DOWNLOADED = "export.downloaded"
    ORGANIZATION_REPAIRED = "organization.repaired"
    DEMONSTRATION_LOADED = "demonstration.loaded"

    # The better name of a change that the database records.
    SESSION_STARTED = "session.started"
    SESSION_ENTERED = "session.entered"
    SESSION_LEFT = "session.left"
    SESSION_VIEWING_STARTED = "session.viewing.started"
    SESSION_VIEWING_ENDED = "session.viewing.ended"
    SESSION_ENDED = "session.ended"
    USER_ROLE_CHANGED = "user.role.changed"
    USER_PERMISSION_GRANTED = "user_permission.granted"
    USER_PERMISSION_TAKEN = "user_permission.taken"
    USER_DEACTIVATED = "user.deactivated"
    USER_ACTIVATED = "user.activated"
    USER_SECOND_FACTOR_SET = "user.second_factor.set"
    USER_SECOND_FACTOR_REMOVED = "user.second_factor.removed"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_REVOKED = "invitation.revoked"
    CALL_RECLASSIFIED = "call.reclassified"
    IMPORT_STARTED = "import.started"
    IMPORT_COMPLETED = "import.completed"
    IMPORT_FAILED = "import.failed"
    EXPORT_COMPLETED = "export.completed"
    EXPORT_FAILED = "export.failed"
    EXPORT_REMOVED = "export.removed"
    BULK_OPERATION_UNDONE = "bulk_operation.undone"
    CALL_REVERTED = "call.reverted"
    CALL_NOTE_REVERTED = "call_note.reverted"
    CONTACT_CARD_REVERTED = "contact_card.reverted"
    LEAD_REVERTED = "lead.reverted"
    APPOINTMENT_REVERTED = "appointment.reverted"
    TASK_REVERTED = "task.reverted"
    EVENT_REVERTED = "event.reverted"
    KNOWLEDGE_ITEM_REVERTED = "knowledge_item.reverted"
    DELETION_RESTORED = "deletion.restored"
    DELETION_PURGED = "deletion.purged"
    USER_ANONYMIZED = "user.anonymized"
    ORGANIZATION_DELETED = "organization.deleted"
