"""How the rows of a statement are told apart: this period and the one before, people, or days and weeks."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Date, Integer, SQLColumnExpression, cast, extract, func, or_

from app.models import WeekStart
from app.periods import Span
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Columns:
    """When a row was, and whom it is credited to. `moment` None is of what has no period."""

    moment: SQLColumnExpression[Any] | None
    person: SQLColumnExpression[Any]


class Step(StrEnum):
    """How long each point of a series is."""

    DAY = "day"
    WEEK = "week"


class Grouping(Protocol):
    """What the rows of `span`, less those of `gap`, are grouped by."""

    @property
    def span(self) -> Span:
        """From the first row to the last."""
        ...

    @property
    def gap(self) -> Span | None:
        """What lies within the span and belongs to no group."""
        ...

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        """What rows are grouped by; None where they all are of one group, `True`."""
        ...


def outside(gap: Span | None, moment: SQLColumnExpression[Any]) -> list[ColumnElement[bool]]:
    """The condition that a row is not of the gap."""
    return [] if gap is None else [or_(moment < gap.start, moment >= gap.end)]


@dataclass(frozen=True, slots=True)
class BySpan:
    """The period (True), and the one before it (False) unless that is None.

    They are told apart by a yes or no: of any other expression the planner expects so many different values that it
    sorts all rows instead of counting them as they come.
    """

    current: Span
    before: Span | None

    @property
    def span(self) -> Span:
        """From the beginning of the earlier one."""
        return Span(self.before.start, self.current.end) if self.before else self.current

    @property
    def gap(self) -> Span | None:
        """Between the two, where the one before ends early."""
        has_gap = self.before is not None and self.before.end < self.current.start
        return Span(self.before.end, self.current.start) if self.before is not None and has_gap else None

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        """Whether it is the period; what has no moment is of now."""
        return None if columns.moment is None or self.before is None else columns.moment >= self.current.start


@dataclass(frozen=True, slots=True)
class ByPerson:
    """The person's id; None are rows that are credited to nobody."""

    span: Span
    gap: None = None

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        return columns.person


@dataclass(frozen=True, slots=True)
class ByStep:
    """The first day of each day or week, in the zone and with the weeks of the organization of `actor`."""

    span: Span
    step: Step
    actor: Actor
    gap: None = None

    def key(self, columns: Columns) -> SQLColumnExpression[Any] | None:
        """The local day, or the first one of its week."""
        day: ColumnElement[Any] = cast(func.timezone(self.actor.timezone, columns.moment), Date)
        if self.step is Step.DAY:
            return day
        days_into_week = extract("dow", day) if self._from_sunday else extract("isodow", day) - 1
        return day - cast(days_into_week, Integer)

    def first_day_of(self, day: date) -> date:
        """`day`, or the first one of its week."""
        if self.step is Step.DAY:
            return day
        return day - timedelta(days=(day.weekday() + self._from_sunday) % 7)

    @property
    def _from_sunday(self) -> bool:
        return self.actor.week_start == WeekStart.SUNDAY
