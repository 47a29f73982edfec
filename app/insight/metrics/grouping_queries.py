"""How the rows of a statement are told apart: this period and the one before, people, or days and weeks.

A statement is made for a grouping's `like`, which has places where moments and the zone will stand.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol, Self
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    SQLColumnExpression,
    bindparam,
    func,
    literal,
    or_,
)

from app.db.paging import Selection
from app.models import WeekStart
from app.periods import Period, Span, midnight
from app.security.actor import Actor


def _place_of_span(name: str) -> Span:
    start: Any = bindparam(f"{name}_start", type_=DateTime(timezone=True))
    end: Any = bindparam(f"{name}_end", type_=DateTime(timezone=True))
    return Span(start, end)


#: In the keys of `OfEach`, in the place of a person: everybody together.
EVERYBODY: Final = "everybody"

_DAYS_A_WEEK = 7
#: Spans are half open: what is this much before the end lies within.
_MOMENT = timedelta(microseconds=1)
_CURRENT, _BEFORE, _STRETCHES = "current", "before", "grouping_stretches"
_PLACE_OF_CURRENT, _PLACE_OF_BEFORE = _place_of_span(_CURRENT), _place_of_span(_BEFORE)
_PLACE_OF_STRETCHES: Any = bindparam(_STRETCHES, type_=ARRAY(DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class Columns:
    """When a row was, and whom it is credited to. `moment` None is of what has no period."""

    moment: SQLColumnExpression[Any] | None
    person: SQLColumnExpression[Any]


class Step(StrEnum):
    """How long each point of a series is."""

    DAY = "day"
    WEEK = "week"


class Grouping(Hashable, Protocol):
    """What the rows of `span`, less those of `gap`, are grouped by."""

    @property
    def span(self) -> Span:
        """From the first row to the last."""
        ...

    @property
    def gap(self) -> Span | None:
        """What lies within the span and belongs to no group."""
        ...

    @property
    def like(self) -> "Grouping":
        """The same with places instead of values: equal and hashable for all whose statements read the same."""
        ...

    @property
    def values(self) -> dict[str, Any]:
        """What stands in these places."""
        ...

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        """What rows are grouped by; None where they all are of one group, `True`."""
        ...

    def read(self, key: Any) -> Any:
        """The group that is called `key` in a row that was found."""
        ...


def outside(gap: Span | None, moment: SQLColumnExpression[Any]) -> list[ColumnElement[bool]]:
    """The condition that a row is not of the gap."""
    return [] if gap is None else [or_(moment < gap.start, moment >= gap.end)]


def grouped(statement: Selection, grouping: Grouping, columns: Columns) -> Selection:
    """A statement of what is counted, by group, with what `key_of` reads; of one group alone the key is True."""
    key = grouping.key(columns)
    keyed = statement.add_columns((literal(True) if key is None else key).label("key"))
    by = [] if key is None else [key]
    if isinstance(grouping, OfEach):
        # One pass for both: of each person, and rolled up over all of them.
        person = columns.person
        keyed = keyed.add_columns(person.label("person"), func.grouping(person).label("of_everybody"))
        return keyed.group_by(*by, func.rollup(person))
    return keyed.group_by(*by) if by else keyed


def key_of(row: Any, grouping: Grouping) -> Any:
    """The group of a row of such a statement; of `OfEach` the person or EVERYBODY, and the key of its `parts`."""
    if isinstance(grouping, OfEach):
        return EVERYBODY if row.of_everybody else row.person, grouping.read(row.key)
    return grouping.read(row.key)


@dataclass(frozen=True, slots=True)
class BySpan:
    """The period (True), and the one before it (False) unless that is None.

    They are told apart by a yes or no: of any other expression the planner expects so many different values that it
    sorts all rows instead of counting them as they come.
    """

    current: Span
    before: Span | None = None
    #: Whether the one before ends early.
    has_gap: bool = False

    @classmethod
    def of(cls, period: Period, *, compare: bool = False) -> Self:
        """A period, and what it is compared with."""
        current, before = period.span, period.comparison if compare else None
        return cls(current, before, before is not None and before.end < current.start)

    @property
    def span(self) -> Span:
        """From the beginning of the earlier one."""
        return Span(self.before.start, self.current.end) if self.before else self.current

    @property
    def gap(self) -> Span | None:
        """Between the two, where the one before ends early."""
        return Span(self.before.end, self.current.start) if self.before is not None and self.has_gap else None

    @property
    def like(self) -> Self:
        return type(self)(_PLACE_OF_CURRENT, _PLACE_OF_BEFORE if self.before else None, self.has_gap)

    @property
    def values(self) -> dict[str, Any]:
        before = _bounds(_BEFORE, self.before) if self.before else {}
        return {**_bounds(_CURRENT, self.current), **before}

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        """Whether it is the period; what has no moment is of now."""
        return None if columns.moment is None or self.before is None else columns.moment >= self.current.start

    def read(self, key: Any) -> Any:
        return key


@dataclass(frozen=True, slots=True)
class OfEach:
    """What `parts` tell apart, of each person and of everybody together."""

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

    def read(self, key: Any) -> Any:
        return self.parts.read(key)


@dataclass(frozen=True, slots=True)
class ByStretch:
    """Stretches of time that follow each other, numbered from 1, by when each begins, and when the last one ends.

    A row is put into its own by comparing moments: to ask for its local day takes several times as long.
    """

    bounds: tuple[datetime, ...]
    gap: None = None

    @property
    def span(self) -> Span:
        """From the first to the last; of `like`, the places of both."""
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
        """In which stretch it is; 0 before the first."""
        return func.width_bucket(moment, _PLACE_OF_STRETCHES)

    def read(self, key: Any) -> Any:
        return key


@dataclass(frozen=True, slots=True)
class ByStep:
    """The local days or weeks of `span`, by the first day of each; a week at its beginning may be a part of one."""

    span: Span
    step: Step
    zone: str
    from_sunday: bool
    #: The first day of each, in order.
    first_days: tuple[date, ...]
    gap: None = None

    @classmethod
    def of(cls, span: Span, step: Step, actor: Actor) -> Self:
        """In the zone and with the weeks of the organization of `actor`."""
        from_sunday = actor.week_start == WeekStart.SUNDAY
        zone = ZoneInfo(actor.timezone)
        first, last = (moment.astimezone(zone).date() for moment in (span.start, max(span.start, span.end - _MOMENT)))
        first = first_day_of(first, step, from_sunday=from_sunday)
        days = 1 if step is Step.DAY else _DAYS_A_WEEK
        starts = (first + timedelta(days=number) for number in range(0, (last - first).days + 1, days))
        return cls(span, step, actor.timezone, from_sunday, tuple(starts))

    @property
    def like(self) -> ByStretch:
        return ByStretch(())

    @property
    def values(self) -> dict[str, Any]:
        zone = ZoneInfo(self.zone)
        return {**_bounds(_CURRENT, self.span), _STRETCHES: [midnight(day, zone) for day in self.first_days]}

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        return self.like.key(columns)

    def read(self, key: int) -> date:
        return self.first_days[key - 1]

    def first_day_of(self, day: date) -> date:
        """`day`, or the first one of its week."""
        return first_day_of(day, self.step, from_sunday=self.from_sunday)


def first_day_of(day: date, step: Step, *, from_sunday: bool) -> date:
    """`day`, or the first one of its week."""
    if step is Step.DAY:
        return day
    return day - timedelta(days=(day.weekday() + from_sunday) % _DAYS_A_WEEK)


def _bounds(name: str, span: Span) -> dict[str, Any]:
    """What stands in the places of `_place_of_span`."""
    return {f"{name}_start": span.start, f"{name}_end": span.end}
