"""Conditions that read the same whatever their values are, so that a statement with them is compiled once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, literal
from sqlalchemy.orm import InstrumentedAttribute


def is_any_of(column: InstrumentedAttribute[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """`column = ANY (values)`: one value of the statement, where IN has one for each."""
    return column == any_(literal(list(values), ARRAY(column.type)))
