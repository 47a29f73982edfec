"""Queries for one call with all its related records."""

from collections import namedtuple
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import BindParameter, Row, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.audit.queries import HistoryEntry, list_history
from app.db.joins import refers_to
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Appointment,
    BookingDispute,
    BookingStatus,
    Call,
    CallAnalysis,
    CallNote,
    CallStatus,
    CallTranscript,
    CallType,
    ContactCard,
    Direction,
    Lead,
    MissedCallEntry,
    RecordingSession,
    RevisionKind,
    User,
)
from app.security.actor import Actor
from app.security.compiled_query import cached_rows, compiled_query
from app.security.permissions import Permission
from app.security.recording_access import is_heard, may_hear_condition
from app.security.rows import find_row, get_row
from app.security.scope import restrict, unscoped, visible, visible_id
from app.storage import is_key

MAX_NOTES = 200
_MAX_APPOINTMENTS, _MAX_DISPUTES = 5, 20

#: Rows of `_notes` and `_disputes`.
NoteRow: TypeAlias = Row[Any]
DisputeRow: TypeAlias = Row[Any]

_Claimant = aliased(User, name="claimant")
_OF_CALL: BindParameter[UUID] = bindparam("call", type_=Uuid())


def _columns(model: Any, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(model, name) for name in names)


_CALL = tuple(column.key for column in Call.__table__.columns)
_CARD = (
    "id", "first_name", "full_name", "company_name", "primary_phone", "email", "address_line_1", "address_line_2",
    "city", "state", "zip",
)  # fmt: skip
_TRANSCRIPT = ("call_id", "transcript_text", "speaker_labels")
_ANALYSIS = (
    "call_id", "analysed_at", "confidence", "evidence", "missed_opportunities", "model", "objections",
    "qualification_status", "sop_compliance_score", "sop_stages_completed", "sop_stages_missed", "summary",
)  # fmt: skip
_NOTE = ("id", "user_id", "kind", "body", "turn", "parent_id", "created_at", "version")
_DISPUTE = (
    "status", "from_status", "to_status", "reason", "created_at", "raised_by_label", "decided_at", "decided_by_label",
    "decision_note",
)  # fmt: skip
#: Columns to read of each model, and the row type that holds them in place of the model.
_READ: tuple[tuple[Any, tuple[str, ...], Any], ...] = (
    (Call, _CALL, namedtuple("_CallRow", _CALL)),
    (ContactCard, _CARD, namedtuple("_CardRow", _CARD)),
    (CallTranscript, _TRANSCRIPT, namedtuple("_TranscriptRow", _TRANSCRIPT)),
    (CallAnalysis, _ANALYSIS, namedtuple("_AnalysisRow", _ANALYSIS)),
)


@compiled_query
def _with_all_that_is_there_once(actor: Actor) -> Selection:
    """Select the columns of `_READ`, whether the actor can listen to the call, and the contact's ID if visible.

    People are queried separately: planning a join of seven tables took longer than everything else.
    """
    columns = (column for model, names, _row in _READ for column in _columns(model, *names))
    of_the_call = (
        and_(CallTranscript.organization_id == Call.organization_id, CallTranscript.call_id == Call.id),
        and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id),
    )
    joined = (
        select(
            *columns,
            may_hear_condition(actor).label("may_hear"),
            visible_id(Call.contact_card_id, ContactCard, actor).label("seen_contact_id"),
            ContactCard.deleted_at.label("contact_deleted_at"),
        )
        .outerjoin(ContactCard, refers_to(ContactCard, Call, Call.contact_card_id))
        .outerjoin(CallTranscript, of_the_call[0])
        .outerjoin(CallAnalysis, of_the_call[1])
        .execution_options(**{INCLUDE_DELETED: True})
    )
    return restrict(joined, Call, actor).where(Call.id == _OF_CALL)


@cached_rows(RevisionKind.PEOPLE)
def _people(actor: Actor) -> Selection:
    """Select the ID, name and deletion time of up to three people of a call."""
    ids = [bindparam(name, type_=Uuid()) for name in ("csr", "handler", "rep")]
    people = unscoped(select(User.id, User.name, User.deleted_at), why="people of a call that is already scoped")
    named = people.where(User.organization_id == actor.organization_id, User.id.in_(ids))
    return named.execution_options(**{INCLUDE_DELETED: True})


