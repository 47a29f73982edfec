"""Records and inputs of leads in the JSON API."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.declarations.input import Id, Input
from app.declarations.record import CustomFields, Record, Timestamp
from app.models import ContactSource, DecidedBy, LeadStage, Qualification


class LeadRecord(Record):
    """A lead; without a contact, `contact_name` is the number in the latest call about it."""

    id: UUID
    contact_card_id: Annotated[UUID | None, Field(alias="contactId")]
    contact_name: str | None
    contact_phone: str | None
    stage: LeadStage
    dead_reason: str | None
    qualification_status: Qualification | None
    qualification_source: DecidedBy | None
    source: ContactSource
    csr_id: UUID | None
    csr_name: str | None
    assigned_rep_id: UUID | None
    assigned_rep_name: str | None
    last_activity_at: Timestamp
    closed_at: Timestamp | None
    won_at: Timestamp | None
    custom_fields: CustomFields
    created_by: UUID | None
    created_by_name: str | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class LeadAssignment(Input):
    """The sales rep who gets a lead, None for no one; or `in_turn`, the one with the fewest open leads."""

    assigned_rep_id: Id | None = None
    in_turn: bool = False
