"""Phone numbers created and changed by programs, as typed or in E.164."""

from uuid import UUID

from app.models import PhoneNumber
from app.security.actor import Actor
from app.work.phone_numbers import service
from app.work.phone_numbers.rules import in_e164
from app.work.phone_numbers.schemas import NewPhoneNumber, PhoneNumberChanges


def add_number(actor: Actor, phone_number_id: UUID, given: NewPhoneNumber) -> PhoneNumber:
    """Create a number. Raises ValidationFailed for text that isn't a phone number, and what `service.add` raises."""
    numbers = in_e164({"number": given.number, "forwarding_number": given.forwarding_number}, actor.country)
    details = given.details(numbers["forwarding_number"])
    return service.add(actor, phone_number_id, numbers["number"] or "", given.provider, details)


def change_number(actor: Actor, phone_number_id: UUID, given: PhoneNumberChanges, version: int) -> None:
    """Change the settings of a number. Raises ValidationFailed like `add_number`, and what `service.edit` raises."""
    numbers = in_e164({"forwarding_number": given.forwarding_number}, actor.country)
    service.edit(actor, phone_number_id, given.details(numbers["forwarding_number"]), version=version)
