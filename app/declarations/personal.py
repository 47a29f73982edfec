"""Personal data: the rows that are about a contact, and the effect of erasure on them."""

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

from app.errors import LazyText
from app.models import Base


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """A street address of a person, as one of their rows has it.

    With `needs_unit`, others have the same house, but not the same apartment.
    """

    line_1: str | None
    line_2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    needs_unit: bool = False


@dataclass(frozen=True, slots=True)
class PersonalDataMatches:
    """Data by which rows about a person are found.

    Numbers are in E.164, email addresses in lowercase, names are first and last name together, `addresses` are of
    streets. Values that another active contact has too (a family's number, a namesake, a shared household) are
    excluded, because they don't distinguish the two people.
    """

    organization_id: UUID
    card_id: UUID
    numbers: Sequence[str] = ()
    emails: Sequence[str] = ()
    names: Sequence[str] = ()
    addresses: Sequence[KnownAddress] = ()
    calls: Sequence[UUID] = ()
    leads: Sequence[UUID] = ()
    appointments: Sequence[UUID] = ()
    recordings: Sequence[UUID] = ()
    entries: Sequence[UUID] = ()
    messages: Sequence[UUID] = ()
    provider_ids: Sequence[str] = ()

    @property
    def ids(self) -> Sequence[UUID]:
        """The ids of the person's contact and records, to which other rows can refer."""
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
    """Return the condition that `column` is one of `values`, which are passed as a single parameter."""
    # A function whose result type SQLAlchemy does not know returns text here.
    of = Text() if isinstance(column.type, NullType) else column.type
    return column == any_(bindparam(None, list(values), type_=ARRAY(of), unique=True))


#: Replacement for a value that can't be empty. The database uses it too (migration 0026).
ERASED = "Erased"


class Way(StrEnum):
    """The effect of erasure on a value.

    `WORDLESS` retains category and severity of findings, which are counted.
    """

    CLEARED = "set to null"
    EMPTIED = "emptied"
    WORD = "set to “Erased”"
    WORDLESS = "text removed"


Condition = Callable[[Any, PersonalDataMatches], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Ending:
    """The label and closing values for rows that are still open when the person is erased."""

    words: LazyText
    is_open: ColumnElement[bool]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Personal:
    """Rows about a person in one table.

    `found` builds the condition for them, `columns` are the personal columns. `resource` is the table's name in the
    audit trail; None if it is not audited. If `removed`, the rows are deleted. If `searched`, they are found by
    scanning the table, not by an index: this is done when a person is erased, but the rows are neither counted nor
    exported. `files` is the column with the key of a file.
    """

    table: str
    words: LazyText
    found: Condition
    columns: Mapping[str, Way]
    resource: str | None = None
    removed: bool = False
    searched: bool = False
    files: str | None = None
    #: Condition for rows that the person can't read, although they are erased with the rest.
    withheld: Callable[[Any], ColumnElement[bool]] | None = None
    how: str = ""
    ending: Ending | None = None
    #: Erased last, because all other rows are found through these.
    is_last: bool = False

    @property
    def source(self) -> Table:
        return Base.metadata.tables[self.table]

    def condition(self, traces: PersonalDataMatches) -> ColumnElement[bool]:
        """Return the condition for the rows about the person whom `traces` describes."""
        columns = self.source.c
        return and_(columns.organization_id == traces.organization_id, self.found(columns, traces))

    def new_values(self) -> dict[str, ColumnElement[Any] | BindParameter[Any]]:
        """Return the values that replace the personal columns when the person is erased, by column."""
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


#: Reduces each finding in a list to the values that are counted, without its text.
_WORDLESS = """(
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('category', item -> 'category', 'severity',
      item -> 'severity')) ORDER BY place), '[]')
    FROM jsonb_array_elements(%(column)s) WITH ORDINALITY AS one (item, place)
)"""
