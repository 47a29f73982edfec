"""Declarations for merging contacts: how rows move to the other contact, and how two rows become one.

Two rows become one if they are the contacts themselves, or if a contact can have only one of a kind. Each column of
such a resource declares its rule (`app.declarations.stored`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from app.errors import LazyText


@dataclass(frozen=True, slots=True)
class MergePair:
    """Two contacts of an organization: the one that remains and the one that is merged into it."""

    organization_id: UUID
    kept_id: UUID
    merged_id: UUID


class Preselected(Enum):
    """The value that is preselected where two contacts differ."""

    NEWEST = "the newest value that a person entered, or else the newest one"
    EARLIEST = "the earlier time"
    OLDER_CONTACT = "the value of the contact that was added first"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rule that the user chooses a value on the merge page, where both are shown under `label`.

    Columns with the same rule are chosen together. Without a name, the rule is named and labeled by the column's field.
    """

    name: str = ""
    label: LazyText = ""
    preselected: Preselected = Preselected.NEWEST


class Together(Enum):
    """The rule by which the values of both rows become one."""

    JOINED = "the items of both lists, each once"
    UPDATED = "the entries of both objects; those of the row that stays take precedence"


@dataclass(frozen=True, slots=True)
class Furthest:
    """The value of the row with more progress, or else, if it is unknown there, the other one.

    With `decided_by`, the value comes from the row from which that column comes.
    """

    decided_by: str = ""


#: The rule by which the value of a column is determined when two rows become one.
Rule: TypeAlias = Chosen | Together | Furthest


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row of the merged contact that duplicates a row of the remaining contact.

    It is moved to the trash with its contact. If `into` is set, it is the id of the row to which references are
    changed, and which takes over `values`. `facts` are the values for the texts about the duplicate.
    """

    row_id: UUID
    into: UUID | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def row_ids(self) -> Sequence[UUID]:
        """The ids of the row and of the one that replaces it, if any."""
        return (self.row_id,) if self.into is None else (self.row_id, self.into)


@dataclass(frozen=True, slots=True)
class DuplicateText:
    """Texts about a duplicate before the merge: what happens to both rows, and which figures change."""

    what: LazyText
    numbers: Sequence[LazyText] = ()


def _none(_pair: MergePair) -> Sequence[Duplicate]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Merging:
    """Rows that refer to a contact in the column `card` and move to the other contact in a merge.

    `doubles` finds rows of which a contact can have only one; `words` builds the texts about them from the facts of
    each. The audit trail records the move if `is_recorded`.
    """

    card: InstrumentedAttribute[Any]
    doubles: Callable[[MergePair], Sequence[Duplicate]] = _none
    words: Callable[[Mapping[str, Any]], DuplicateText] | None = None
    is_recorded: bool = True
