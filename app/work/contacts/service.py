"""Creating and editing contacts, and marking them as different people."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db.conditions import is_any_of
from app.db.transaction import add_once, find_sent, translated_integrity_errors
from app.declarations.events import ContactAdded, raise_event
from app.declarations.panel import PanelSubject
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import ContactCard, ContactDistinction, ContactPhone, ContactSource, Role
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import find_row, held
from app.security.scope import unscoped
from app.trust.trash.delete_service import soft_delete
from app.trust.trash.kinds import deletables
from app.work.contacts.detail_queries import get_contact, list_numbers, may_change_contact
from app.work.contacts.duplicate_queries import find_distinction
from app.work.contacts.number_queries import find_holders
from app.work.contacts.resource import CONTACT_CARD
from app.work.contacts.rules import ContactDetails


def create_contact(
    actor: Actor, contact_id: UUID, details: ContactDetails, beside: PanelSubject | None = None
) -> ContactCard:
    """Create a contact entered by a user; `beside` is the record they were viewing, which gets the contact.

    `contact_id` is generated with the form, so that a form submitted twice creates one contact. Raises Forbidden,
    ValidationFailed, and Conflict for a number that another contact has, or if the form was submitted with other values
    before.
    """
    actor.requires(Permission.CONTACTS_WRITE)
    _check(details)
    there = find_sent(contact_id, partial(_find_made, actor, contact_id, details))
    if there is not None:
        return there
    contact = ContactCard(
        organization_id=actor.organization_id,
        id=contact_id,
        source=ContactSource.MANUAL,
        primary_phone=details.numbers[0] if details.numbers else None,
        sms_opt_out_at=datetime.now(UTC) if details.refuses_texts else None,
        created_by=actor.reference_id,
        created_by_label=actor.name,
        **details.columns,
    )
    try:
        with translated_integrity_errors():
            db.session.add(contact)
            db.session.flush()
            _add_numbers(contact, details.numbers)
    except Conflict:
        there = _find_made(actor, contact_id, details)
        if there is None:
            raise _taken(actor, details.numbers) from None
        return there
    if beside is not None:
        raise_event(ContactAdded(actor, contact.id, beside))
    return contact


def edit_contact(actor: Actor, contact_id: UUID, details: ContactDetails, *, version: int) -> ContactCard:
    """Edit the details of a contact.

    Raises NotFound, Forbidden, ValidationFailed, VersionConflict, and Conflict for a number that another contact has.
    """
    contact = get_contact_to_change(actor, contact_id, lock=True)
    _check(details)
    numbers = list_numbers(contact)
    before = shown(contact, numbers)
    if _as_details(before) == _as_details(_values_of(details)):
        return contact
    contact.refuse_stale(version, before)
    old_main, main = contact.primary_phone, details.numbers[0] if details.numbers else None
    try:
        with translated_integrity_errors():
            for name, value in {**details.columns, "primary_phone": main}.items():
                setattr(contact, name, value)
            if details.refuses_texts != (contact.sms_opt_out_at is not None):
                contact.sms_opt_out_at = datetime.now(UTC) if details.refuses_texts else None
            contact.raise_version()
            _remove_numbers(actor, contact, [number for number in numbers if number not in details.numbers])
            # Family members who share a number have it on several contacts, but it identifies only one of them.
            is_shared = old_main not in numbers
            held = {*numbers, *({old_main} if is_shared else ())}
            _add_numbers(contact, [number for number in details.numbers if number not in held])
    except Conflict:
        raise _taken(actor, details.numbers, besides=contact_id) from None
    return contact


def mark_different(actor: Actor, contact_id: UUID, other_id: UUID) -> None:
    """Mark two contacts as different people. Repeating it has no effect.

    Raises NotFound, Forbidden, and ValidationFailed if they are the same contact.
    """
    get_contact_to_change(actor, contact_id)
    get_contact(actor, other_id)
    first, second = sorted((contact_id, other_id))
    find = partial(find_distinction, actor, first, second)
    if find() is not None:
        return
    pair = {"contact_card_id": first, "other_card_id": second}
    said_by = {"created_by": actor.reference_id, "created_by_label": actor.name}
    add_once(ContactDistinction(organization_id=actor.organization_id, **pair, **said_by), find)


def get_contact_to_change(actor: Actor, contact_id: UUID, *, lock: bool = False) -> ContactCard:
    """Return a contact that `actor` can change. Raises NotFound and Forbidden."""
    actor.requires(Permission.CONTACTS_WRITE)
    contact = get_contact(actor, contact_id, lock=lock)
    # Seeing all contacts and changing one's own are separate permissions.
    if not may_change_contact(actor, contact_id):
        raise actor.refusal(
            Permission.CONTACTS_WRITE,
            _l("You can only edit contacts linked to your own work. Ask a manager."),
            needed=Role.MANAGER,
        )
    return contact


def shown(contact: ContactCard, numbers: Sequence[str]) -> dict[str, Any]:
    """Return the values that the form of a contact shows, by field name."""
    main = contact.primary_phone
    return {
        **{name: getattr(contact, name) or None for name in _COLUMNS},
        "tags": ", ".join(contact.tags),
        "phone": main,
        "other_phones": "\n".join(number for number in numbers if number != main) or None,
        "refuses_texts": contact.sms_opt_out_at is not None,
        **CONTACT_CARD.entered_values(contact),
    }


_COLUMNS = (
    "first_name", "last_name", "company_name", "email", "address_line_1", "address_line_2", "city", "state", "zip",
    "country",
)  # fmt: skip


def _values_of(details: ContactDetails) -> dict[str, Any]:
    """Return the values of `details` in the format of `shown`."""
    main, *others = details.numbers or (None,)
    columns = details.columns
    return {
        **{name: columns[name] for name in _COLUMNS},
        "tags": ", ".join(details.tags),
        "phone": main,
        "other_phones": "\n".join(str(number) for number in others) or None,
        "refuses_texts": details.refuses_texts,
        **details.entered,
    }


def _as_details(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with the other numbers sorted, so that their order doesn't matter."""
    return {**values, "other_phones": sorted((values["other_phones"] or "").split("\n"))}


