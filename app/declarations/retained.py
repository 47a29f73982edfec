"""What goes when its time is over: one declaration a kind, with what belongs to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from app.declarations.resource import Model, Resource


@dataclass(frozen=True, slots=True)
class Child:
    """Rows of the resource of this name that go with another, whose id stands in `column`."""

    resource: str
    column: str
    children: tuple["Child", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Rows that go once they came before a moment and `may_go` holds; `files` are columns that name one.

    `kind` is what the settings of organizations and reports call it. `removing` does what belongs to removing the rows
    of these ids of an organization, before they go.
    """

    kind: str
    resource: Resource
    may_go: Callable[[datetime], Sequence[ColumnElement[bool]]] = lambda _before: ()
    files: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    removing: Callable[[UUID, Sequence[UUID]], None] | None = None

    @property
    def model(self) -> Model:
        """A mapped class that holds rows of an organization."""
        return self.resource.model
