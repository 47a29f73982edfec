"""The columns of a list, of which everybody chooses those that they want to see."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.errors import Sentence as Text


@dataclass(frozen=True, slots=True)
class Column:
    """One of them. `is_fixed`: it names the row, so it is always there."""

    name: str
    label: Text
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of a list, in the order in which it shows them."""

    all: tuple[Column, ...]

    def shown(self, chosen: Iterable[str] | None) -> frozenset[str]:
        """Names of the columns to show; None: nobody has chosen, so all. Names that are gone are passed over."""
        if chosen is None:
            return frozenset(column.name for column in self.all)
        wanted = frozenset(chosen)
        return frozenset(column.name for column in self.all if column.is_fixed or column.name in wanted)