class Person(NamedTuple):
    """A user as shown on a call."""

    name: str
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallDetail:
    """A call with its related records, None or empty if there are none that the user can see.

    Deleted users and contacts are included, because the page still shows their names. Transcript and analysis are None
    for users who can't listen to the call.
    """

    call: Call
    contact: ContactCard | None
    #: ID of the contact, if the user can open its page.
    contact_id: UUID | None
    csr: Person | None
    handler: Person | None
    rep: Person | None
    transcript: CallTranscript | None
    analysis: CallAnalysis | None
    #: Latest MAX_NOTES notes.
    notes: Sequence[NoteRow]
    #: A row (MissedCallEntry, claimant's name), for users who can read the queue.
    entry: Row[Any] | None
    history: Sequence[HistoryEntry]
    #: Appointments booked from the call, latest first, as far as visible to the user. The same applies to the lead
    #: below.
    appointments: Sequence[Row[Any]]
    #: Appointment that this call is the recording of, if visible to the user.
    visit: Row[UUID, datetime, str, str, str, Decimal | None, str | None] | None
    lead: Lead | None
    #: Disputes about the booking status, latest first.
    disputes: Sequence[DisputeRow]
    #: Whether the user can access recording, transcript and analysis, if they exist.
    may_hear: bool

    @property
    def number(self) -> str | None:
        """Phone number of the other party, in E.164."""
        is_outbound = self.call.direction == Direction.OUTBOUND
        return self.call.called_number if is_outbound else self.call.caller_number

    @property
    def notes_left_out(self) -> int:
        """Number of older notes that were not loaded."""
        return self.notes[0].total - len(self.notes) if self.notes else 0

    @property
    def name(self) -> str | None:
        """Name of the contact, or else their company or main number; None if the call has no contact."""
        card = self.contact
        return (card.full_name or card.company_name or card.primary_phone) if card else None


def get_call(actor: Actor, call_id: UUID, *, lock: bool = False) -> Call:
    """Return the call. Raises NotFound if it doesn't exist for `actor`.

    With `lock`, the row is locked until the end of the transaction and read again, so that a check of its state stays
    valid.
    """
    return get_row(actor, Call, call_id, named="call", lock=lock)


def get_call_detail(actor: Actor, call_id: UUID) -> CallDetail:
    """Return the call with everything that `actor` can see of it, in a few statements. Raises NotFound."""
    db.session.flush()  # a form could have changed it just before
    rows = _with_all_that_is_there_once.rows(actor, call=call_id)
    if not rows:
        raise NotFound("call", call_id)
    call, contact, transcript, analysis = _read(rows[0])
    may_hear = rows[0].may_hear
    csr, handler, rep = _people_of(actor, call)
    return CallDetail(
        call=call,
        contact=contact,
        contact_id=None if rows[0].contact_deleted_at else rows[0].seen_contact_id,
        csr=csr,
        handler=handler,
        rep=rep,
        transcript=transcript if may_hear else None,
        analysis=analysis if may_hear else None,
        notes=_notes.rows(actor, call=call_id),
        entry=_find_entry(actor, call),
        history=list_history(actor, "call", call_id),
        appointments=_appointments.rows(actor, call=call_id) if call.booking_status == BookingStatus.BOOKED else (),
        visit=_find_visit(actor, call) if call.call_type == CallType.VISIT_CALL else None,
        lead=find_row(actor, Lead, call.lead_id, Lead.deleted_at.is_(None)) if call.lead_id else None,
        disputes=_disputes.rows(actor, call=call_id) if call.booking_status else (),
        may_hear=may_hear,
    )


def find_recording(actor: Actor, call_id: UUID) -> str | None:
    """Return the storage key of the call's recording, or None if there is none that `actor` can listen to."""
    calls = unscoped(select(Call), why="`is_heard` restricts them: people hear missed calls of the queue, too")
    call = db.session.scalar(calls.where(Call.id == call_id, is_heard(actor)))
    return recording_key(call) if call else None


def recording_key(call: Call) -> str | None:
    """Return the storage key of our own recording of the call, or None if there is none or it is an external URL."""
    key = call.audio_url or ""
    return key if key.startswith(f"{call.organization_id}/recordings/") and is_key(key) else None


