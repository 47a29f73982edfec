"""Contacts created and changed by programs."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from app.errors import FieldError, ValidationFailed
from app.models import ContactCard
from app.phones import to_e164
from app.security.actor import Actor
from app.work.contacts import service
from app.work.contacts.detail_queries import list_numbers
from app.work.contacts.resource import CONTACT_CARD
from app.work.contacts.rules import ContactDetails, each_once, no_number
from app.work.contacts.schemas import ContactBody


def create_contact(actor: Actor, contact_id: UUID, given: ContactBody) -> ContactCard:
    """Create a contact. Raises ValidationFailed for invalid numbers, and what the service raises."""
    values = {**_values_of(given), "numbers": _numbers(actor, given.phone, given.other_phones)}
    return service.create_contact(actor, contact_id, _details(values))


def change_contact(actor: Actor, contact_id: UUID, given: ContactBody, version: int) -> None:
    """Change a contact; numbers that were not sent remain. Raises like `create_contact`."""
    contact = service.get_contact_to_change(actor, contact_id, lock=True)
    sent = given.model_fields_set
    values = _values_of(given)
    if "refuses_texts" not in sent:
        values["refuses_texts"] = contact.sms_opt_out_at is not None
    main = given.phone if "phone" in sent else contact.primary_phone
    others = [number for number in list_numbers(contact) if number != contact.primary_phone]
    values["numbers"] = _numbers(actor, main, given.other_phones if "other_phones" in sent else others)
    service.edit_contact(actor, contact_id, _details(values), version=version)


def _values_of(body: ContactBody) -> dict[str, Any]:
    return {**body.values(), "entered": CONTACT_CARD.entered_values(body)}


def _details(values: Mapping[str, Any]) -> ContactDetails:
    named = {one.name: values[one.name] for one in fields(ContactDetails)}
    return ContactDetails(**{**named, "tags": each_once(values["tags"])})


def _numbers(actor: Actor, main: str | None, others: Sequence[str]) -> tuple[str, ...]:
    """Return the numbers in E.164, the main one first. Raises ValidationFailed for text that is no number."""
    given = {"phone": [main] if main else [], "other_phones": others}
    found = {text: to_e164(text, actor.country) for texts in given.values() for text in texts}
    wrong = ((name, [text for text in texts if found[text] is None]) for name, texts in given.items())
    errors = [FieldError(name, no_number(texts[0])) for name, texts in wrong if texts]
    if errors:
        raise ValidationFailed(errors)
    return each_once(number for number in found.values() if number)
