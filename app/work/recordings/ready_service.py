"""Preparation of an uploaded recording, which becomes a call that can be played."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from tempfile import TemporaryFile
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db.context import current_context
from app.db.ids import uuid7
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Appointment,
    Call,
    CallStatus,
    CallType,
    Consent,
    Direction,
    HandledBy,
    RecordingFailure,
    RecordingSession,
    RecordingStatus,
    RecordSource,
)
from app.ops.jobs.queue import enqueue_each
from app.sandbox.runner import Unreadable
from app.security.rows import held
from app.security.scope import unscoped
from app.sound import HEAD_BYTES, MIMETYPES, UNKNOWN_MIMETYPE, suffix_of
from app.sound_reading import NotAudio, Sound, read_sound
from app.storage import StoredFile, storage
from app.tenancy.notification_service import NewNotification, notify
from app.trust.trash.file_jobs import remove_file
from app.work.analyses.task_rules import RECORDING_SUBJECT, VISIT_KIND
from app.work.analyses.task_service import queue_task
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_parts, lock_unprepared
from app.work.recordings.late_service import notify_concerned
from app.work.recordings.notices import RECORDING_DELAYED, RECORDING_FAILED

#: Suffix of a file that isn't audio. It can't be played, but nothing recorded is lost.
_NO_SUFFIX = ".bin"


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A recording to prepare: the keys of its consecutive parts, and its length.

    `parts_key` is the storage key of the recording, `minutes` the length by the clock. `is_beginning` is false for what
    follows a gap.
    """

    parts_key: str
    keys: tuple[str, ...]
    is_beginning: bool
    minutes: float


@dataclass(frozen=True, slots=True)
class _Heard:
    """The joined file, and its audio or the reason why there is none."""

    whole: StoredFile
    sound: Sound | Unreadable


def make_ready_to_hear(recording_id: UUID) -> None:
    """Join the parts of a recording, read the audio, and create a call for it.

    A recording that is ready already is left alone. Reading a long recording takes minutes, during which no transaction
    is open; a job that is stopped starts again. A file that isn't audio is stored as it is and marked as failed.
    """
    claimed = _claim(recording_id)
    if claimed is None:
        return
    db.session.commit()
    heard = _hear(claimed)
    row = lock_unprepared(recording_id)
    if row is not None and row.storage_key == claimed.parts_key:
        _store(row, claimed, heard)
    else:
        _remove_unless_stored(recording_id, heard.whole.key)


def fail_preparation(recording_id: UUID) -> None:
    """Mark a recording that could not be prepared as failed, and notify its rep and the admins.

    Its parts are kept.
    """
    row = lock_unprepared(recording_id)
    if row is None or row.storage_key is None:
        return
    row.status, row.failure = RecordingStatus.FAILED, RecordingFailure.NOT_PREPARED
    db.session.flush()
    sentence = _l("A recording couldn’t be prepared for playing. Its audio is kept, and an admin can retry its job.")
    notify_concerned(RECORDING_FAILED, sentence, [row])


def resume_preparation(recording_id: UUID) -> None:
    """Have a recording that could not be prepared wait for its preparation again; leave any other unchanged."""
    row = db.session.scalar(
        held(
            unscoped(select(RecordingSession), why="called when the failed job of any user is retried").where(
                RecordingSession.organization_id == current_context().organization_id,
                RecordingSession.id == recording_id,
                RecordingSession.failure == RecordingFailure.NOT_PREPARED,
            )
        )
    )
    if row is not None:
        row.status, row.failure = RecordingStatus.UPLOADED, None
        db.session.flush()


def _claim(recording_id: UUID) -> _Claimed | None:
    row = lock_unprepared(recording_id)
    if row is None or row.storage_key is None:
        return None
    row.status = RecordingStatus.PROCESSING
    keys = tuple(rules.part_key(row.storage_key, part.number) for part in list_parts(row))
    minutes = rules.minutes_between(row.started_at, row.ended_at)
    return _Claimed(row.storage_key, keys, row.split_from_id is None, minutes)


