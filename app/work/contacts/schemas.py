"""Records and inputs of contacts in the JSON API."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator

from app.declarations.input import Input, Texts, refused
from app.declarations.record import CustomFields, Record, Timestamp
from app.models import ContactSource
from app.phones import MAX_TYPED
from app.work.contacts.rules import (
    MAX_ADDRESS_LINE_LENGTH,
    MAX_CITY_LENGTH,
    MAX_EMAIL_LENGTH,
    MAX_NAME_LENGTH,
    MAX_OTHER_NUMBERS,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    MAX_ZIP_LENGTH,
    NO_COUNTRY,
    NO_EMAIL,
    is_country,
    is_email,
)


class ContactRecord(Record):
    """A contact; `name` is the person's, else the company's, else the main number."""

    id: UUID
    name: str | None
    first_name: str | None
    last_name: str | None
    company_name: str | None
    email: str | None
    primary_phone: str | None
    secondary_phones: list[str]
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    timezone: str | None
    source: ContactSource
    tags: list[str]
    property_snapshot: dict[str, Any]
    last_call_summary: str | None
    primary_intent: str | None
    risks: list[str]
    sms_opt_out_at: Timestamp | None
    last_call_at: Timestamp | None
    custom_fields: CustomFields
    created_by: UUID | None
    created_by_name: str | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


_Name = Annotated[str | None, Field(max_length=MAX_NAME_LENGTH)]
_Line = Annotated[str | None, Field(max_length=MAX_ADDRESS_LINE_LENGTH)]
_City = Annotated[str | None, Field(max_length=MAX_CITY_LENGTH)]


class AddressInput(Input):
    """An address; `country` is a code of ISO 3166-1."""

    address_line_1: _Line = None
    address_line_2: _Line = None
    city: _City = None
    state: _City = None
    zip: Annotated[str | None, Field(max_length=MAX_ZIP_LENGTH)] = None
    country: Annotated[str | None, Field(max_length=2)] = None

    @field_validator("country")
    @classmethod
    def _check_country(cls, country: str | None) -> str | None:
        if country and not is_country(country):
            raise refused(NO_COUNTRY)
        return country or None


class ContactBody(AddressInput):
    """A contact's details; numbers are as dialed in the organization's country, or in E.164."""

    first_name: _Name = None
    last_name: _Name = None
    company_name: _Name = None
    email: Annotated[str | None, Field(max_length=MAX_EMAIL_LENGTH)] = None
    phone: Annotated[str | None, Field(max_length=MAX_TYPED, alias="primaryPhone")] = None
    other_phones: Annotated[
        Texts[Annotated[str, Field(min_length=1, max_length=MAX_TYPED)]],
        Field(max_length=MAX_OTHER_NUMBERS, alias="secondaryPhones"),
    ] = ()
    tags: Annotated[
        Texts[Annotated[str, Field(min_length=1, max_length=MAX_TAG_LENGTH)]], Field(max_length=MAX_TAGS)
    ] = ()
    refuses_texts: Annotated[bool, Field(alias="smsOptOut")] = False

    @field_validator("email")
    @classmethod
    def _check_email(cls, email: str | None) -> str | None:
        if email and not is_email(email):
            raise refused(NO_EMAIL)
        return email
