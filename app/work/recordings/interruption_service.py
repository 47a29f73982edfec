"""Recordings whose page was closed: ended with the arrived parts, or continued by another recording.

The bytes of two recorders are never joined: a browser's next recording is another file.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import Conflict
from app.extensions import db
from app.models import Appointment, Consent, RecordingSession, RecordingStatus
from app.security.actor import Actor
from app.security.rows import find_row, get_row
from app.work.recordings import rules
from app.work.recordings.detail_queries import find_continuation, list_parts
from app.work.recordings.service import end_with_arrived, lock_recording, open_session, refuse_called_off

_NOTHING_ARRIVED = _l("Nothing from this recording has been received yet. Continue or discard it.")
_NOT_RECORDED = _l("The customer declined to be recorded, so there’s nothing to continue.")
_DISCARDED = _l("This recording was discarded. Undo the discard, or start a new recording.")
_CONTINUED = _l("This recording was already continued.")


def end_interrupted(actor: Actor, recording_id: UUID) -> RecordingSession:
    """End a recording with the parts that have arrived; one that has ended stays as it is.

    Raises NotFound, Forbidden, and Conflict if nothing has arrived.
    """
    row = lock_recording(actor, recording_id)
    if row.status != RecordingStatus.RECORDING:
        return row
    if not list_parts(row):
        raise Conflict(None, _NOTHING_ARRIVED)
    end_with_arrived(row)
    return row


def continue_recording(
    actor: Actor, recording_id: UUID, next_id: UUID, *, occurred_at: datetime | None = None
) -> RecordingSession:
    """End a recording with the parts that have arrived, and start `next_id`, which continues it.

    The new recording has the same appointment, rep and consent. `occurred_at` is when it began, if that is reported
    later. Raises NotFound, Forbidden, QuotaExceeded and StorageFull. Raises Conflict for an appointment that doesn't
    take place, for a rep who is recording another appointment, and for a recording that the customer refused, that was
    discarded, or that was continued already. Raises ValidationFailed for a time before the day of the appointment or in
    the future.
    """
    row = lock_recording(actor, recording_id)

    def find() -> RecordingSession | None:
        return find_row(actor, RecordingSession, next_id, RecordingSession.continues_id == row.id)

    there = find()
    if there is not None:
        return there
    _refuse(actor, row)
    visit = get_row(actor, Appointment, row.appointment_id, Appointment.deleted_at.is_(None), named="appointment")
    refuse_called_off(visit)
    if row.status == RecordingStatus.RECORDING:
        end_with_arrived(row, latest=occurred_at or datetime.now(UTC))
        db.session.flush()
    following = RecordingSession(
        id=next_id,
        appointment_id=row.appointment_id,
        sales_rep_id=row.sales_rep_id,
        consent=row.consent,
        continues_id=row.id,
    )
    return open_session(actor, following, visit, occurred_at, find)


def _refuse(actor: Actor, row: RecordingSession) -> None:
    """Raise Conflict for a recording that can't be continued."""
    if not rules.is_recorded(Consent(row.consent)):
        raise Conflict(None, _NOT_RECORDED)
    if row.discarded_at is not None:
        raise Conflict(None, _DISCARDED)
    continued_by = find_continuation(actor, row.id)
    if continued_by is not None:
        raise Conflict(None, _CONTINUED, recording_id=str(continued_by))
