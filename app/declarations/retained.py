"""Declarations of retention: the rows that are removed when their time is over, by kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from app.declarations.resource import Model, Resource


@dataclass(frozen=True, slots=True)
class Child:
    """Rows of the resource with this name that are removed with their parent, whose id is in `column`."""

    resource: str
    column: str
    children: tuple["Child", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Rows that are removed when they are older than a date and `may_go` holds; `files` are columns with file keys.

    `kind` is their name in the organization's settings and in reports. `removing` runs before the rows of an
    organization with these ids are removed.
    """

    kind: str
    resource: Resource
    may_go: Callable[[datetime], Sequence[ColumnElement[bool]]] = lambda _before: ()
    files: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    removing: Callable[[UUID, Sequence[UUID]], None] | None = None

    @property
    def model(self) -> Model:
        """Mapped class with the rows of organizations."""
        return self.resource.model
