"""What becomes of the rows of a contact when two contacts become one: the merge itself knows no resource by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from app.errors import Sentence


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts of an organization: the one that stays and the one that becomes part of it."""

    organization_id: UUID
    kept_id: UUID
    merged_id: UUID


@dataclass(frozen=True, slots=True)
class Double:
    """A row of the contact that goes, whose like the other contact has: it goes into the trash with its contact.

    What refers to it refers to `into` from then on, which takes over `values`. `facts` are for the words about it.
    """

    row_id: UUID
    into: UUID | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def row_ids(self) -> Sequence[UUID]:
        """The row itself, and the one that stands for both afterwards."""
        return (self.row_id,) if self.into is None else (self.row_id, self.into)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a double before it is one: what becomes of both, and what that does to the numbers."""

    what: Sentence
    numbers: Sequence[Sentence] = ()


def _none(_pair: Pair) -> Sequence[Double]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Merging:
    """Rows whose `card` names a contact go with it into another; of `doubles` the contact can have one only, of which
    `words` tell, from the facts of each. The trail follows them where they are `is_recorded`.
    """

    card: InstrumentedAttribute[Any]
    doubles: Callable[[Pair], Sequence[Double]] = _none
    words: Callable[[Mapping[str, Any]], Said] | None = None
    is_recorded: bool = True
