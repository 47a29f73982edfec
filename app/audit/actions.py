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
    PERMISSION_REFUSED = "permission.refused"
    CALLS_EXPORTED = "calls.exported"
    RECORDING_PLAYED = "recording.played"
    IMPORT_ERRORS_EXPORTED = "import_errors.exported"

    # The better name of a change that the database records.
    SESSION_STARTED = "session.started"
    SESSION_ENDED = "session.ended"
    USER_ROLE_CHANGED = "user.role.changed"
    CALL_RECLASSIFIED = "call.reclassified"
    IMPORT_STARTED = "import.started"
    IMPORT_COMPLETED = "import.completed"
    IMPORT_FAILED = "import.failed"
