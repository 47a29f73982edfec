"""Operations that record an appointment: consent, the parts as they arrive, and the end.

Every request can be sent twice: a part is stored once, and ending or discarding a recording again, or refusing consent
again, changes nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.audit.actions import Action
from app.audit.occurred_rules import reported_moment
from app.audit.record import name_change, record_apart
from app.db.transaction import add_once, find_sent, translated_integrity_errors
from app.errors import Conflict, FieldError, NotFound, PayloadTooLarge, UnsupportedAudio, ValidationFailed
from app.extensions import db
from app.models import Appointment, Consent, RecordingPart, RecordingSession, RecordingStatus
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rows import find_row, get_row
from app.sound import HEAD_BYTES, suffix_of
from app.storage import new_key, storage
from app.tenancy.actor_rules import require_own_person
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.quota_service import refuse_over_quota, use_storage
from app.work.appointments.rules import TAKES_TIME, may_record, start_of_day
from app.work.recordings import rules
from app.work.recordings.detail_queries import find_open, get_recording_detail, list_parts
from app.work.recordings.jobs import prepare

_OVER = _l("This recording has ended. You can’t add to it.")
_SENT_ALREADY = _l("This form was already submitted. Open a new one to record again.")
_OTHER_PART = _l("A different version of this part was already uploaded.")
_DAMAGED = _l("This part was damaged in transit. Upload it again.")
_NO_SOUND = _l("This audio format isn’t supported. Choose a WebM, M4A, MP3, OGG, WAV or FLAC file.")


def begin(
    actor: Actor,
    appointment_id: UUID,
    recording_id: UUID,
    consent: Consent,
    *,
    occurred_at: datetime | None = None,
) -> RecordingSession:
    """Start recording an appointment, or store that the customer refused.

    `recording_id` is generated with the form. `occurred_at` is when it began, if that is reported later. Raises
    NotFound, Forbidden, QuotaExceeded and StorageFull before anything is recorded. Raises Conflict for an appointment
    that doesn't take place, if the form was submitted with other values before, and for a rep who is recording already,
    with the id of that recording. Raises ValidationFailed for a time before the day of the appointment or in the
    future.
    """
    actor.requires(Permission.RECORDINGS_WRITE)
    require_own_person(actor, Permission.RECORDINGS_WRITE)
    visit = get_row(actor, Appointment, appointment_id, Appointment.deleted_at.is_(None), named="appointment")
    rep_id = visit.sales_rep_id or actor.reference_id

    def find() -> RecordingSession | None:
        there = find_row(actor, RecordingSession, recording_id)
        if there is not None and (there.appointment_id, there.consent) != (visit.id, consent):
            raise Conflict(None, _SENT_ALREADY)
        return there

    there = find_sent(recording_id, find)
    if there is not None:
        return there
    refuse_visit(actor, visit)
    row = RecordingSession(id=recording_id, appointment_id=visit.id, sales_rep_id=rep_id, consent=consent)
    return open_session(actor, row, visit, occurred_at, find)


def open_session(
    actor: Actor,
    row: RecordingSession,
    visit: Appointment,
    occurred_at: datetime | None,
    find: Callable[[], RecordingSession | None],
) -> RecordingSession:
    """Add a recording that began at `occurred_at`, or the customer's refusal.

    Returns what `find` returns if another request has added it in the meantime. Raises QuotaExceeded, StorageFull,
    ValidationFailed, and Conflict for a rep who is recording already, as `begin` does.
    """
    now = datetime.now(UTC)
    told = reported_moment(occurred_at, now, start_of_day(visit))
    started_at = min(occurred_at or now, now)
    row.organization_id, row.started_at = actor.organization_id, started_at
    consent = Consent(row.consent)
    if rules.is_recorded(consent):
        storage().refuse_full(rules.EXPECTED_BYTES)
        refuse_over_quota(actor.organization_id, QuotaKind.STORAGE, rules.EXPECTED_BYTES)
        row.status, row.storage_key = RecordingStatus.RECORDING, new_key(actor.organization_id, "recordings")
    else:
        row.status, row.duration_seconds = RecordingStatus.READY, 0
        row.ended_at = rules.ended_between(started_at, started_at, now)
    if told is not None:
        name_change(Action.RECORDING_SESSION_CREATED, "recording_session", row.id, metadata=told)
    try:
        with translated_integrity_errors():
            return add_once(row, find)
    except Conflict as refused:
        open_id = find_open(actor, row.sales_rep_id)
        if open_id is None:
            raise
        raise Conflict(refused.extra["conflict_field"], refused.message, recording_id=str(open_id)) from None


def refuse_visit(actor: Actor, visit: Appointment) -> None:
    """Raise Forbidden for another rep's appointment, and Conflict for one that doesn't take place."""
    refuse_called_off(visit)
    if not may_record(visit, visit.status, actor):
        raise actor.refusal(
            Permission.RECORDINGS_WRITE,
            _l("You can only record your own appointments. Ask a manager."),
            needed=Role.MANAGER,
        )


def refuse_called_off(visit: Appointment) -> None:
    """Raise Conflict for an appointment that doesn't take place."""
    if visit.status not in TAKES_TIME:
        raise Conflict(None, _l("This appointment isn’t taking place, so there’s nothing to record."))


def lock_recording(actor: Actor, recording_id: UUID) -> RecordingSession:
    """Return the recording locked, if `actor` can add to it and end it. Raises NotFound and Forbidden."""
    actor.requires(Permission.RECORDINGS_WRITE)
    require_own_person(actor, Permission.RECORDINGS_WRITE)
    row = get_row(
        actor,
        RecordingSession,
        recording_id,
        RecordingSession.deleted_at.is_(None),
        named="recording_session",
        lock=True,
    )
    if not actor.sees_all(Permission.RECORDINGS_WRITE) and row.sales_rep_id != actor.user_id:
        raise actor.refusal(Permission.RECORDINGS_WRITE, _l("You can only edit your own recordings. Ask a manager."))
    return row


