"""Options of a picker."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a picker: its id and its label."""

    id: UUID
    name: str
