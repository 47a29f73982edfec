"""Queries for one recording with its parts and its appointment, and for recordings to end or remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, func, or_, select, text, true

from app.db.context import current_context
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Appointment,
    Call,
    ContactCard,
    Job,
    JobStatus,
    RecordingPart,
    RecordingSession,
    RecordingStatus,
    User,
)
from app.security.actor import Actor
from app.security.rows import held
from app.security.scope import restrict, unscoped, visible, visible_id

#: Statuses of recordings whose parts have arrived and are still to be joined.
UNPREPARED = (RecordingStatus.UPLOADED, RecordingStatus.PROCESSING)


_MISSING = text("""
    SELECT number_before + 1, number FROM (
      SELECT session_id, number, lag(number, 1, 0) OVER upload AS number_before,
             lag(session_id) OVER upload AS session_before
      FROM recording_parts
      WHERE organization_id = :organization AND session_id IN (
        SELECT id FROM recording_sessions
        WHERE organization_id = :organization AND (id = :id OR id = :split_from OR split_from_id = :id)
      )
      WINDOW upload AS (ORDER BY number)
    ) AS parts
    WHERE number > number_before + 1 AND (session_id = :id OR session_before = :id)
    ORDER BY number
""")


@dataclass(frozen=True, slots=True)
class RecordingDetail:
    """A recording and its appointment.

    `call_id` and `appointment_id` are None if the viewer can't see them; an appointment in the trash is only indicated
    by `in_trash`. Until the recording ends, `parts` are the numbers of the parts that have arrived, and `bytes` is
    their total size; after that, they are empty and 0, and `missing` are the numbers of the parts that never arrived,
    before it, in it and after it.
    """

    recording: RecordingSession
    contact: str | None
    service_type: str
    scheduled_start_at: datetime
    appointment_id: UUID | None
    in_trash: bool
    call_id: UUID | None
    rep: str | None
    parts: tuple[int, ...]
    bytes: int
    #: When the latest of `parts` arrived.
    arrived_at: datetime | None
    missing: tuple[range, ...]
    #: The recordings that this one continues and that continue it, if the viewer can see them.
    before: RecordingSession | None
    after: RecordingSession | None
    #: The recordings of the same upload before and after a gap, if the viewer can see them.
    before_gap: RecordingSession | None
    after_gap: RecordingSession | None


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """A recording that hasn't ended.

    `parts` of it have arrived, the latest at `arrived_at`.
    """

    id: UUID
    appointment_id: UUID
    contact: str | None
    service_type: str
    started_at: datetime
    parts: int
    arrived_at: datetime | None


def get_recording_detail(actor: Actor, recording_id: UUID) -> RecordingDetail:
    """Return the recording in its current state. Raises NotFound."""
    db.session.flush()
    statement = (
        visible(RecordingSession, actor)
        .add_columns(
            ContactCard.display_name,
            Appointment.service_type,
            Appointment.scheduled_start_at,
            Appointment.deleted_at.is_not(None),
            visible_id(RecordingSession.appointment_id, Appointment, actor).label("seen_appointment"),
            visible_id(RecordingSession.call_id, Call, actor).label("seen_call"),
            User.name,
        )
        .join(Appointment, refers_to(Appointment, RecordingSession, RecordingSession.appointment_id))
        .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
        .join(User, refers_to(User, RecordingSession, RecordingSession.sales_rep_id))
        .where(RecordingSession.id == recording_id, RecordingSession.deleted_at.is_(None))
        .execution_options(**{INCLUDE_DELETED: True})
    )
    found = db.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("recording_session", recording_id)
    recording, contact, service, start, is_deleted, appointment_id, call_id, rep = found
    in_trash = is_deleted and appointment_id is not None
    chain = _list_chain(actor, recording)
    is_open = recording.status == RecordingStatus.RECORDING
    parts = list_parts(recording) if is_open else ()
    return RecordingDetail(
        recording=recording,
        contact=contact,
        service_type=service,
        scheduled_start_at=start,
        appointment_id=None if in_trash else appointment_id,
        in_trash=in_trash,
        call_id=call_id,
        rep=rep,
        parts=tuple(part.number for part in parts),
        bytes=sum(part.bytes for part in parts),
        arrived_at=max((part.received_at for part in parts), default=None),
        missing=() if is_open else _list_missing(recording),
        before=next((one for one in chain if one.id == recording.continues_id), None),
        after=next((one for one in chain if one.continues_id == recording.id), None),
        before_gap=next((one for one in chain if one.id == recording.split_from_id), None),
        after_gap=next((one for one in chain if one.split_from_id == recording.id), None),
    )


def _list_missing(recording: RecordingSession) -> tuple[range, ...]:
    """Return the numbers of the parts of its upload that never arrived, next to or between those of the recording.

    The recordings before and after its gaps count, whether the viewer can see them or not.
    """
    of_it = {"organization": recording.organization_id, "id": recording.id, "split_from": recording.split_from_id}
    return tuple(range(first, after) for first, after in db.session.execute(_MISSING, of_it))


def _list_chain(actor: Actor, recording: RecordingSession) -> Sequence[RecordingSession]:
    beside = or_(
        RecordingSession.id.in_([each for each in (recording.continues_id, recording.split_from_id) if each]),
        RecordingSession.continues_id == recording.id,
        RecordingSession.split_from_id == recording.id,
    )
    return db.session.scalars(
        visible(RecordingSession, actor).where(beside, RecordingSession.deleted_at.is_(None))
    ).all()


def list_parts(recording: RecordingSession) -> Sequence[RecordingPart]:
    """Return the parts of a recording that have arrived, in order."""
    of_it = unscoped(select(RecordingPart), why="parts of a recording that is already scoped").where(
        RecordingPart.organization_id == recording.organization_id, RecordingPart.session_id == recording.id
    )
    return db.session.scalars(of_it.order_by(RecordingPart.number)).all()


def find_open(actor: Actor, rep_id: UUID | None) -> UUID | None:
    """Return the id of the rep's recording that hasn't ended if `actor` can see it, or None."""
    mine = restrict(select(RecordingSession.id), RecordingSession, actor)
    return db.session.scalar(
        mine.where(
            RecordingSession.sales_rep_id == rep_id,
            RecordingSession.status == RecordingStatus.RECORDING,
            RecordingSession.deleted_at.is_(None),
        )
    )


def find_open_recording(actor: Actor) -> OpenRecording | None:
    """Return the actor's own recording that hasn't ended, or None."""
    arrived = (
        unscoped(
            select(func.count(RecordingPart.id), func.max(RecordingPart.received_at)),
            why="parts of the actor's own recording",
        )
        .where(
            RecordingPart.organization_id == RecordingSession.organization_id,
            RecordingPart.session_id == RecordingSession.id,
        )
        .lateral("arrived")
    )
    columns = (
        RecordingSession.id,
        RecordingSession.appointment_id,
        ContactCard.display_name,
        Appointment.service_type,
        RecordingSession.started_at,
        *arrived.c,
    )
    mine = (
        restrict(select(*columns), RecordingSession, actor)
        .join(Appointment, refers_to(Appointment, RecordingSession, RecordingSession.appointment_id))
        .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
        .join(arrived, true())
        .where(
            RecordingSession.sales_rep_id == actor.user_id,
            RecordingSession.status == RecordingStatus.RECORDING,
            RecordingSession.deleted_at.is_(None),
        )
        .execution_options(**{INCLUDE_DELETED: True})
    )
    found = db.session.execute(mine).one_or_none()
    return OpenRecording(*found) if found else None


def find_continuation(actor: Actor, recording_id: UUID) -> UUID | None:
    """Return the id of the recording that continues this one if `actor` can see it, or None."""
    following = restrict(select(RecordingSession.id), RecordingSession, actor)
    return db.session.scalar(following.where(RecordingSession.continues_id == recording_id))


def lock_unprepared(recording_id: UUID) -> RecordingSession | None:
    """Return the recording of the context's organization locked, if it is still to be prepared."""
    row: RecordingSession | None = db.session.scalar(
        held(
            unscoped(select(RecordingSession), why="the job loads the recording that it prepares").where(
                RecordingSession.organization_id == current_context().organization_id,
                RecordingSession.id == recording_id,
                RecordingSession.status.in_(UNPREPARED),
            )
        )
    )
    return row


