"""Reading of a resource's declared fields, determined by their kind alone."""

from collections.abc import Callable, Iterable
from typing import Any

from app.data.imports.cell_rules import text_parser
from app.data.imports.column_rules import Column, Columns, RowCheck
from app.declarations.field import Choice, Field, Text


def field_column(columns: Columns, field: Field) -> Column[Any]:
    """Return the column that provides `field`, a text or choice field.

    Raises TypeError for a field of another kind, and for one that no file contains.
    """
    imported = field.imported
    if imported is None:
        raise TypeError(f"No file gives {field.name}.")
    # A field with a usual value cannot be empty, and an unknown word must not become the usual value.
    optional = imported.usual is None and not imported.is_needed
    if isinstance(field.kind, Choice):
        return columns.choice(field.name, imported.values or field.kind.kind, imported.words, optional=optional)
    if isinstance(field.kind, Text):
        return columns.one(field.name, text_parser(imported.longest), optional=optional)
    raise TypeError(f"{field.name} is neither text nor a choice: its reader must read it.")


class FieldReader:
    """Reader for the fields that need no rule of their own."""

    def __init__(self, columns: Columns, fields: Iterable[Field]) -> None:
        self._read = {one.name: _value_reader(columns, one) for one in fields}

    def read(self, check: RowCheck) -> dict[str, Any]:
        """Return the values by field name, with the declared default if file and mapping have none."""
        return {name: read(check) for name, read in self._read.items()}


def _value_reader(columns: Columns, field: Field) -> Callable[[RowCheck], Any]:
    column, imported = field_column(columns, field), field.imported
    if imported is not None and imported.is_needed:
        return column.require
    usual = imported and imported.usual
    return lambda check: column.read(check) or usual
