"""Fields of a resource that a kind of file can contain, read by code or by their declaration alone."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from app.declarations.field import Choice, Field, Text
from app.declarations.resource import Resource


@dataclass(frozen=True, slots=True)
class DeclaredFields:
    """Fields that files contain for the table of `resource`: its imported ones, unless `fields` is set.

    Fields in `by_rule` are read and stored by the importer's functions. All others are simple, either text or one of a
    few values: they are read, staged, inserted and updated by their declaration alone. A field for which that is
    impossible raises ValueError, and the app does not start.
    """

    resource: Resource
    by_rule: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    def __post_init__(self) -> None:
        if wrong := [*self._wrong()]:
            raise ValueError("\n".join(f"imports of {self.resource.name}: {one}" for one in wrong))

    @property
    def all(self) -> tuple[Field, ...]:
        """Fields that files can contain, in order."""
        return self.fields or self.resource.imported

    @property
    def simple(self) -> tuple[Field, ...]:
        """Fields that are not handled by code."""
        return tuple(field for field in self.all if field.name not in self.by_rule)

    @property
    def columns(self) -> dict[str, str]:
        """Table column of each simple field, by the field's name."""
        stored = self.resource.model.__table__.columns
        return {field.name: name for field in self.simple if (name := _stored_name(field, stored))}

    def named(self, name: str) -> Field:
        """Return the field with this name.

        Raises KeyError if there is none.
        """
        for field in self.all:
            if field.name == name:
                return field
        raise KeyError(name)

    def _wrong(self) -> Iterator[str]:
        for name in sorted({*self.by_rule} - {field.name for field in self.all}):
            yield f"there is no field {name} to read and store by a rule."
        table, columns = self.resource.model.__table__, self.columns
        for field in self.simple:
            imported, column = field.imported, columns.get(field.name)
            if imported is None:
                yield f"the field {field.name} does not say how a file gives it. Add `imported`."
            elif not isinstance(field.kind, Choice | Text):
                yield f"the field {field.name} is neither a text nor a choice. Read and store it by a rule."
            elif isinstance(field.kind, Text) and not imported.longest:
                yield f"the field {field.name} does not say how long it may be. Add `longest`."
            elif column is None:
                yield f"the field {field.name} is no column of {table.name}. Store it by a rule."
            elif not (table.columns[column].nullable or imported.usual or imported.is_needed):
                yield f"{table.name}.{column} cannot be empty, and {field.name} can. Say what is `usual`."


def _stored_name(field: Field, stored: Container[str]) -> str | None:
    names = (field.attribute, field.name, *field.recorded_columns)
    return next((name for name in names if name in stored), None)
