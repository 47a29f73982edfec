"""Declarations of ledgers: numbers that are stored by local day, so that only days with changes are counted from rows.

A ledger has all tables that are counted by the same date of the same rows. Each is declared once: `count` builds the
statement over rows, from which a job fills the table, and from which the days that aren't stored are read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import FromClause, Label, SQLColumnExpression, Table, and_, select

from app.db.paging import Selection
from app.insight.metrics.metric import Credit
from app.insight.metrics.question_queries import Question
from app.models import Call
from app.models.base import TenantRow
from app.periods import Span
from app.security.scope import unscoped

#: Builds the statement that counts the rows of a span, without its grouping. Its columns have the names of the table's:
#: the measures, and the dimensions by which the rows are grouped.
Count = Callable[[Question, Span], Selection]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One table of a ledger: numbers of the rows of `model` by day, by person and by further dimensions.

    Rows count on the day of `moment`, for the `person` who has the `credit`; a table without persons is only for
    everybody together. With `is_heard`, the numbers are those of someone who can listen to all recordings.
    """

    days: Table
    model: type[TenantRow]
    moment: SQLColumnExpression[Any]
    credit: Credit
    person: SQLColumnExpression[Any] | None
    count: Count
    dimensions: tuple[str, ...] = ()
    is_heard: bool = False
    #: True if everyone sees the rows that are credited to them.
    shows_own: bool = False
    #: Further models, of rows that a row must belong to.
    joined: tuple[type[TenantRow], ...] = ()
    #: The dimension with the time of the previous row about the same thing, if each thing counts once in a group: only
    #: rows count whose previous one is before the group.
    previous: str | None = None
    #: The part with the numbers of everybody together, if they aren't the sum of those of all people.
    together: "Part | None" = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the table's columns that the rows of a day are grouped by."""
        return (*(() if self.person is None else ("person_id",)), *self.dimensions)

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the numbers, in the order of the table's columns."""
        known = {"organization_id", "starts_at", *self.keys}
        return tuple(one.name for one in self.days.columns if one.name not in known)

    @property
    def rows(self) -> Count:
        """The function `count`, whose statement also selects the person."""
        if self.person is None:
            return self.count
        person: Label[Any] = self.person.label("person_id")
        return lambda question, span: self.count(question, span).add_columns(person)


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Tables of numbers that become stale together.

    `depends_on` selects, for marks of records of a resource, the moments of the rows that are counted with them.
    """

    name: str
    parts: tuple[Part, ...]
    depends_on: Mapping[str, Callable[[FromClause], Selection]] = field(default_factory=dict)


def starts_of_calls(marks: FromClause) -> Selection:
    """Select when the marked calls started."""
    of_mark = and_(Call.organization_id == marks.c.organization_id, Call.id == marks.c.record_id)
    return unscoped(select(Call.started_at), why="times of marked calls only").join_from(marks, Call, of_mark)