def list_late(organization_id: UUID, before: datetime) -> Sequence[tuple[RecordingSession, bool]]:
    """Return and lock the recordings that have waited for their preparation since `before`.

    Each is returned with whether a job for it is waiting or running.
    """
    has_job = (
        unscoped(select(Job.id), why="the job covers all recordings of the organization")
        .where(
            Job.organization_id == RecordingSession.organization_id,
            Job.status.in_((JobStatus.WAITING, JobStatus.RUNNING)),
            Job.arguments["recording_id"].astext == cast(RecordingSession.id, Text),
        )
        .exists()
    )
    late = unscoped(select(RecordingSession, has_job), why="the job covers all recordings of the organization").where(
        RecordingSession.organization_id == organization_id,
        RecordingSession.status.in_(UNPREPARED),
        RecordingSession.deleted_at.is_(None),
        RecordingSession.updated_at <= before,
    )
    locked = late.order_by(RecordingSession.updated_at).with_for_update(of=RecordingSession, skip_locked=True)
    return [(row, is_pending) for row, is_pending in db.session.execute(locked)]


def list_discarded(organization_id: UUID, before: datetime) -> Sequence[RecordingSession]:
    """Return and lock the recordings discarded by `before` whose files still exist."""
    discarded = unscoped(select(RecordingSession), why="the job covers all recordings of the organization").where(
        RecordingSession.organization_id == organization_id,
        RecordingSession.discarded_at <= before,
        RecordingSession.storage_key.is_not(None),
    )
    oldest = discarded.order_by(RecordingSession.discarded_at).with_for_update(skip_locked=True)
    return db.session.scalars(oldest.execution_options(**{INCLUDE_DELETED: True})).all()


def list_abandoned(organization_id: UUID, before: datetime) -> Sequence[RecordingSession]:
    """Return and lock the open recordings for which nothing has arrived since `before`."""
    latest = (
        unscoped(select(func.max(RecordingPart.received_at)), why="the job covers all recordings of the organization")
        .where(
            RecordingPart.organization_id == RecordingSession.organization_id,
            RecordingPart.session_id == RecordingSession.id,
        )
        .scalar_subquery()
    )
    abandoned = unscoped(select(RecordingSession), why="the job covers all recordings of the organization").where(
        RecordingSession.organization_id == organization_id,
        RecordingSession.status == RecordingStatus.RECORDING,
        RecordingSession.deleted_at.is_(None),
        func.coalesce(latest, RecordingSession.started_at) < before,
    )
    return db.session.scalars(abandoned.order_by(RecordingSession.id).with_for_update(skip_locked=True)).all()
