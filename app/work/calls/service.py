"""Changing calls, and reading of them what the audit trail has to know.

Every change locks the call's row first, so that what is checked stays true until it is saved. A stale `version` is a
VersionConflict; asking for what is there already changes nothing, so sending a form twice does so once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import has_done
from app.audit.record import name_action, record_apart
from app.errors import (
    Conflict,
    FieldError,
    NotFound,
    ValidationFailed,
)
from app.extensions import db
from app.models import BookingStatus, Call, CallNote, CallOutcome, DecidedBy, DeletionBatch, NoteKind, Role
from app.security.actor import Actor
from app.security.permissions import Permission
from app.storage import storage
from app.trust.trash.delete_service import delete
from app.work.calls import coaching_rules, detail_queries, rules

#: How long a recorded play covers what the player asks for in the middle of the recording.
ONE_LISTENING = timedelta(hours=12)


def set_outcome(actor: Actor, call_id: UUID, outcome: CallOutcome | None, *, version: int) -> Call:
    """What came of the call; None: not known. Raises NotFound, Forbidden, VersionConflict."""
    call = _locked(actor, call_id, Permission.CALLS_UPDATE)
    if call.outcome == outcome:
        return call
    call.refuse_stale(version, _shown(call))
    call.outcome = outcome
    db.session.flush()
    return call


def set_booking_status(actor: Actor, call_id: UUID, status: BookingStatus, *, reason: str | None, version: int) -> Call:
    """Say whether the call led to a booking, and why.

    Raises NotFound, Forbidden, VersionConflict, Conflict when it is set and not this person's to change, and
    ValidationFailed when it overrules what is set without a reason.
    """
    call = _locked(actor, call_id, Permission.CALLS_RECLASSIFY)
    if (call.booking_status, call.booking_status_reason) == (status, reason):
        return call
    if not rules.may_classify(call, actor):
        set_since = _l("It was set after you opened it. Ask a manager if it should be something else.")
        call.refuse_stale(version, _shown(call), set_since)
        raise Conflict("booking_status", _l("It is set already. Ask a manager if it should be something else."))
    call.refuse_stale(version, _shown(call))
    if reason is None and rules.needs_reason(call.booking_status, status):
        raise ValidationFailed([FieldError("reason", _l("Say why, in a few words: this changes what was set before."))])
    call.booking_status = status
    call.booking_status_reason = reason
    call.booking_status_source = DecidedBy.USER
    name_action(Action.CALL_RECLASSIFIED, call)
    return call


def add_note(actor: Actor, call_id: UUID, note_id: UUID, body: str, *, is_coaching: bool = False) -> CallNote:
    """Write a note of 1 to 5,000 characters; a coaching one is for the call's CSR and managers upwards.

    `note_id` is made with the form: the same note sent twice is one. Raises NotFound, Forbidden, ValidationFailed,
    and Conflict when another note has the id.
    """
    call = _locked(actor, call_id, Permission.CALLS_UPDATE)
    if is_coaching and not coaching_rules.may_coach(actor):
        raise ValidationFailed([FieldError("is_coaching", _l("Coaching notes are written by managers."))])
    there = detail_queries.find_note(actor, note_id)
    if there is not None:
        if (there.call_id, there.user_id, there.body) == (call.id, actor.reference_id, body):
            return there
        raise Conflict(None, _l("This note was added already. Open the call again to write another."))
    note = CallNote(
        organization_id=actor.organization_id,
        id=note_id,
        call_id=call.id,
        user_id=actor.reference_id,
        author_label=actor.name,
        kind=NoteKind.COACHING if is_coaching else NoteKind.NOTE,
        body=body,
    )
    db.session.add(note)
    db.session.flush()
    return note


def edit_note(actor: Actor, call_id: UUID, note_id: UUID, body: str, *, version: int) -> CallNote:
    """Change what a note says: its author does, and whoever changes everybody's calls.

    Raises NotFound, Forbidden, VersionConflict.
    """
    note = detail_queries.get_note(actor, call_id, note_id, lock=True)
    rules.refuse_others_note(note.user_id, actor)
    if note.body == body:
        return note
    note.refuse_stale(version, {"body": note.body})
    note.body = body
    db.session.flush()
    return note


def delete_note(actor: Actor, call_id: UUID, note_id: UUID, versions: Mapping[UUID, int]) -> DeletionBatch:
    """Put a note into the trash, as those do who may change it; `versions` as they saw it.

    Raises NotFound, Forbidden, VersionConflict.
    """
    detail_queries.get_note(actor, call_id, note_id)
    return delete(actor, "call_note", [note_id], versions=versions)


def open_recording(actor: Actor, call_id: UUID, *, from_start: bool) -> str:
    """The storage key of a call's recording, for sending it; that it is played goes into the audit trail.

    A player asks for a recording in pieces: the one from the start is a play, the others belong to it. Raises
    NotFound when there is no recording that `actor` may hear.
    """
    key = detail_queries.find_recording(actor, call_id)
    if key is None:
        raise NotFound("recording", call_id)
    storage().facts(key)
    begun = datetime.now(UTC) - ONE_LISTENING
    if from_start or not has_done(actor, Action.RECORDING_PLAYED, "call", call_id, begun):
        record_apart(Action.RECORDING_PLAYED, "call", call_id)
    return key


def _locked(actor: Actor, call_id: UUID, permission: Permission) -> Call:
    actor.requires(permission)
    call = detail_queries.get_call(actor, call_id, lock=True)
    if not rules.may_change(call, actor, permission):
        raise actor.refusal(
            permission,
            _l("You may change your own calls, and this is somebody else’s. Ask a manager."),
            needed=Role.MANAGER,
        )
    return call


def _shown(call: Call) -> dict[str, Any]:
    """What the forms of a call show."""
    return {
        "outcome": call.outcome,
        "booking_status": call.booking_status,
        "booking_status_reason": call.booking_status_reason,
    }
