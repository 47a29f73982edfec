"""Notes about a contact, added by anyone who can change the contact, and edited by their authors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.occurred_rules import reported_moment
from app.audit.record import name_action
from app.db.session import INCLUDE_DELETED
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import Appointment, ContactNote, DeletionBatch, Role
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.security.scope import unscoped
from app.trust.trash.delete_service import delete
from app.work.contacts.service import get_contact_to_change


def add_note(
    actor: Actor,
    contact_id: UUID,
    note_id: UUID,
    body: str,
    *,
    appointment_id: UUID | None = None,
    occurred_at: datetime | None = None,
) -> ContactNote:
    """Write a note of 1 to 5,000 characters about a contact, or also about one of the contact's appointments.

    A note can be sent later than it was written: if the appointment has been deleted or reassigned in the meantime, the
    note is about the contact alone. `note_id` is generated with the form, so that a note submitted twice is stored
    once. Raises NotFound, Forbidden, ValidationFailed (also for a time before the contact was created or in the
    future), and Conflict if the form was submitted with another text before.
    """
    contact = get_contact_to_change(actor, contact_id, lock=True)
    existing = find_row(actor, ContactNote, note_id)
    if existing is not None:
        is_as_sent = (existing.contact_card_id, existing.user_id, existing.body) == (
            contact.id, actor.reference_id, body
        )  # fmt: skip
        # A note can have lost its appointment, or been stored without it.
        if is_as_sent and existing.appointment_id in (None, appointment_id):
            return existing
        raise Conflict(None, _l("This note was already added. Open the contact again to write another."))
    occurred = reported_moment(occurred_at, datetime.now(UTC), contact.created_at)
    note = ContactNote(
        organization_id=actor.organization_id,
        id=note_id,
        contact_card_id=contact.id,
        appointment_id=None if appointment_id is None else _present_appointment(actor, contact.id, appointment_id),
        user_id=actor.reference_id,
        author_label=actor.name,
        body=body,
    )
    db.session.add(note)
    if occurred is None:
        db.session.flush()
    else:
        name_action(Action.CONTACT_NOTE_CREATED, note, metadata=occurred)
    return note


def _present_appointment(actor: Actor, contact_id: UUID, appointment_id: UUID) -> UUID | None:
    """Return the id of the contact's appointment, or None if it is in the trash or outside the actor's scope by now.

    Raises NotFound if the contact never had the appointment.
    """
    of_contact = Appointment.contact_card_id == contact_id
    if find_row(actor, Appointment, appointment_id, of_contact, Appointment.deleted_at.is_(None)) is not None:
        return appointment_id
    ids = unscoped(select(Appointment.id), why="existence check only, for a note that was written before").where(
        Appointment.organization_id == actor.organization_id, Appointment.id == appointment_id, of_contact
    )
    if db.session.scalar(ids, execution_options={INCLUDE_DELETED: True}) is None:
        raise NotFound("appointment", appointment_id)
    return None


def get_own_note(actor: Actor, note_id: UUID, *, lock: bool = False) -> ContactNote:
    """Return a note that `actor` has written. Raises NotFound and Forbidden."""
    actor.requires(Permission.CONTACTS_WRITE)
    note = get_row(actor, ContactNote, note_id, named="contact_note", lock=lock)
    if note.user_id is None or note.user_id != actor.reference_id:
        raise actor.refusal(
            Permission.CONTACTS_WRITE,
            _l("Only the author can edit a note. Add another note, or ask a manager to delete this one."),
            needed=Role.MANAGER,
        )
    return note


def edit_note(actor: Actor, note_id: UUID, body: str, *, version: int) -> ContactNote:
    """Change the text of a note. Raises NotFound, Forbidden, VersionConflict."""
    note = get_own_note(actor, note_id, lock=True)
    if note.body == body:
        return note
    note.refuse_stale(version, {"body": note.body})
    note.body = body
    db.session.flush()
    return note


def delete_note(actor: Actor, note_id: UUID, versions: Mapping[UUID, int]) -> tuple[UUID, DeletionBatch]:
    """Move a note to the trash, as its author or a manager. Returns its contact's ID and the deletion.

    Raises NotFound, Forbidden, VersionConflict.
    """
    contact_id = get_row(actor, ContactNote, note_id, named="contact_note").contact_card_id
    return contact_id, delete(actor, "contact_note", [note_id], versions=versions)
