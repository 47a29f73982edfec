"""What a person reads when the database refuses one row."""

from dataclasses import dataclass
from typing import TypeAlias

from app.errors import Sentence

#: A constraint, as the database reports it: its table and its name.
Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The field at fault, as the form or body calls it (None: the row as a whole), and the sentence."""

    field: str | None
    sentence: Sentence
