"""What a picker offers."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a picker."""

    id: UUID
    name: str