def _hear(claimed: _Claimed) -> _Heard:
    keys = claimed.keys if claimed.is_beginning else _with_header(claimed)
    suffix = suffix_of(next(storage().read(keys[0]), b"")[:HEAD_BYTES]) or _NO_SUFFIX
    pieces = (piece for key in keys for piece in storage().read(key))
    whole = storage().write(claimed.parts_key + suffix, pieces)
    with TemporaryFile() as seekable:
        # What follows a gap stays as it came: a copy of what can be decoded might lack the beginning.
        target = seekable if claimed.is_beginning else None
        try:
            sound = read_sound(storage().path(whole.key), target, minutes=claimed.minutes)
        except NotAudio as error:
            return _Heard(whole, error.reason)
        if sound.has_seekable:
            seekable.seek(0)
            whole = storage().save(whole.key, seekable, max_bytes=2 * rules.MAX_BYTES)
    return _Heard(whole, sound)


def _with_header(claimed: _Claimed) -> tuple[str, ...]:
    header = rules.header_key(claimed.parts_key)
    try:
        storage().facts(header)
    except NotFound:  # of an unknown format, or of an upload without its first part
        return claimed.keys
    return header, *claimed.keys


def _store(row: RecordingSession, claimed: _Claimed, heard: _Heard) -> None:
    row.storage_key, row.audio_bytes = heard.whole.key, heard.whole.size
    row.content_type = MIMETYPES.get(PurePath(heard.whole.key).suffix, UNKNOWN_MIMETYPE)
    if isinstance(heard.sound, Unreadable):
        row.status, row.failure = RecordingStatus.FAILED, RecordingFailure(heard.sound)
        why = rules.FAILURES[row.failure]
        if row.delayed_at is not None:
            notify_concerned(RECORDING_FAILED, _l("A delayed recording can’t be played. %(why)s", why=why), [row])
        else:
            sentence = _l("One of your recordings can’t be played. %(why)s", why=why)
            notify(RECORDING_FAILED, [NewNotification(row.sales_rep_id, sentence, f"/recordings/{row.id}", row.id)])
    else:
        seconds = heard.sound.seconds
        row.duration_seconds, row.loudness = max(1, round(seconds)), heard.sound.loudness
        if row.ended_at is not None:
            row.started_at = rules.started_before(row.started_at, row.ended_at, seconds)
        row.status = RecordingStatus.READY
        row.call_id = _visit_of(row).id
        if row.consent == Consent.GIVEN:
            queue_task(row.organization_id, RECORDING_SUBJECT, row.id, VISIT_KIND)
        if row.delayed_at is not None:
            notify_concerned(RECORDING_DELAYED, _l("A delayed recording is ready to play."), [row])
    # The joined file is stored next to its parts under another suffix; only the parts are removed.
    parts = claimed.keys if claimed.is_beginning else (rules.header_key(claimed.parts_key), *claimed.keys)
    enqueue_each(remove_file, [{"key": key} for key in parts])
    db.session.flush()


def _remove_unless_stored(recording_id: UUID, key: str) -> None:
    """Remove the joined file of a recording that was erased, deleted or purged while it was read."""
    stored = unscoped(select(RecordingSession.id), why="the job looks for the recording that it prepares").where(
        RecordingSession.organization_id == current_context().organization_id,
        RecordingSession.id == recording_id,
        RecordingSession.storage_key == key,
    )
    if db.session.scalar(stored.execution_options(**{INCLUDE_DELETED: True})) is None:
        storage().delete(key)


def _visit_of(row: RecordingSession) -> Call:
    """Create the call that represents the recorded appointment among its contact's calls."""
    appointment = unscoped(Appointment, why="the job loads the appointment of the recording that it prepares")
    visit = db.session.get(
        appointment, (row.organization_id, row.appointment_id), execution_options={"include_deleted": True}
    )
    seconds = row.duration_seconds or 1
    call = Call(
        organization_id=row.organization_id,
        id=uuid7(),
        contact_card_id=visit.contact_card_id if visit else None,
        lead_id=visit.lead_id if visit else None,
        # The company came to the customer; as an inbound call it would count as an answered one.
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
