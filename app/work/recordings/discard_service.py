"""Discarding of recordings: they can be restored for a while, then a job removes what has arrived."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import RecordingSession, RecordingStatus
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.trust.trash.file_jobs import remove_file
from app.work.recordings import rules
from app.work.recordings.detail_queries import find_open, list_discarded, list_parts
from app.work.recordings.service import end_with_arrived, lock_recording

_ENDED = _l("This recording has ended. An admin can delete it.")
_GONE = _l("This recording was discarded more than 15 minutes ago and was permanently deleted.")


def discard(actor: Actor, recording_id: UUID) -> RecordingSession:
    """End a recording without saving it; one that is discarded already stays as it is.

    What has arrived can be restored for 15 minutes. Raises NotFound, Forbidden, and Conflict once it has ended.
    """
    row = lock_recording(actor, recording_id)
    if row.status == RecordingStatus.FAILED and (row.discarded_at is not None or row.storage_key is None):
        return row
    if row.status != RecordingStatus.RECORDING:
        raise Conflict(None, _ENDED)
    now = datetime.now(UTC)
    row.status, row.discarded_at, row.duration_seconds = RecordingStatus.FAILED, now, 0
    row.ended_at = rules.ended_between(row.started_at, None, now)
    if not list_parts(row):
        row.storage_key = None
    db.session.flush()
    return row


def undo_discard(actor: Actor, recording_id: UUID) -> RecordingSession:
    """Restore a discarded recording.

    It is open as before, or ended if its rep is recording another appointment by now. Raises NotFound, Forbidden, and
    Conflict once it has been removed.
    """
    row = lock_recording(actor, recording_id)
    if row.discarded_at is None:
        return row
    if not row.is_undoable:
        raise Conflict(None, _GONE)
    row.discarded_at, row.duration_seconds = None, None
    if find_open(actor, row.sales_rep_id) is not None:
        end_with_arrived(row)
    else:
        row.status, row.ended_at = RecordingStatus.RECORDING, None
    with translated_integrity_errors():
        db.session.flush()
    return row


def remove_discarded(now: datetime) -> None:
    """Remove the files of one organization's recordings that were discarded at least 15 minutes ago."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise NotFound("organization")
    for row in list_discarded(organization_id, now - rules.UNDOABLE_FOR):
        # Its parts are removed too, after the commit: a recording that can be restored still has its files.
        enqueue(remove_file, key=row.storage_key)
        row.storage_key = None
