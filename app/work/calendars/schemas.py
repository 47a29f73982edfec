"""Records and inputs of calendars in the JSON API."""

from typing import Annotated
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
    """The name, color and owner of a calendar; None as the owner shares it with everyone."""

    name: Annotated[str, Field(min_length=MIN_NAME_CHARACTERS, max_length=MAX_NAME_CHARACTERS)]
    color: OneOf[CalendarColor] = CalendarColor.BLUE
    owner_user_id: Annotated[Id | None, Field(alias="ownerId")]
