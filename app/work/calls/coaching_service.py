"""Coaching of a call: notes at turns of its transcript, which its CSR answers and marks as done."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.errors import Conflict, FieldError, LazyText, ValidationFailed
from app.extensions import db
from app.models import Call, CallNote, NoteKind, Role, User
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.notification_service import notify_all
from app.work.calls import coaching_queries, coaching_rules, detail_queries
from app.work.calls.notices import COACHING_NOTE


def coach(actor: Actor, call_id: UUID, note_id: UUID, body: str, *, turn: int | None) -> CallNote:
    """Write a coaching note, at a turn of the transcript or about the whole call, and notify the CSR.

    `note_id` is generated with the form, so that a note submitted twice is stored once. Raises Forbidden, NotFound,
    ValidationFailed for a turn that doesn't exist, and Conflict if another note has the ID.
    """
    actor.requires(Permission.COACHING_WRITE)
    call = detail_queries.get_call(actor, call_id, lock=True)
    there = _find_same(actor, call, note_id, body)
    if there is not None:
        return there
    if turn is not None and not 0 <= turn < coaching_queries.count_turns(actor, call_id):
        raise ValidationFailed([FieldError("turn", _l("This turn doesn’t exist in the transcript."))])
    note = _add(actor, call, note_id, body, turn=turn)
    csr = coaching_queries.find_person(call.organization_id, call.csr_id)
    _notify(csr, _l("You have new coaching on one of your calls."), note)
    return note


def answer(actor: Actor, call_id: UUID, parent_id: UUID, note_id: UUID, body: str) -> CallNote:
    """Answer a coaching note and notify its author, or the CSR if the author answers their own note.

    Raises NotFound, Forbidden for a user who isn't the call's CSR and can't coach, and Conflict if another note has the
    ID.
    """
    actor.requires(Permission.CALLS_READ)
    call = detail_queries.get_call(actor, call_id, lock=True)
    coached = coaching_queries.get_coaching(actor, call_id, parent_id)
    if not coaching_rules.may_answer(call.csr_id, actor):
        raise actor.refusal(
            Permission.COACHING_WRITE,
            _l("Only the call’s CSR and managers can reply to coaching."),
            needed=Role.MANAGER,
        )
    there = _find_same(actor, call, note_id, body)
    if there is not None:
        return there
    note = _add(actor, call, note_id, body, parent_id=coached.id)
    to = coaching_queries.find_person(call.organization_id, coached.user_id)
    if to is not None and to.id == actor.reference_id and call.csr_id is not None:
        to = coaching_queries.find_person(call.organization_id, call.csr_id)
    _notify(to, _l("%(name)s replied to coaching on a call.", name=actor.name), coached)
    return note


def finish(actor: Actor, call_id: UUID, note_id: UUID, *, version: int) -> CallNote:
    """Mark a coaching note as done, as the CSR of the call, and notify its author.

    Doing it again has no effect. Raises NotFound, Forbidden and VersionConflict.
    """
    actor.requires(Permission.CALLS_READ)
    call = detail_queries.get_call(actor, call_id)
    note = coaching_queries.get_coaching(actor, call_id, note_id, lock=True)
    if not coaching_rules.is_coached(call.csr_id, actor):
        raise actor.refusal(
            Permission.COACHING_WRITE, _l("Only the call’s CSR can mark coaching as done."), needed=Role.CSR
        )
    if note.done_at is not None:
        return note
    note.refuse_stale(version, {"body": note.body})
    note.done_at = datetime.now(UTC)
    name_action(Action.COACHING_DONE, note)
    author = coaching_queries.find_person(call.organization_id, note.user_id)
    _notify(author, _l("%(name)s marked your coaching note as done.", name=actor.name), note)
    return note


def _find_same(actor: Actor, call: Call, note_id: UUID, body: str) -> CallNote | None:
    there = detail_queries.find_note(actor, note_id)
    if there is None:
        return None
    if (there.call_id, there.user_id, there.body) == (call.id, actor.reference_id, body):
        return there
    raise Conflict(None, _l("This note was already added. Open the call again to write another."))


def _add(
    actor: Actor, call: Call, note_id: UUID, body: str, *, turn: int | None = None, parent_id: UUID | None = None
) -> CallNote:
    note = CallNote(
        organization_id=actor.organization_id,
        id=note_id,
        call_id=call.id,
        user_id=actor.reference_id,
        author_label=actor.name,
        kind=NoteKind.COACHING,
        body=body,
        turn=turn,
        parent_id=parent_id,
    )
    db.session.add(note)
    db.session.flush()
    return note


def _notify(person: User | None, sentence: LazyText, note: CallNote) -> None:
    """Notify a person about a coaching note, with a link to the coaching of its turn."""
    at = "" if note.turn is None else f"&turn={note.turn}"
    people = [person] if person else []
    notify_all(COACHING_NOTE, people, sentence, f"/calls/{note.call_id}?panel=coaching{at}", note.call_id)
