"""The field and message for a write that the database refuses."""

from dataclasses import dataclass
from typing import TypeAlias

from app.errors import LazyText

#: A constraint as the database reports it: the names of its table and itself.
Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The field at fault, as the form or body names it (None for the row as a whole), and the message."""

    field: str | None
    sentence: LazyText
