"""Changes of calls, and access to recordings, which is recorded in the audit trail.

Every change locks the call, or the note that is edited, before its checks, so that they stay valid until it is saved. A
stale `version` raises VersionConflict. Setting a value that is already set changes nothing, so submitting a form twice
has no further effect.
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
from app.people.users.queries import can_be_credited
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row
from app.storage import storage
from app.trust.trash.delete_service import delete
from app.work.calls import coaching_rules, detail_queries, rules
from app.work.calls.resource import CALL

#: Time during which a recorded play covers requests for later parts of the recording.
ONE_LISTENING = timedelta(hours=12)


def set_outcome(
    actor: Actor,
    call_id: UUID,
    outcome: CallOutcome | None,
    *,
    version: int,
    entered: Mapping[str, Any] | None = None,
) -> Call:
    """Set the outcome of the call (None for unknown) and the `entered` fields.

    Raises NotFound, Forbidden, VersionConflict.
    """
    call = _locked(actor, call_id, Permission.CALLS_UPDATE)
    values = {"outcome": outcome, **(entered or {})}
    if all(getattr(call, name) == value for name, value in values.items()):
        return call
    call.refuse_stale(version, _shown(call))
    for name, value in values.items():
        setattr(call, name, value)
    db.session.flush()
    return call


def assign_csr(actor: Actor, call_id: UUID, csr_id: UUID | None) -> Call:
    """Credit the call to a CSR, or to no one.

    Raises NotFound, Forbidden, Conflict for a visit, and ValidationFailed for a person whom calls aren't credited to.
    """
    call = _locked(actor, call_id, Permission.CALLS_ASSIGN)
    if call.csr_id == csr_id:
        return call
    if not rules.may_credit(call):
        raise Conflict("csr_id", _l("A visit call can’t be credited to a CSR."))
    if csr_id is not None and not can_be_credited(actor, csr_id):
        raise ValidationFailed([FieldError("csr_id", _l("Choose a CSR."))])
    call.csr_id = csr_id
    db.session.flush()
    return call


def set_booking_status(actor: Actor, call_id: UUID, status: BookingStatus, *, reason: str | None, version: int) -> Call:
    """Set whether the call led to a booking, and why.

    Raises NotFound, Forbidden, VersionConflict, Conflict if it is set and the actor can't change it, and
    ValidationFailed if it overrules the current status without a reason.
    """
    call = _locked(actor, call_id, Permission.CALLS_RECLASSIFY)
    if (call.booking_status, call.booking_status_reason) == (status, reason):
        return call
    if not rules.may_classify(call, actor):
        set_since = _l("Someone set the booking status after you opened this call. Dispute it if it’s wrong.")
        call.refuse_stale(version, _shown(call), set_since)
        raise Conflict("booking_status", _l("The booking status is already set. Dispute it if it’s wrong."))
    call.refuse_stale(version, _shown(call))
    if reason is None and rules.needs_reason(call.booking_status, status):
        raise ValidationFailed([FieldError("reason", _l("Briefly explain why you’re changing the status."))])
    call.booking_status = status
    call.booking_status_reason = reason
    call.booking_status_source = DecidedBy.USER
    name_action(Action.CALL_RECLASSIFIED, call)
    return call


def settle_booking_status(call: Call) -> None:
    """Mark a locked call as booked by a person, because an appointment was booked from it.

    Later analyses don't change it then. What a person has set, and a call that wasn't answered, stay as they are.
    """
    if not rules.is_settled_by_booking(call):
        return
    call.booking_status, call.booking_status_reason = BookingStatus.BOOKED, None
    call.booking_status_source = DecidedBy.USER
    name_action(Action.CALL_RECLASSIFIED, call)


def add_note(actor: Actor, call_id: UUID, note_id: UUID, body: str, *, is_coaching: bool = False) -> CallNote:
    """Write a note of 1 to 5,000 characters.

    Coaching notes are for the call's CSR and for managers and above. `note_id` is generated with the form, so that a
    note submitted twice is stored once. Raises NotFound, Forbidden, ValidationFailed, and Conflict if the form was
    submitted with another text before.
    """
    call = _locked(actor, call_id, Permission.CALLS_UPDATE)
    if is_coaching and not coaching_rules.may_coach(actor):
        raise ValidationFailed(
            [FieldError("is_coaching", _l("Only managers can add coaching notes. Add a regular note instead."))]
        )
    there = detail_queries.find_note(actor, note_id)
    if there is not None:
        if (there.call_id, there.user_id, there.body) == (call.id, actor.reference_id, body):
            return there
        raise Conflict(None, _l("This note was already added. Open the call again to write another."))
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


def edit_note(actor: Actor, note_id: UUID, body: str, *, version: int) -> CallNote:
    """Change the text of a note, as its author or a user who can change all calls.

    Raises NotFound, Forbidden, VersionConflict.
    """
    note = get_row(actor, CallNote, note_id, named="call_note", lock=True)
    rules.refuse_others_note(note.user_id, actor)
    if note.body == body:
        return note
    note.refuse_stale(version, {"body": note.body})
    note.body = body
    db.session.flush()
    return note


def delete_note(actor: Actor, call_id: UUID, note_id: UUID, versions: Mapping[UUID, int]) -> DeletionBatch:
    """Move a note to the trash, if the actor can change it. `versions` are those that the actor saw.

    Raises NotFound, Forbidden, VersionConflict.
    """
    detail_queries.get_note(actor, call_id, note_id)
    return delete(actor, "call_note", [note_id], versions=versions)


def open_recording(actor: Actor, call_id: UUID, *, from_start: bool) -> str:
    """Return the storage key of a call's recording, and record the play in the audit trail.

    A player requests a recording in pieces. A piece from the start always counts as a play; a later piece only counts
    if the user hasn't played the recording within the last 12 hours. Raises NotFound if there is no recording that
    `actor` can listen to.
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
            _l("You can only edit your own calls. Ask a manager."),
            needed=Role.MANAGER,
        )
    return call


def _shown(call: Call) -> dict[str, Any]:
    """Return the values that the forms of a call show."""
    return {
        "outcome": call.outcome,
        "booking_status": call.booking_status,
        "booking_status_reason": call.booking_status_reason,
        **CALL.entered_values(call),
    }
