"""Record and input of the assistant in the JSON API."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.declarations.input import Input, OneOf
from app.declarations.input_types import Hours, Share
from app.declarations.record import Record, Timestamp
from app.models import AssistantModel, AssistantVoice
from app.models.organizations import Language
from app.organization.assistant.rules import (
    DEFAULTS,
    MAX_CALL_MINUTES,
    MAX_GREETING_LENGTH,
    MAX_NAME_LENGTH,
    MIN_GREETING_LENGTH,
    MIN_NAME_LENGTH,
)
from app.phones import MAX_TYPED


class AiConfigRecord(Record):
    """The settings of the assistant that answers an organization's calls."""

    id: UUID
    assistant_name: str
    greeting: str
    voice: AssistantVoice
    language: Language
    model: AssistantModel
    temperature: float
    max_call_minutes: int
    business_hours: dict[str, Any]
    escalation_number: str | None
    enabled: bool
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class AiConfigInput(Input):
    """The settings of the assistant; `business_hours` are those in which it answers, all hours if there are none."""

    assistant_name: Annotated[str, Field(min_length=MIN_NAME_LENGTH, max_length=MAX_NAME_LENGTH)]
    greeting: Annotated[str, Field(min_length=MIN_GREETING_LENGTH, max_length=MAX_GREETING_LENGTH)]
    language: OneOf[Language]
    voice: OneOf[AssistantVoice] = DEFAULTS["voice"]
    model: OneOf[AssistantModel] = DEFAULTS["model"]
    temperature: Share = DEFAULTS["temperature"]
    max_call_minutes: Annotated[int, Field(ge=1, le=MAX_CALL_MINUTES)] = DEFAULTS["max_call_minutes"]
    business_hours: Hours = Field(default_factory=dict)
    escalation_number: Annotated[str | None, Field(max_length=MAX_TYPED)] = None
    enabled: bool = DEFAULTS["enabled"]
