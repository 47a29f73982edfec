"""Personal data: the rows that are about a contact, and the effect of erasing on them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    literal,
    literal_column,
    null,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import NullType

from app.errors import Sentence
from app.models import Base


@dataclass(frozen=True, slots=True)
class Traces:
    """Numbers are E.164, addresses lower case, names first and last together. What another living card has too (a
    family's number, a namesake) is left out of these: it does not tell this person from the other.
    """

    organization_id: UUID
    card_id: UUID
    numbers: Sequence[str] = ()
    emails: Sequence[str] = ()
    names: Sequence[str] = ()
    calls: Sequence[UUID] = ()
    leads: Sequence[UUID] = ()
    appointments: Sequence[UUID] = ()
    recordings: Sequence[UUID] = ()
    entries: Sequence[UUID] = ()
    messages: Sequence[UUID] = ()
    provider_ids: Sequence[str] = ()

    @property
    def ids(self) -> Sequence[UUID]:
        """All ids that others may refer to."""
        return (
            self.card_id,
            *self.calls,
            *self.leads,
            *self.appointments,
            *self.recordings,
            *self.entries,
            *self.messages,
        )


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """That `column` is one of `values`, however many: they are one parameter."""
    # A function that SQLAlchemy does not know the result of gives text here.
    of = Text() if isinstance(column.type, NullType) else column.type
    return column == any_(bindparam(None, list(values), type_=ARRAY(of), unique=True))


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
class Ending:
    """Rows that are open when the person is erased, what a page calls them, and the values that end them."""

    words: Sentence
    is_open: ColumnElement[bool]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Personal:
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
    ending: Ending | None = None
    #: Everything else is found through it, so it is erased after that.
    is_last: bool = False

    @property
    def source(self) -> Table:
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
        return literal_column(_WORDLESS % {"column": kept.name})
    if isinstance(kept.type, LargeBinary):
        return literal(b"")
    if isinstance(kept.type, String):
        return literal("")
    default = getattr(kept, "server_default", None)
    return literal_column(str(default.arg)) if default is not None else literal({}, JSONB)


#: Of each finding in a list what is counted stays; what was said goes.
_WORDLESS = """(
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('category', item -> 'category', 'severity',
      item -> 'severity')) ORDER BY place), '[]')
    FROM jsonb_array_elements(%(column)s) WITH ORDINALITY AS one (item, place)
)"""
