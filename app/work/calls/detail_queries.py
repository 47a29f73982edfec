"""Reading one call with all that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.audit.queries import HistoryEntry, list_history
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Call,
    CallAnalysis,
    CallNote,
    CallStatus,
    CallTranscript,
    ContactCard,
    Direction,
    MissedCallEntry,
    User,
)
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.recording_access import may_hear_condition
from app.security.rows import find_row, get_row
from app.security.scope import restrict, visible
from app.storage import is_key

MAX_NOTES = 200

_Csr = aliased(User, name="csr")
_Handler = aliased(User, name="handler")
_Rep = aliased(User, name="rep")
_Claimant = aliased(User, name="claimant")


def _beside_the_call(model: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(model.organization_id == Call.organization_id, *conditions)


#: A call, its contact card, name and end of CSR, of whoever answered and of the rep. Made once, not with every page.
_WITH_PEOPLE = (
    select(Call, ContactCard, *(column for user in (_Csr, _Handler, _Rep) for column in (user.name, user.deleted_at)))
    .outerjoin(ContactCard, _beside_the_call(ContactCard, ContactCard.id == Call.contact_card_id))
    .outerjoin(_Csr, _beside_the_call(_Csr, _Csr.id == Call.csr_id))
    .outerjoin(_Handler, _beside_the_call(_Handler, _Handler.id == Call.handled_by_user_id))
    .outerjoin(_Rep, _beside_the_call(_Rep, _Rep.id == Call.assigned_rep_id))
    .execution_options(**{INCLUDE_DELETED: True})
)


class Person(NamedTuple):
    """A person of the company as a call names them."""

    name: str
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One call with what belongs to it; what there is none of is None.

    People and cards that are deleted are there too: they say who it was. Transcript and analysis are None for those
    who may not hear the call.
    """

    call: Call
    contact: ContactCard | None
    csr: Person | None
    handler: Person | None
    rep: Person | None
    transcript: CallTranscript | None
    analysis: CallAnalysis | None
    #: The latest MAX_NOTES rows (CallNote, author's name, when the author was deleted, how many notes there are).
    notes: Sequence[Row[CallNote, str, datetime | None, int]]
    #: A row (MissedCallEntry, name of who claims it), for those who may read the queue.
    entry: Row[Any] | None
    history: Sequence[HistoryEntry]
    #: Whether audio, transcript and analysis are open to this person, if there are any.
    may_hear: bool

    @property
    def number(self) -> str | None:
        """Of the person at the other end, whoever called; E.164."""
        is_outbound = self.call.direction == Direction.OUTBOUND
        return self.call.called_number if is_outbound else self.call.caller_number

    @property
    def notes_left_out(self) -> int:
        """How many notes are older than those that are here."""
        return self.notes[0].total - len(self.notes) if self.notes else 0

    @property
    def name(self) -> str | None:
        """What the contact at the other end is called."""
        return self.contact.display_name if self.contact else None


def get_call(actor: Actor, call_id: UUID, *, lock: bool = False) -> Call:
    """The call; raises NotFound when it is not there for `actor`.

    With `lock`, it is held until the transaction ends and read anew, so that a check of its state stays true.
    """
    return get_row(actor, Call, call_id, named="call", lock=lock)


def get_call_detail(actor: Actor, call_id: UUID) -> CallDetail:
    """The call with all that `actor` may see of it, in four statements; raises NotFound."""
    row = db.session.execute(_with_all_that_is_there_once(actor, call_id)).one_or_none()
    if row is None:
        raise NotFound("call", call_id)
    call, contact, *people, transcript, analysis, may_hear = row
    csr, handler, rep = (Person(*named) if named[0] else None for named in zip(people[::2], people[1::2], strict=True))
    return CallDetail(
        call=call,
        contact=contact,
        csr=csr,
        handler=handler,
        rep=rep,
        transcript=transcript,
        analysis=analysis,
        notes=list_notes(actor, call_id),
        entry=_find_entry(actor, call),
        history=list_history(actor, "call", call_id),
        may_hear=may_hear,
    )


def find_recording(actor: Actor, call_id: UUID) -> str | None:
    """Where the recording of a call that `actor` may hear is stored."""
    call = db.session.scalar(visible(Call, actor).where(Call.id == call_id, may_hear_condition(actor)))
    return recording_key(call) if call else None


def recording_key(call: Call) -> str | None:
    """Where our own recording of the call is stored; None when there is none, or it is somebody else's address."""
    key = call.audio_url or ""
    return key if key.startswith(f"{call.organization_id}/recordings/") and is_key(key) else None


def list_notes(actor: Actor, call_id: UUID) -> Sequence[Row[CallNote, str, datetime | None, int]]:
    """Rows (CallNote, author's name, when the author was deleted, `total`: how many notes there are) of a call, the
    latest first; at most MAX_NOTES.
    """
    statement = (
        visible(CallNote, actor)
        .add_columns(
            func.coalesce(User.name, CallNote.author_label), User.deleted_at, func.count().over().label("total")
        )
        .outerjoin(User, refers_to(User, CallNote, CallNote.user_id))
        .where(CallNote.call_id == call_id, CallNote.deleted_at.is_(None))
        .order_by(CallNote.created_at.desc(), CallNote.id.desc())
        .limit(MAX_NOTES)
    )
    return db.session.execute(statement, execution_options={INCLUDE_DELETED: True}).all()


def get_note(actor: Actor, call_id: UUID, note_id: UUID, *, lock: bool = False) -> CallNote:
    """The note of a call that `actor` sees; raises NotFound. With `lock` as `get_call`."""
    get_call(actor, call_id)
    return get_row(actor, CallNote, note_id, CallNote.call_id == call_id, named="call_note", lock=lock)


def find_note(actor: Actor, note_id: UUID) -> CallNote | None:
    """A note that `actor` may see."""
    return find_row(actor, CallNote, note_id)


def _with_all_that_is_there_once(actor: Actor, call_id: UUID) -> Any:
    """Select the columns of `_WITH_PEOPLE`, CallTranscript, CallAnalysis, and whether these two may be heard."""
    may_hear = may_hear_condition(actor)
    joined = (
        _WITH_PEOPLE.add_columns(CallTranscript, CallAnalysis, may_hear.label("may_hear"))
        .outerjoin(CallTranscript, _beside_the_call(CallTranscript, CallTranscript.call_id == Call.id, may_hear))
        .outerjoin(CallAnalysis, _beside_the_call(CallAnalysis, CallAnalysis.call_id == Call.id, may_hear))
    )
    return restrict(joined, Call, actor).where(Call.id == call_id)


def _find_entry(actor: Actor, call: Call) -> Row[Any] | None:
    """The queue entry that the call opened or joined."""
    is_missed = call.status in {CallStatus.MISSED, CallStatus.VOICEMAIL}
    if not actor.may(Permission.MISSED_CALLS_READ) or not (is_missed or call.missed_entry_id):
        return None
    claimant = refers_to(_Claimant, MissedCallEntry, MissedCallEntry.claimed_by)
    statement = (
        visible(MissedCallEntry, actor)
        .add_columns(_Claimant.name)
        .outerjoin(_Claimant, claimant)
        .where(or_(MissedCallEntry.call_id == call.id, MissedCallEntry.id == call.missed_entry_id))
        # Its own before the one it joined.
        .order_by(MissedCallEntry.call_id != call.id)
        .limit(1)
    )
    return db.session.execute(statement, execution_options={INCLUDE_DELETED: True}).one_or_none()
