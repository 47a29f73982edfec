"""Groupings of a statement's rows: by period, by person, by day or week, or by stretch of time.

A statement is built for a grouping's `like`, which has bind parameters for times and the time zone.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol, Self
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    SQLColumnExpression,
    bindparam,
    case,
    func,
    literal,
    or_,
)

from app.db.paging import Selection
from app.insight.metrics.step_rules import Step, steps_of
from app.periods import Period, Span, midnight
from app.security.actor import Actor


def _place_of_span(name: str) -> Span:
    start: Any = bindparam(f"{name}_start", type_=DateTime(timezone=True))
    end: Any = bindparam(f"{name}_end", type_=DateTime(timezone=True))
    return Span(start, end)


#: Stands for all people together in the keys of `OfEach`, in the place of a person.
EVERYBODY: Final = "everybody"

_CURRENT, _BEFORE, _STRETCHES = "current", "before", "grouping_stretches"
_PLACE_OF_CURRENT, _PLACE_OF_BEFORE = _place_of_span(_CURRENT), _place_of_span(_BEFORE)
_PLACE_OF_STRETCHES: Any = bindparam(_STRETCHES, type_=ARRAY(DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns for the time of a row and for the person it is credited to.

    `moment` is None for rows without a period.
    """

    moment: SQLColumnExpression[Any] | None
    person: SQLColumnExpression[Any]


class Grouping(Hashable, Protocol):
    """The interface of a grouping, which divides the rows in `span` but not in `gap` into groups."""

    @property
    def span(self) -> Span:
        """The span that covers all groups."""
        ...

    @property
    def gap(self) -> Span | None:
        """The time within the span that belongs to no group."""
        ...

    @property
    def like(self) -> "Grouping":
        """A grouping of the same kind, with bind parameters as values.

        It is equal for all groupings whose statements have the same text.
        """
        ...

    @property
    def values(self) -> dict[str, Any]:
        """The values of the bind parameters of `like`."""
        ...

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        """Return the expression to group by, or None if all rows are in one group, whose key is True."""
        ...

    def start_of(self, key: SQLColumnExpression[Any]) -> Any:
        """Return the start of the group with this `key`, given as a column."""
        ...

    def read(self, key: Any) -> Any:
        """Return the group for the `key` of a fetched row."""
        ...


def outside(gap: Span | None, moment: SQLColumnExpression[Any]) -> list[ColumnElement[bool]]:
    """Return the condition that `moment` is not in the gap, as a list that is empty without a gap."""
    return [] if gap is None else [or_(moment < gap.start, moment >= gap.end)]


def grouped(statement: Selection, grouping: Grouping, columns: Columns) -> Selection:
    """Extend a statement of counts by the grouping, with the columns that `keyed` reads.

    If there is only one group, its key is True.
    """
    key = grouping.key(columns)
    keyed = statement.add_columns((literal(True) if key is None else key).label("key"))
    by = [] if key is None else [key]
    if isinstance(grouping, OfEach):
        # One pass for both: for each person, and rolled up over all of them.
        person = columns.person
        keyed = keyed.add_columns(person.label("person"), func.grouping(person).label("of_everybody"))
        return keyed.group_by(*by, func.rollup(person))
    return keyed.group_by(*by) if by else keyed


def keyed(rows: Iterable[Any], grouping: Grouping) -> list[tuple[Any, Any]]:
    """Return the rows of a statement that `grouped` extended, each after its group.

    For `OfEach` a group is a pair: the person or EVERYBODY, and the key of its `parts`.
    """
    if isinstance(grouping, OfEach):
        read = grouping.parts.read
        return [((EVERYBODY if row.of_everybody else row.person, read(row.key)), row) for row in rows]
    return [(grouping.read(row.key), row) for row in rows]


