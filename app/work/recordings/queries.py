"""Queries for the list of recordings."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import newest_or_oldest_first
from app.models import Appointment, Call, CallAnalysis, ContactCard, RecordingSession, RecordingStatus, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.scope import unscoped
from app.work.contacts.queries import is_of_contact
from app.work.recordings.filters import RecordingFilters

_Rep = aliased(User, name="rep")
#: The table rather than the model: appointments in the trash, which queries otherwise leave out, have recordings too.
_visit = Appointment.__table__.alias("visit").c

SORTS = newest_or_oldest_first("startedAt", RecordingSession.started_at, RecordingSession.id)


def recording_conditions(filters: RecordingFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """Return the SQL conditions for `filters` and for `span`, the period that they name."""
    found: list[ColumnElement[bool]] = [RecordingSession.deleted_at.is_(None)]
    if filters.q:
        visits = unscoped(select(_visit.id), why="filters recordings that are scoped; no appointment is returned")
        at_theirs = is_of_contact(_visit.contact_card_id, filters.q)
        visits = visits.where(_visit.organization_id == actor.organization_id, at_theirs)
        found.append(RecordingSession.appointment_id.in_(visits))
    if span is not None:
        found += [RecordingSession.started_at >= span.start, RecordingSession.started_at < span.end]
    if filters.rep is not None:
        found.append(matches_person(RecordingSession.sales_rep_id, filters.rep, actor))
    if filters.appointment_id is not None:
        found.append(RecordingSession.appointment_id == filters.appointment_id)
    if filters.status:
        found.append(is_any_of(RecordingSession.status, filters.status))
    return found


def _list_conditions(filters: RecordingFilters, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    return recording_conditions(filters, actor, span_of(filters, actor, now))


_IS_ANALYSED = exists().where(
    CallAnalysis.organization_id == RecordingSession.organization_id, CallAnalysis.call_id == RecordingSession.call_id
)

_ROW = (
    select(
        RecordingSession.id,
        RecordingSession.started_at,
        RecordingSession.duration_seconds,
        RecordingSession.status,
        RecordingSession.consent,
        Appointment.service_type,
        ContactCard.display_name.label("contact_name"),
        _Rep.name.label("rep_name"),
        _IS_ANALYSED.label("is_analysed"),
    )
    .join(Appointment, refers_to(Appointment, RecordingSession, RecordingSession.appointment_id))
    .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
    .join(_Rep, refers_to(_Rep, RecordingSession, RecordingSession.sales_rep_id))
    .execution_options(include_deleted=True)
)


#: The recordings that `actor` can see and that match `filters`.
recording_list = ListOf(
    RecordingSession,
    _ROW,
    narrow=_list_conditions,
    sorts=SORTS,
    links=((RecordingSession.call_id, Call),),
)

_HAS_AUDIO = (
    unscoped(select(Call.id), why="condition on recordings that are restricted themselves")
    .where(
        Call.organization_id == RecordingSession.organization_id,
        Call.id == RecordingSession.call_id,
        Call.audio_url.is_not(None),
    )
    .exists()
)
_CAN_BE_PLAYED = and_(RecordingSession.status == RecordingStatus.READY, _HAS_AUDIO)

#: The same recordings with all their values.
recording_records = ListOf(
    RecordingSession,
    _ROW.add_columns(
        RecordingSession.sales_rep_id,
        _Rep.name.label("sales_rep_name"),
        RecordingSession.continues_id,
        RecordingSession.split_from_id,
        RecordingSession.failure,
        RecordingSession.ended_at,
        RecordingSession.discarded_at,
        RecordingSession.audio_bytes,
        RecordingSession.content_type,
        case((_CAN_BE_PLAYED, func.concat("recording-sessions/", RecordingSession.id, "/audio"))).label("audio_url"),
        RecordingSession.created_at,
        RecordingSession.updated_at,
        RecordingSession.version,
    ),
    narrow=_list_conditions,
    sorts=SORTS,
    links=((RecordingSession.call_id, Call), (RecordingSession.appointment_id, Appointment)),
)
