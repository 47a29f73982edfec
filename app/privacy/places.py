"""What a place is where something about a contact is kept: which rows, which columns, and what erasing does to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    LargeBinary,
    String,
    Table,
    and_,
    literal,
    literal_column,
    null,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.errors import Sentence
from app.models import Base
from app.privacy.traces import Traces

#: What stands where something stood that may not be empty. The database knows it too (migration 0026).
ERASED = "Erased"


class Way(StrEnum):
    """What becomes of a value. `WORDLESS` keeps of a list of findings what is counted: category and severity."""

    CLEARED = "not known any more"
    EMPTIED = "empty"
    WORD = "the word “Erased”"
    WORDLESS = "without its words"


Condition = Callable[[Any, Traces], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Place:
    """Rows about a person in one table. `found` gets the columns and the traces; `columns` are the personal ones.

    `resource` is the table's name in the audit trail, None where it has no history there. Of rows that are `removed`
    nothing stays. What is `searched` is found by reading through the table, not by an index: it is looked at when a
    person is erased, and neither counted nor exported. `files` is the column that holds the key of a file.
    """

    table: str
    words: Sentence
    found: Condition
    columns: Mapping[str, Way]
    resource: str | None = None
    removed: bool = False
    searched: bool = False
    files: str | None = None
    #: What is not the person's to read, though it goes with them.
    withheld: Callable[[Any], ColumnElement[bool]] | None = None
    how: str = ""

    @property
    def source(self) -> Table:
        """The table itself."""
        return Base.metadata.tables[self.table]

    def condition(self, traces: Traces) -> ColumnElement[bool]:
        """Which rows these are."""
        columns = self.source.c
        return and_(columns.organization_id == traces.organization_id, self.found(columns, traces))

    def new_values(self) -> dict[str, ColumnElement[Any] | BindParameter[Any]]:
        """What is written over the personal columns."""
        return {name: _new_value(self.source.c[name], way) for name, way in self.columns.items()}


def _new_value(kept: ColumnElement[Any], way: Way) -> Any:
    if way is Way.CLEARED:
        return null()
    if way is Way.WORD:
        return literal(ERASED)
    if way is Way.WORDLESS:
        return literal_column(_COUNTED_ONLY)
    if isinstance(kept.type, LargeBinary):
        return literal(b"")
    if isinstance(kept.type, String):
        return literal("")
    default = getattr(kept, "server_default", None)
    return literal_column(str(default.arg)) if default is not None else literal({}, JSONB)


_COUNTED_ONLY = """(
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('category', item -> 'category', 'severity',
      item -> 'severity')) ORDER BY place), '[]')
    FROM jsonb_array_elements(objections) WITH ORDINALITY AS one (item, place)
)"""
