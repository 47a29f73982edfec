"""Declarations of retention: the rows that are deleted when their retention ends, by kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from app.declarations.resource import Model, Resource


@dataclass(frozen=True, slots=True)
class Child:
    """Rows of the resource with this name, deleted with their parent, whose id is in `column`."""

    resource: str
    column: str
    children: tuple["Child", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Rows that are deleted when they are older than a date and `may_go` holds.

    `files` are columns with file keys. `kind` is the name of the rows in the organization's settings and in reports.
    `removing` is called with the id of the organization and those of the rows before they are deleted.
    """

    kind: str
    resource: Resource
    may_go: Callable[[datetime], Sequence[ColumnElement[bool]]] = lambda _before: ()
    files: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    removing: Callable[[UUID, Sequence[UUID]], None] | None = None

    @property
    def model(self) -> Model:
        """The mapped class of the rows."""
        return self.resource.model
