"""Queries for one recording with its parts and its appointment, and for recordings to end or remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, true

from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Appointment,
    Call,
    ContactCard,
    RecordingPart,
    RecordingSession,
    RecordingStatus,
    User,
)
from app.security.actor import Actor
from app.security.scope import restrict, unscoped, visible, visible_id


@dataclass(frozen=True, slots=True)
class RecordingDetail:
    """A recording and its appointment.

    `call_id` and `appointment_id` are None if the viewer can't see them; an appointment in the trash is only indicated
    by `in_trash`. Until the recording ends, `parts` are the numbers of the parts that have arrived, and `bytes` is
    their total size; after that, they are empty and 0.
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
    #: The recordings that this one continues and that continue it, if the viewer can see them.
    before: RecordingSession | None
    after: RecordingSession | None


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
    parts = list_parts(recording) if recording.status == RecordingStatus.RECORDING else ()
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
        before=next((one for one in chain if one.id == recording.continues_id), None),
        after=next((one for one in chain if one.continues_id == recording.id), None),
    )


def _list_chain(actor: Actor, recording: RecordingSession) -> Sequence[RecordingSession]:
    beside = or_(RecordingSession.id == recording.continues_id, RecordingSession.continues_id == recording.id)
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
