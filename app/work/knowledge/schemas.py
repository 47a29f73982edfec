"""Records and inputs of knowledge items in the JSON API."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.declarations.input import Input, OneOf
from app.declarations.record import Record, Timestamp
from app.models.organizations import Language
from app.work.knowledge.rules import MAX_ANSWER, MAX_CATEGORY, MAX_QUESTION, MIN_TEXT


class KnowledgeItemRecord(Record):
    """A caller's question and its answer; `usage_count` is how often the answer was used in a call."""

    id: UUID
    question: str
    answer: str
    category: str
    language: Language
    is_active: bool
    usage_count: int
    last_used_at: Timestamp | None
    confirmed_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class KnowledgeItemInput(Input):
    """A caller's question and its answer; an active one is suggested during calls."""

    question: Annotated[str, Field(min_length=MIN_TEXT, max_length=MAX_QUESTION)]
    answer: Annotated[str, Field(min_length=MIN_TEXT, max_length=MAX_ANSWER)]
    category: Annotated[str, Field(min_length=1, max_length=MAX_CATEGORY)]
    language: OneOf[Language]
    is_active: bool = True
