"""A recording whose parts are all here becomes a visit that can be heard."""

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
from app.sound_reading import NotSound, Sound, read_sound
from app.storage import StoredFile, storage
from app.tenancy.notification_service import Telling, notify
from app.trust.trash.file_jobs import remove_file
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_parts
from app.work.recordings.notices import RECORDING_FAILED

#: Of a file that is no sound; nothing plays it, and nothing that was recorded is lost.
_NO_SUFFIX = ".bin"


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A recording to be heard: where its parts are kept, how many fit together, and how long it took."""

    parts_key: str
    keys: tuple[str, ...]
    numbers: tuple[int, ...]
    minutes: float


@dataclass(frozen=True, slots=True)
class _Heard:
    """The whole, as it is stored, and its sound, or the reason why there is none."""

    whole: StoredFile
    sound: Sound | Unreadable


def make_ready_to_hear(recording_id: UUID) -> None:
    """Put the parts together, hear the whole, and make a call of it; one that is ready already is left alone.

    Hearing a long visit takes minutes, during which no transaction is open: a job that is stopped meanwhile begins
    again. What is no sound is kept as it is and marked as failed.
    """
    claimed = _claim(recording_id)
    if claimed is None:
        return
    db.session.commit()
    heard = _hear(claimed)
    row = _find(recording_id)
    if row is not None and row.storage_key == claimed.parts_key:  # or another run has stored it
        _store(row, claimed, heard)


def _claim(recording_id: UUID) -> _Claimed | None:
    row = _find(recording_id)
    if row is None or row.storage_key is None:
        return None
    row.status = RecordingStatus.PROCESSING
    numbers = tuple(part.number for part in list_parts(row))
    # After a gap nothing can be put in its place.
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
        except NotSound as error:
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
        sentence = _l("A recording of yours can’t be played. %(why)s", why=rules.FAILURES[row.failure])
        notify(RECORDING_FAILED, [Telling(row.sales_rep_id, sentence, f"/recordings/{row.id}", row.id)])
    else:
        seconds = heard.sound.seconds
        row.duration_seconds, row.loudness = max(1, round(seconds)), heard.sound.loudness
        if row.ended_at is not None:
            row.started_at = rules.started_before(row.started_at, row.ended_at, seconds)
        row.status = RecordingStatus.READY
        row.call_id = _visit_of(row).id
    # The whole stands beside its parts, under another ending: only they go.
    for number in claimed.numbers:
        enqueue(remove_file, key=rules.part_key(claimed.parts_key, number))
    db.session.flush()


def _find(recording_id: UUID) -> RecordingSession | None:
    """Hold the recording while it is still to be heard."""
    row: RecordingSession | None = db.session.scalar(
        held(
            unscoped(select(RecordingSession), why="a job that works on the recording it is given").where(
                RecordingSession.organization_id == current_context().organization_id,
                RecordingSession.id == recording_id,
                RecordingSession.status.in_((RecordingStatus.UPLOADED, RecordingStatus.PROCESSING)),
            )
        )
    )
    return row


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