@dataclass(frozen=True, slots=True)
class BySpan:
    """A grouping by the period (key True) and, if there is one, the comparison period (key False).

    The key is a boolean: for any other expression the planner expects so many distinct values that it sorts all rows
    instead of aggregating them by hash.
    """

    current: Span
    before: Span | None = None
    #: True if the period before ends before the current one starts.
    has_gap: bool = False

    @classmethod
    def of(cls, period: Period, *, compare: bool = False) -> Self:
        """Return the grouping by a period and, with `compare`, its comparison period."""
        current, before = period.span, period.comparison if compare else None
        return cls(current, before, before is not None and before.end < current.start)

    @property
    def span(self) -> Span:
        """The span from the start of the comparison period, if there is one, to the end of the period."""
        return Span(self.before.start, self.current.end) if self.before else self.current

    @property
    def gap(self) -> Span | None:
        """The gap between the two periods, if the comparison period ends before the other starts."""
        return Span(self.before.end, self.current.start) if self.before is not None and self.has_gap else None

    @property
    def like(self) -> Self:
        return type(self)(_PLACE_OF_CURRENT, _PLACE_OF_BEFORE if self.before else None, self.has_gap)

    @property
    def values(self) -> dict[str, Any]:
        before = _bounds(_BEFORE, self.before) if self.before else {}
        return {**_bounds(_CURRENT, self.current), **before}

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        """Return the condition that a row is in the current period.

        Returns None without a comparison, and for rows without a time, which are as of now.
        """
        return None if columns.moment is None or self.before is None else columns.moment >= self.current.start

    def start_of(self, key: SQLColumnExpression[Any]) -> Any:
        current: Any = self.current.start
        return current if self.before is None else case((key, current), else_=self.before.start)

    def read(self, key: Any) -> Any:
        return key


@dataclass(frozen=True, slots=True)
class OfEach:
    """A grouping by person, with one group for everyone together, and within each of them by `parts`."""

    parts: "BySpan | ByStep | ByStretch"

    @property
    def span(self) -> Span:
        return self.parts.span

    @property
    def gap(self) -> Span | None:
        return self.parts.gap

    @property
    def like(self) -> Grouping:
        return OfEach(self.parts.like)

    @property
    def values(self) -> dict[str, Any]:
        return self.parts.values

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        return self.parts.key(columns)

    def start_of(self, key: SQLColumnExpression[Any]) -> Any:
        return self.parts.start_of(key)

    def read(self, key: Any) -> Any:
        return self.parts.read(key)


@dataclass(frozen=True, slots=True)
class ByStretch:
    """A grouping by consecutive stretches of time, numbered from 1.

    `bounds` are the beginnings of the stretches and the end of the last. Rows are assigned by comparing timestamps:
    computing the local day of each row takes several times as long.
    """

    bounds: tuple[datetime, ...]
    gap: None = None

    @property
    def span(self) -> Span:
        """The span from the first to the last stretch; without `bounds`, as in `like`, its bind parameters."""
        return Span(self.bounds[0], self.bounds[-1]) if self.bounds else _PLACE_OF_CURRENT

    @property
    def like(self) -> Self:
        return type(self)(())

    @property
    def values(self) -> dict[str, Any]:
        return {**_bounds(_CURRENT, self.span), _STRETCHES: list(self.bounds)}

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        return None if columns.moment is None else self.number(columns.moment)

    def number(self, moment: SQLColumnExpression[Any]) -> ColumnElement[int]:
        """Return the number of the stretch that contains `moment`; 0 before the first."""
        return func.width_bucket(moment, _PLACE_OF_STRETCHES)

    def start_of(self, key: SQLColumnExpression[Any]) -> Any:
        # In a function, because `::timestamptz[][key]` would be read as the name of a type.
        bounds = func.coalesce(_PLACE_OF_STRETCHES, type_=_PLACE_OF_STRETCHES.type)
        return bounds[key]

    def read(self, key: Any) -> Any:
        return key


@dataclass(frozen=True, slots=True)
class ByStep:
    """A grouping by the days or weeks of `span` in the local time `zone`, keyed by their first day."""

    span: Span
    zone: str
    #: The first day of each step, in order.
    first_days: tuple[date, ...]
    gap: None = None

    @classmethod
    def of(cls, span: Span, step: Step, actor: Actor) -> Self:
        """Return the grouping of a span by `step`, in the time zone of the actor's organization."""
        return cls(span, actor.timezone, tuple(days.first_day for days in steps_of(span, step, actor.timezone)))

    @property
    def like(self) -> ByStretch:
        return ByStretch(())

    @property
    def values(self) -> dict[str, Any]:
        zone = ZoneInfo(self.zone)
        return {**_bounds(_CURRENT, self.span), _STRETCHES: [midnight(day, zone) for day in self.first_days]}

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        return self.like.key(columns)

    def start_of(self, key: SQLColumnExpression[Any]) -> Any:
        return self.like.start_of(key)

    def read(self, key: int) -> date:
        return self.first_days[key - 1]


def _bounds(name: str, span: Span) -> dict[str, Any]:
    """Return the values of the bind parameters created by `_place_of_span`."""
    return {f"{name}_start": span.start, f"{name}_end": span.end}
