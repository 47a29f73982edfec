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
from app.extensions import db
from app.models import (
    Appointment,
    Call,
    CallStatus,
    CallType,
    Direction,
    HandledBy,
    RecordingFailure,
    RecordingSession,
    RecordingStatus,
    RecordSource,
)
from app.ops.jobs.queue import enqueue
from app.sandbox.runner import Unreadable
from app.security.rows import held
from app.security.scope import unscoped
from app.sound import HEAD_BYTES, MIMETYPES, UNKNOWN_MIMETYPE, suffix_of
from app.sound_reading import NotAudio, Sound, read_sound
from app.storage import StoredFile, storage
from app.tenancy.notification_service import NewNotification, notify
from app.trust.trash.file_jobs import remove_file
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_parts
from app.work.recordings.notices import RECORDING_FAILED

#: Suffix of a file that isn't audio. It can't be played, but nothing recorded is lost.
_NO_SUFFIX = ".bin"


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A recording to prepare: the keys of its consecutive parts, all part numbers, and its length.

    `parts_key` is the storage key of the recording, `minutes` the length by the clock.
    """

    parts_key: str
    keys: tuple[str, ...]
    numbers: tuple[int, ...]
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
    row = _find(recording_id)
    if row is not None and row.storage_key == claimed.parts_key:  # otherwise another run has stored it
        _store(row, claimed, heard)


def _claim(recording_id: UUID) -> _Claimed | None:
    row = _find(recording_id)
    if row is None or row.storage_key is None:
        return None
    row.status = RecordingStatus.PROCESSING
    numbers = tuple(part.number for part in list_parts(row))
    # Parts after a gap can't be placed.
    together = rules.parts_in_order(numbers)
    keys = tuple(rules.part_key(row.storage_key, number) for number in range(1, together + 1))
    return _Claimed(row.storage_key, keys, numbers, rules.minutes_between(row.started_at, row.ended_at))


def _hear(claimed: _Claimed) -> _Heard:
    suffix = suffix_of(next(storage().read(claimed.keys[0]))[:HEAD_BYTES]) or _NO_SUFFIX
    pieces = (piece for key in claimed.keys for piece in storage().read(key))
    whole = storage().write(claimed.parts_key + suffix, pieces)
    with TemporaryFile() as seekable:
        try:
            sound = read_sound(storage().path(whole.key), seekable, minutes=claimed.minutes)
        except NotAudio as error:
            return _Heard(whole, error.reason)
        if sound.has_seekable:
            seekable.seek(0)
            whole = storage().save(whole.key, seekable, max_bytes=2 * rules.MAX_BYTES)
    return _Heard(whole, sound)


def _store(row: RecordingSession, claimed: _Claimed, heard: _Heard) -> None:
    row.storage_key, row.audio_bytes = heard.whole.key, heard.whole.size
    row.content_type = MIMETYPES.get(PurePath(heard.whole.key).suffix, UNKNOWN_MIMETYPE)
    if isinstance(heard.sound, Unreadable):
        row.status, row.failure = RecordingStatus.FAILED, RecordingFailure(heard.sound)
        sentence = _l("One of your recordings can’t be played. %(why)s", why=rules.FAILURES[row.failure])
        notify(RECORDING_FAILED, [NewNotification(row.sales_rep_id, sentence, f"/recordings/{row.id}", row.id)])
    else:
        seconds = heard.sound.seconds
        row.duration_seconds, row.loudness = max(1, round(seconds)), heard.sound.loudness
        if row.ended_at is not None:
            row.started_at = rules.started_before(row.started_at, row.ended_at, seconds)
        row.status = RecordingStatus.READY
        row.call_id = _visit_of(row).id
    # The joined file is stored next to its parts under another suffix; only the parts are removed.
    for number in claimed.numbers:
        enqueue(remove_file, key=rules.part_key(claimed.parts_key, number))
    db.session.flush()


def _find(recording_id: UUID) -> RecordingSession | None:
    """Return the recording locked, if it is still to be prepared."""
    row: RecordingSession | None = db.session.scalar(
        held(
            unscoped(select(RecordingSession), why="the job loads the recording that it prepares").where(
                RecordingSession.organization_id == current_context().organization_id,
                RecordingSession.id == recording_id,
                RecordingSession.status.in_((RecordingStatus.UPLOADED, RecordingStatus.PROCESSING)),
            )
        )
    )
    return row


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
