"""Conditions that read the same whatever their values are, and those that an index each answers."""

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
    """`column = ANY (values)`: one value of the statement, where IN has one for each.

    A single one is compared as such: then an index that begins with the column has the rows in order.
    """
    if len(values) == 1:
        single: ColumnElement[bool] = column == values[0]
        return single
    return column == any_(literal(list(values), ARRAY(column.type)))


def is_part_of_moment(part: Literal["hour", "isodow"], moment: ColumnElement[Any], value: int) -> ColumnElement[bool]:
    """Whether `part` of a local `moment` is `value`, written as a comparison and not as an equality.

    The planner takes an equality of an expression for one row in 200, and then sorts all that match; a comparison for
    one in three, and then reads from the newest on. An hour holds some 4 % of what happens, a weekday 14 %. `date_part`
    gives a float, which is compared in less time than the numeric of EXTRACT.
    """
    return func.abs(func.date_part(part, moment) - value) < 1


def split_by_column(conditions: Sequence[ColumnElement[bool]]) -> list[list[ColumnElement[bool]]]:
    """Sets of conditions that together keep what `conditions` keep, no row twice.

    `a = me OR b = me OR …` becomes `a = me`, `b = me AND a IS DISTINCT FROM me`, and what else there is with both left
    out: the planner counts each in an index, where it reads every row of the table that any of them names.
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
    """Of conditions any of which decides: the comparisons of columns with one value, and the rest. No comparisons where
    it is no such choice.
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