def _find_made(actor: Actor, contact_id: UUID, details: ContactDetails) -> ContactCard | None:
    """Return the contact that the same form has created, or None.

    Raises Conflict if the form was submitted with other values.
    """
    there = find_row(actor, ContactCard, contact_id)
    if there is None or _as_details(shown(there, list_numbers(there))) == _as_details(_values_of(details)):
        return there
    raise Conflict(None, _l("This form was already submitted. Open a new one to add another contact."))


def _check(details: ContactDetails) -> None:
    if not details.identifies:
        raise ValidationFailed([FieldError("first_name", _l("Enter a name, company, number or email."))])


def _add_numbers(contact: ContactCard, numbers: Sequence[str]) -> None:
    for number in numbers:
        of = {"organization_id": contact.organization_id, "contact_card_id": contact.id}
        db.session.add(ContactPhone(phone=number, **of))
    db.session.flush()


def _remove_numbers(actor: Actor, contact: ContactCard, numbers: Sequence[str]) -> None:
    """Move numbers to the trash, from where they can be restored to the contact."""
    phones = unscoped(select(ContactPhone), why="numbers of a contact that is already scoped").where(
        ContactPhone.organization_id == contact.organization_id,
        ContactPhone.contact_card_id == contact.id,
        is_any_of(ContactPhone.phone, numbers),
    )
    rows = db.session.scalars(held(phones.order_by(ContactPhone.id))).all()
    if rows:
        kind = deletables()["contact_phone"]
        soft_delete(kind, rows, deleted_by=actor.reference_id, label=actor.name, reason=None)


def _taken(actor: Actor, numbers: Sequence[str], *, besides: UUID | None = None) -> Conflict:
    """Build a Conflict that names the contact that already has the number."""
    holders = find_holders(actor, numbers, besides=besides)
    if not holders:
        return Conflict("phone", _l("Another contact already has this number."))
    holder = holders[0]
    field = "phone" if holder.number == numbers[0] else "other_phones"
    return Conflict(field, _l("%(name)s already has this number.", name=holder.name or holder.number))
