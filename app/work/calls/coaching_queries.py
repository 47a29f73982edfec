"""Queries for the coaching of a call: notes about its turns or the whole call, with their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, func, select

from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import CallNote, CallTranscript, NoteKind, User
from app.security.actor import Actor
from app.security.scope import unscoped, visible
from app.work.calls.detail_queries import get_note

#: Maximum number of notes shown per call, including answers.
MAX_COACHING = 200


@dataclass(frozen=True, slots=True)
class Thread:
    """A coaching note with its author's name, and its answers with their authors' names in chronological order."""

    note: CallNote
    author: str
    answers: Sequence[tuple[CallNote, str]]


def list_threads(actor: Actor, call_id: UUID, turn: int | None) -> list[Thread]:
    """Return the coaching threads of a call that `actor` can see, at `turn` or, without one, at all turns.

    They are in the order of the turns; threads about the whole call come last.
    """
    rows = _list_notes(actor, call_id)
    heads = [row for row in rows if row[0].parent_id is None and turn in (None, row[0].turn)]
    heads.sort(key=lambda row: (row[0].turn is None, row[0].turn or 0))
    return [
        Thread(note, author, [(answer, name) for answer, name in rows if answer.parent_id == note.id])
        for note, author in heads
    ]


def get_coaching(actor: Actor, call_id: UUID, note_id: UUID, *, lock: bool = False) -> CallNote:
    """Return a coaching note of a call. Raises NotFound, also if the note is an answer."""
    note = get_note(actor, call_id, note_id, lock=lock)
    if note.kind != NoteKind.COACHING or note.parent_id is not None:
        raise NotFound("call_note", note_id)
    return note


def count_turns(actor: Actor, call_id: UUID) -> int:
    """Return the number of turns in the transcript of a call."""
    of_call = visible(CallTranscript, actor).where(CallTranscript.call_id == call_id)
    turns = db.session.scalar(of_call.with_only_columns(CallTranscript.speaker_labels))
    return len(turns) if isinstance(turns, list) else 0


def find_person(organization_id: UUID, user_id: UUID | None) -> User | None:
    """Return a user to notify about a call, regardless of who can see them, or None.

    The call must already be authorized: the user is its CSR or the author of a note about it.
    """
    if user_id is None:
        return None
    person = unscoped(select(User), why="recipient of a notification about a call that was already authorized")
    return db.session.scalar(person.where(User.organization_id == organization_id, User.id == user_id))


def _list_notes(actor: Actor, call_id: UUID) -> Sequence[Row[CallNote, str]]:
    notes = (
        visible(CallNote, actor)
        .add_columns(func.coalesce(User.name, CallNote.author_label))
        .outerjoin(User, refers_to(User, CallNote, CallNote.user_id))
        .where(CallNote.call_id == call_id, CallNote.kind == NoteKind.COACHING, CallNote.deleted_at.is_(None))
        .order_by(CallNote.created_at, CallNote.id)
        .limit(MAX_COACHING)
    )
    return db.session.execute(notes, execution_options={INCLUDE_DELETED: True}).all()
