"""A recording whose parts are all here becomes a visit that can be heard."""

from datetime import timedelta
from pathlib import PurePath
from tempfile import TemporaryFile
from uuid import UUID

from sqlalchemy import func, select

from app.db.context import current_context
from app.db.ids import uuid7
from app.extensions import db
from app.models import (
    Appointment,
    Call,
    CallStatus,
    CallType,
    Direction,
    HandledBy,
    RecordingSession,
    RecordingStatus,
    RecordSource,
)
from app.ops.jobs.queue import enqueue
from app.security.rows import held
from app.security.scope import unscoped
from app.sound import HEAD_BYTES, MIMETYPES, UNKNOWN_MIMETYPE, NotSound, suffix_of
from app.storage import storage
from app.trust.trash.file_jobs import remove_file
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_parts

#: Of a file that is no sound; nothing plays it, and nothing that was recorded is lost.
_NO_SUFFIX = ".bin"


def make_ready_to_hear(recording_id: UUID) -> None:
    """Put the parts together, hear the whole, and make a call of it; one that is ready already is left alone.

    What is no sound is kept as it is and marked as failed.
    """
    from app.sound_reading import make_seekable, read_sound  # noqa: PLC0415 - 23 MB for each process that hears nothing

    # Hearing a long visit takes longer than a transaction may do nothing.
    db.session.execute(select(func.set_config("idle_in_transaction_session_timeout", "10min", True)))
    row = db.session.scalar(
        held(
            unscoped(select(RecordingSession), why="a job that works on the recording it is given").where(
                RecordingSession.organization_id == current_context().organization_id,
                RecordingSession.id == recording_id,
                RecordingSession.status == RecordingStatus.UPLOADED,
            )
        )
    )
    if row is None or row.storage_key is None:
        return
    parts_key = row.storage_key
    parts = list_parts(row)
    # After a gap nothing can be put in its place.
    together = rules.parts_in_order(part.number for part in parts)
    keys = [rules.part_key(parts_key, number) for number in range(1, together + 1)]
    suffix = suffix_of(next(storage().read(keys[0]))[:HEAD_BYTES]) or _NO_SUFFIX
    whole = storage().write(parts_key + suffix, (piece for key in keys for piece in storage().read(key)))
    row.storage_key = whole.key
    row.content_type = MIMETYPES.get(PurePath(whole.key).suffix, UNKNOWN_MIMETYPE)
    try:
        sound = read_sound(storage().path(whole.key))
    except NotSound:
        row.status = RecordingStatus.FAILED
    else:
        with TemporaryFile() as seekable:
            if make_seekable(storage().path(whole.key), seekable):
                whole = storage().save(whole.key, seekable, max_bytes=2 * rules.MAX_BYTES)
        row.duration_seconds, row.loudness = max(1, round(sound.seconds)), sound.loudness
        if row.ended_at is not None:
            row.started_at = rules.started_before(row.started_at, row.ended_at, sound.seconds)
        row.status = RecordingStatus.READY
        row.call_id = _visit_of(row).id
    row.audio_bytes = whole.size
    # The whole stands beside its parts, under another ending: only they go.
    for part in parts:
        enqueue(remove_file, key=rules.part_key(parts_key, part.number))
    db.session.flush()


def _visit_of(row: RecordingSession) -> Call:
    """The call that the visit was, among all other calls of its contact."""
    appointment = unscoped(Appointment, why="a job that works on the recording it is given")
    visit = db.session.get(
        appointment, (row.organization_id, row.appointment_id), execution_options={"include_deleted": True}
    )
    seconds = row.duration_seconds or 1
    call = Call(
        organization_id=row.organization_id,
        id=uuid7(),
        contact_card_id=visit.contact_card_id if visit else None,
        lead_id=visit.lead_id if visit else None,
        # The company came to the customer; counted among the calls that come in, it would look like an answered one.
        direction=Direction.OUTBOUND,
        call_type=CallType.VISIT_CALL,
        status=CallStatus.COMPLETED,
        handled_by=HandledBy.HUMAN,
        handled_by_user_id=row.sales_rep_id,
        assigned_rep_id=row.sales_rep_id,
        started_at=row.started_at,
        answered_at=row.started_at,
        ended_at=row.started_at + timedelta(seconds=seconds),
        duration_seconds=seconds,
        topic=(visit.service_type if visit else "")[:100] or None,
        source=RecordSource.USER,
        audio_url=row.storage_key,
    )
    db.session.add(call)
    db.session.flush()
    return call