@compiled_query
def _notes(actor: Actor) -> Selection:
    """Select the latest notes of a call, with their author's name and deletion time, and the `total` number of them."""
    notes: Selection = restrict(
        select(
            *_columns(CallNote, *_NOTE),
            func.coalesce(User.name, CallNote.author_label).label("author"),
            User.deleted_at.label("author_deleted_at"),
            func.count().over().label("total"),
        ),
        CallNote,
        actor,
    )
    latest = (
        notes.outerjoin(User, refers_to(User, CallNote, CallNote.user_id))
        .where(CallNote.call_id == _OF_CALL, CallNote.deleted_at.is_(None))
        .order_by(CallNote.created_at.desc(), CallNote.id.desc())
        .limit(MAX_NOTES)
    )
    return latest.execution_options(**{INCLUDE_DELETED: True})


def get_note(actor: Actor, call_id: UUID, note_id: UUID, *, lock: bool = False) -> CallNote:
    """Return a note of a call visible to `actor`. Raises NotFound. For `lock` see `get_call`."""
    get_call(actor, call_id)
    return get_row(actor, CallNote, note_id, CallNote.call_id == call_id, named="call_note", lock=lock)


def find_note(actor: Actor, note_id: UUID) -> CallNote | None:
    """Return a note visible to `actor`, or None."""
    return find_row(actor, CallNote, note_id)


def _read(values: Sequence[Any]) -> Iterator[Any]:
    """Yield the row of each model in `_READ` from the values, or None if there is no row."""
    left = iter(values)
    for _model, names, row in _READ:
        read = row._make(islice(left, len(names)))
        yield None if read[0] is None else read


def _people_of(actor: Actor, call: Call) -> Iterator[Person | None]:
    """Return the CSR of the call, the user who answered it, and the rep, each None if there is none."""
    ids = (call.csr_id, call.handled_by_user_id, call.assigned_rep_id)
    rows = _people.rows(actor, csr=ids[0], handler=ids[1], rep=ids[2]) if any(ids) else ()
    named = {row.id: Person(row.name, row.deleted_at) for row in rows}
    return (named.get(one) for one in ids)


@compiled_query
def _appointments(actor: Actor) -> Selection:
    columns = Appointment.id, Appointment.scheduled_start_at, Appointment.service_type
    booked: Selection = restrict(select(*columns), Appointment, actor).where(
        Appointment.source_call_id == _OF_CALL, Appointment.deleted_at.is_(None)
    )
    return booked.order_by(Appointment.scheduled_start_at.desc(), Appointment.id.desc()).limit(_MAX_APPOINTMENTS)


def _find_visit(actor: Actor, call: Call) -> Row[UUID, datetime, str, str, str, Decimal | None, str | None] | None:
    """Return the appointment that was recorded as this call if `actor` can see it, or None.

    It is found even if its recording was deleted.
    """
    columns = (
        Appointment.id,
        Appointment.scheduled_start_at,
        Appointment.service_type,
        Appointment.status,
        Appointment.outcome,
        Appointment.deal_value,
        Appointment.lost_reason,
    )
    recorded = (
        restrict(select(*columns), Appointment, actor)
        .join(RecordingSession, refers_to(Appointment, RecordingSession, RecordingSession.appointment_id))
        .where(RecordingSession.call_id == call.id, Appointment.deleted_at.is_(None))
    )
    return db.session.execute(recorded, execution_options={INCLUDE_DELETED: True}).one_or_none()


@compiled_query
def _disputes(actor: Actor) -> Selection:
    disputes: Selection = restrict(select(*_columns(BookingDispute, *_DISPUTE)), BookingDispute, actor)
    latest = disputes.where(BookingDispute.call_id == _OF_CALL).order_by(BookingDispute.created_at.desc())
    return latest.limit(_MAX_DISPUTES)


def _find_entry(actor: Actor, call: Call) -> Row[Any] | None:
    """Return the missed call that the call opened or joined, with the claimant's name, or None.

    If there are both, the one that it opened is returned. Users who can't read missed calls get None.
    """
    is_missed = call.status in {CallStatus.MISSED, CallStatus.VOICEMAIL}
    if not actor.may(Permission.MISSED_CALLS_READ) or not (is_missed or call.missed_entry_id):
        return None
    claimant = refers_to(_Claimant, MissedCallEntry, MissedCallEntry.claimed_by)
    statement = (
        visible(MissedCallEntry, actor)
        .add_columns(_Claimant.name)
        .outerjoin(_Claimant, claimant)
        .where(or_(MissedCallEntry.call_id == call.id, MissedCallEntry.id == call.missed_entry_id))
        # The entry that the call opened comes before the one it joined.
        .order_by(MissedCallEntry.call_id != call.id)
        .limit(1)
    )
    return db.session.execute(statement, execution_options={INCLUDE_DELETED: True}).one_or_none()
