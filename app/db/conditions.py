"""Conditions written so that their SQL does not depend on the values and that an index can answer them."""

from collections.abc import Sequence
from operator import eq
from typing import Any, Literal, TypeGuard

from sqlalchemy import (
    ARRAY,
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    Column,
    ColumnElement,
    any_,
    func,
    literal,
    or_,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import Grouping


def is_any_of(column: InstrumentedAttribute[Any] | Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition `column = ANY (values)`, which takes one parameter where IN takes one per value.

    A single value is compared with `=`, so that an index that begins with the column returns the rows in order.
    """
    if len(values) == 1:
        single: ColumnElement[bool] = column == values[0]
        return single
    return column == any_(literal(list(values), ARRAY(column.type)))


def is_part_of_moment(part: Literal["hour", "isodow"], moment: ColumnElement[Any], value: int) -> ColumnElement[bool]:
    """Return the condition that `part` of the local time `moment` is `value`, as a range comparison.

    The planner estimates that an equality on an expression matches one row in 200, and then sorts all matches; for a
    comparison it estimates one in three and reads from the newest row on. An hour covers about 4% of all rows, a
    weekday 14%. `date_part` returns a float, which is faster to compare than the numeric of EXTRACT.
    """
    return func.abs(func.date_part(part, moment) - value) < 1


def split_by_column(conditions: Sequence[ColumnElement[bool]]) -> list[list[ColumnElement[bool]]]:
    """Split `conditions` into sets that together match the same rows, each row only once.

    `a = me OR b = me OR …` becomes `a = me`, then `b = me AND a IS DISTINCT FROM me`, then the remaining alternatives
    with both excluded: the planner counts each set in an index, where for the OR it would read every row of the table
    that any of them matches.
    """
    for place, condition in enumerate(conditions):
        compared, rest = _choice(condition)
        if compared:
            others = [*conditions[:place], *conditions[place + 1 :]]
            unlike = [one.left.is_distinct_from(one.right) for one in compared]
            parts = [[*others, one, *unlike[:before]] for before, one in enumerate(compared)]
            return [*parts, [*others, or_(*rest), *unlike]] if rest else parts
    return [list(conditions)]


def _choice(
    condition: ColumnElement[bool],
) -> tuple[Sequence[BinaryExpression[bool]], Sequence[ColumnElement[bool]]]:
    """Split an OR condition into comparisons of columns with the same value, and the other alternatives.

    Both are empty if it is not an OR, or if the compared values differ.
    """
    inner = condition.element if isinstance(condition, Grouping) else condition
    if not isinstance(inner, BooleanClauseList) or inner.operator is not operators.or_:
        return (), ()
    compared = [one for one in inner.clauses if _compares_a_value(one)]
    if not compared or not all(one.right.compare(compared[0].right) for one in compared):
        return (), ()
    return compared, [one for one in inner.clauses if not _compares_a_value(one)]


def _compares_a_value(condition: Any) -> TypeGuard[BinaryExpression[bool]]:
    return (
        isinstance(condition, BinaryExpression)
        and condition.operator is eq
        and isinstance(condition.right, BindParameter)
    )
