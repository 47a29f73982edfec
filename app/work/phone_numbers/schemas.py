"""Records and inputs of phone numbers in the JSON API."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.declarations.input import Input, OneOf
from app.declarations.record import Record, Timestamp
from app.models import NumberProvider, NumberPurpose
from app.phones import MAX_TYPED
from app.work.phone_numbers.rules import MAX_NAME, NumberDetails


class PhoneNumberRecord(Record):
    """A phone number of the organization; numbers are in E.164."""

    id: UUID
    number: str
    display_name: str | None
    provider: NumberProvider
    purpose: NumberPurpose
    forwarding_number: str | None
    is_active: bool
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class PhoneNumberChanges(Input):
    """The settings of a number; incoming calls are forwarded to `forwarding_number`."""

    display_name: Annotated[str | None, Field(max_length=MAX_NAME)] = None
    purpose: OneOf[NumberPurpose] = NumberPurpose.RECEPTION
    forwarding_number: Annotated[str | None, Field(max_length=MAX_TYPED)] = None
    is_active: bool = True

    def details(self, forwarding_number: str | None) -> NumberDetails:
        """Return the settings with the forwarding number in E.164."""
        return NumberDetails(
            display_name=self.display_name or None,
            purpose=self.purpose,
            forwarding_number=forwarding_number,
            is_active=self.is_active,
        )


class NewPhoneNumber(PhoneNumberChanges):
    """A number that the organization has from a provider."""

    number: Annotated[str, Field(min_length=1, max_length=MAX_TYPED)]
    provider: OneOf[NumberProvider]
