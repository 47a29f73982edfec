"""Records and inputs of calendars in the JSON API."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.declarations.input import Id, Input, OneOf
from app.declarations.record import Record, Timestamp
from app.models import CalendarColor
from app.work.calendars.rules import MAX_NAME_CHARACTERS, MIN_NAME_CHARACTERS


class CalendarRecord(Record):
    """A calendar; one without an owner is shared with everyone."""

    id: UUID
    name: str
    color: CalendarColor
    owner_id: UUID | None
    owner_name: str | None
    is_shared: bool
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class CalendarInput(Input):
    """The name, color and owner of a calendar; None as the owner shares it with everyone.

    A new calendar belongs to its creator unless the owner is sent.
    """

    name: Annotated[str, Field(min_length=MIN_NAME_CHARACTERS, max_length=MAX_NAME_CHARACTERS)]
    color: OneOf[CalendarColor] = CalendarColor.BLUE
    owner_user_id: Annotated[Id | None, Field(alias="ownerId")] = None

    def owned_by(self, creator_id: UUID | None) -> dict[str, Any]:
        """Return the values by column, with the creator as the owner unless one was sent."""
        owner_id = self.owner_user_id if "owner_user_id" in self.model_fields_set else creator_id
        return {**self.values(), "owner_user_id": owner_id}