def keep_part(actor: Actor, recording_id: UUID, number: int, stream: IO[bytes], sha256: str) -> RecordingSession:
    """Store a part, numbered from 1, completely or not at all.

    `sha256` is its digest in hexadecimal digits. Raises NotFound, Forbidden, StorageFull, Conflict for a recording that
    has ended and for another part with this number, ValidationFailed for a damaged part, UnsupportedAudio for a first
    part in an unsupported format, and PayloadTooLarge if the recording would become too large.
    """
    row = lock_recording(actor, recording_id)
    digest = bytes.fromhex(sha256)
    there = {part.number: part for part in list_parts(row)}
    if number in there:
        if there[number].sha256 != digest:
            raise Conflict(None, _OTHER_PART)
        return row
    if row.status != RecordingStatus.RECORDING:
        raise Conflict(None, _OVER)
    head = _head(stream)
    left = rules.MAX_BYTES - sum(part.bytes for part in there.values())
    row.storage_key = row.storage_key or new_key(actor.organization_id, "recordings")
    stored = storage().save(rules.part_key(row.storage_key, number), stream, max_bytes=max(left, 0))
    if stored.sha256 != sha256 or stored.size == 0:
        storage().delete(stored.key)
        raise ValidationFailed([FieldError("sha256", _DAMAGED)], _DAMAGED)
    if number == 1 and suffix_of(head) is None:  # intact, so the format is unsupported
        storage().delete(stored.key)
        raise UnsupportedAudio
    db.session.add(
        RecordingPart(
            organization_id=actor.organization_id,
            session_id=row.id,
            number=number,
            sha256=digest,
            bytes=stored.size,
        )
    )
    with translated_integrity_errors():
        db.session.flush()
    return row


def finish(actor: Actor, recording_id: UUID, count: int, ended_at: datetime | None = None) -> RecordingSession:
    """End a recording of `count` parts, all of which have arrived; one that has ended stays as it is.

    Raises NotFound, Forbidden, and Conflict while parts are missing.
    """
    row = lock_recording(actor, recording_id)
    if row.status != RecordingStatus.RECORDING:
        return row
    missing = rules.missing_parts((part.number for part in list_parts(row)), count)
    if missing:
        raise Conflict(
            None,
            _ln(
                "%(num)s part hasn’t been uploaded yet. Try again once it has.",
                "%(num)s parts haven’t been uploaded yet. Try again once they have.",
                len(missing),
            ),
            missing=missing[:100],
        )
    end(row, ended_at)
    return row


def end(row: RecordingSession, ended_at: datetime | None) -> None:
    """End a locked recording with its parts, which a job then joins.

    What follows a gap becomes a recording of its own. A recording without parts is marked as failed.
    """
    parts = list_parts(row)
    row.ended_at = rules.ended_between(row.started_at, ended_at, datetime.now(UTC))
    if not parts:
        row.status, row.storage_key, row.duration_seconds = RecordingStatus.FAILED, None, 0
        db.session.flush()
        return
    row.status = RecordingStatus.UPLOADED
    db.session.flush()
    # Counted but no longer refused: there was space when it began, and nothing recorded is lost.
    use_storage(row.organization_id, sum(part.bytes for part in parts))
    prepare([row.id])


def end_with_arrived(row: RecordingSession, *, latest: datetime | None = None) -> None:
    """End a locked recording with the parts that have arrived.

    It ends when the last part arrived, but not after `latest`.
    """
    parts = list_parts(row)
    arrived_at = max((part.received_at for part in parts), default=None)
    ended_at = min(arrived_at, latest) if arrived_at and latest else arrived_at
    end(row, ended_at)


def take_file(actor: Actor, recording_id: UUID, stream: IO[bytes], size: int, sha256: str) -> RecordingSession:
    """Store a recording made elsewhere, one file of `size` bytes, and end the recording with it.

    Raises the errors of `keep_part`, QuotaExceeded, ValidationFailed for a file that isn't audio, and Conflict if parts
    have already arrived.
    """
    row = lock_recording(actor, recording_id)
    if row.status != RecordingStatus.RECORDING and any(part.sha256.hex() == sha256 for part in list_parts(row)):
        return row
    if suffix_of(_head(stream)) is None:
        raise ValidationFailed([FieldError("file", _NO_SOUND)])
    if size > rules.MAX_BYTES:
        raise PayloadTooLarge
    storage().refuse_full(size)
    refuse_over_quota(actor.organization_id, QuotaKind.STORAGE, size)
    if row.status == RecordingStatus.RECORDING and list_parts(row):
        raise Conflict(None, _l("This recording already has audio. End it, then upload the file to a new recording."))
    keep_part(actor, recording_id, 1, stream, sha256)
    return finish(actor, recording_id, 1)


def _head(stream: IO[bytes]) -> bytes:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return head


def open_unplayable(actor: Actor, recording_id: UUID) -> str:
    """Return the storage key of a recording that can't be played, for its download.

    The download is recorded in the audit trail. Raises NotFound for a recording that `actor` can't see, that didn't
    fail, or that has no file.
    """
    row = get_recording_detail(actor, recording_id).recording
    if not rules.has_original(row):
        raise NotFound("recording", recording_id)
    key = row.storage_key or ""
    storage().facts(key)
    record_apart(Action.RECORDING_DOWNLOADED, "recording_session", recording_id)
    return key
