"""Requests to export or erase a person's data, and to export an organization's data."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.data.exports.service import store_request
from app.db.session import INCLUDE_DELETED
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import ContactCard, ContactPhone, ContactSource, Erasure, Export
from app.ops.jobs.queue import enqueue
from app.phones import to_e164
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped, visible
from app.trust.privacy import queries
from app.trust.privacy.erase_service import refuse_held
from app.trust.privacy.jobs import erase_person, export_organization, export_person
from app.trust.privacy.mention_queries import Mentions, names_the_person
from app.trust.privacy.open_work_service import refuse_unfinished
from app.trust.privacy.rules import ORGANIZATION_FILE, PERSON_FILE, is_confirmed


def request_person_export(actor: Actor, export_id: UUID, card: ContactCard) -> Export:
    """Have the worker create a file with all data about a person.

    Raises Forbidden, and Conflict if the person is erased or an erasure is under way.
    """
    actor.requires(Permission.CONTACTS_ERASE)
    _refuse_erased(actor, card)
    filters = {"contact_id": str(card.id)}
    return store_request(actor, export_id, PERSON_FILE, filters, export_person)


def request_organization_export(actor: Actor, export_id: UUID, *, with_audio: bool) -> Export:
    """Have the worker create a file with all data of the organization."""
    actor.requires(Permission.ORGANIZATION_EXPORT)
    filters = {"audio": "y"} if with_audio else {}
    return store_request(actor, export_id, ORGANIZATION_FILE, filters, export_organization)


def request_erasure(actor: Actor, erasure_id: UUID, contact_id: UUID, *, confirmation: str, reason: str) -> Erasure:
    """Have the worker erase a person as soon as this transaction is committed.

    `erasure_id` is generated with the form, so submitting it twice results in one erasure. Raises Forbidden; NotFound;
    ValidationFailed for a wrong word, or a reason that names the person; Conflict during a legal hold, if the person is
    already erased, or while related work is running; ActiveCalls.
    """
    actor.requires(Permission.CONTACTS_ERASE)
    card = queries.get_person(actor, contact_id)
    there = queries.find_erasure_of(actor, contact_id)
    if there is not None and there.id == erasure_id:
        return there
    traces = queries.matches_of(actor, card)
    wrong = []
    if not is_confirmed(confirmation):
        wrong.append(FieldError("confirmation", _l("Type the word as shown.")))
    if names_the_person(reason, Mentions.of(traces), (card.first_name, card.last_name)):
        wrong.append(
            FieldError("reason", _l("The reason is kept on record. Don’t include anything that identifies the person."))
        )
    if wrong:
        raise ValidationFailed(wrong)
    refuse_held()
    refuse_unfinished(db.session, traces)
    row = Erasure(
        organization_id=actor.organization_id,
        id=erasure_id,
        contact_card_id=card.id,
        requested_by=actor.reference_id,
        requested_by_label=actor.name,
        reason=reason,
    )
    with translated_integrity_errors():
        db.session.add(row)
    enqueue(erase_person, one_by_one=f"erasures:{actor.organization_id}", erasure_id=str(row.id))
    return row


def make_card(actor: Actor, card_id: UUID, clue: str) -> UUID:
    """Create a contact for a number or an address that has none, and return the contact's id.

    The person can then be handled like any other. If the same form already created a contact, or another contact has
    the number by now, that contact's id is returned. Raises Forbidden, and ValidationFailed for text that is neither a
    number nor an address.
    """
    actor.requires(Permission.CONTACTS_ERASE)
    number = None if "@" in clue else to_e164(clue, actor.country)
    if number is None and "@" not in clue:
        raise ValidationFailed([FieldError("clue", _l("Enter a phone number or an email address."))])
    card = ContactCard(
        organization_id=actor.organization_id,
        id=card_id,
        primary_phone=number,
        email=None if number else clue,
        source=ContactSource.MANUAL,
        created_by=actor.reference_id,
        created_by_label=actor.name,
    )
    try:
        with translated_integrity_errors():
            db.session.add(card)
            db.session.flush()
            if number:
                db.session.add(
                    ContactPhone(organization_id=actor.organization_id, phone=number, contact_card_id=card.id)
                )
    except Conflict:
        there = _find_card(actor, card_id, number)
        if there is None:
            raise
        return there
    return card.id


def _find_card(actor: Actor, card_id: UUID, number: str | None) -> UUID | None:
    """Return the id of the contact that the same form created, or of the one that has the number now.

    Returns None if there is neither.
    """
    by_id = visible(ContactCard, actor).where(ContactCard.id == card_id)
    card = db.session.scalar(by_id.execution_options(**{INCLUDE_DELETED: True}))
    if card is not None or number is None:
        return card.id if card else None
    holder = select(ContactPhone.contact_card_id)
    theirs = unscoped(holder, why="the number is already known to be taken; the card's page checks access").where(
        ContactPhone.organization_id == actor.organization_id,
        ContactPhone.phone == number,
        ContactPhone.deleted_at.is_(None),
    )
    return db.session.scalar(theirs)


def _refuse_erased(actor: Actor, card: ContactCard) -> None:
    if queries.find_erasure_of(actor, card.id) is not None:
        raise Conflict(None, _l("This person has already been erased, or is being erased."))
