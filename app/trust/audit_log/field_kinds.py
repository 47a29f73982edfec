"""Properties of a record's columns that affect how their values are displayed, read from its model."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Table

from app.declarations.field import Money
from app.declarations.registry import registry


@dataclass(frozen=True, slots=True)
class FieldKind:
    """Properties of one column that affect how its values are displayed."""

    choice: type[StrEnum] | None = None
    #: The kind of record that the column refers to.
    refers_to: str | None = None
    is_moment: bool = False
    #: The most decimals of an amount of money; None for other values.
    decimals: int | None = None


@cache
def field_kinds(resource_type: str) -> Mapping[str, FieldKind]:
    """Return the columns that hold enumerations, references, times or amounts of money, by name.

    Empty for an unknown kind of record.
    """
    resource = registry().resources.get(resource_type)
    if resource is None:
        return {}
    table: Table = resource.model.__table__
    moments = {column.name: FieldKind(is_moment=True) for column in table.columns if isinstance(column.type, DateTime)}
    amounts = {
        name: FieldKind(decimals=field.kind.decimals)
        for field in resource.fields
        if isinstance(field.kind, Money)
        for name in field.recorded_columns
    }
    return {**moments, **amounts, **_choices(table), **_references(table)}


def id_in(value: Any) -> UUID | None:
    """Return the id in a stored value, or None for a value that is not an id."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _choices(table: Table) -> dict[str, FieldKind]:
    checks = [check for check in table.constraints if isinstance(check, CheckConstraint) and "choice" in check.info]
    declared = [check.info["choice"] for check in checks]
    return {column: FieldKind(choice=values) for column, values in declared}


def _references(table: Table) -> dict[str, FieldKind]:
    known = registry().resources_by_table
    keys = [key for key in table.constraints if isinstance(key, ForeignKeyConstraint)]
    named = {list(key.column_keys)[-1]: known.get(key.referred_table.name) for key in keys}
    return {column: FieldKind(refers_to=kind.name) for column, kind in named.items() if kind}
