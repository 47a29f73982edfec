"""The table of a list: the columns that its fields declare, as far as somebody wants and may see them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from babel import Locale
from markupsafe import Markup

from app.declarations.field import Field
from app.declarations.resource import Resource
from app.errors import Sentence
from app.lists.cells import Draw, cells_drawer, drawer, is_numeric
from app.lists.listing import Listing
from app.security.actor import Actor
from app.web.kept import kept
from app.web.render_context import current_render_context

#: How many choices of columns are kept.
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. `sort_href` sorts by it, the other way round where it is sorted by it now (`direction`);
    None where the list cannot be sorted by it."""

    field: Field
    css: str
    is_numeric: bool
    sort_href: str | None = None
    direction: str | None = None


@dataclass(frozen=True, eq=False)
class Columns:
    """Which fields a list shows, from the left; `own` are those that its template draws itself.

    One object for each choice, in each language: drawn rows are kept by it.
    """

    fields: Sequence[Field]
    own: Collection[str]

    def row(self, row: Any) -> list[tuple[str | None, Markup | None]]:
        """The columns of a row from the left: the name of one of `own`, or the drawn cells of others that follow each
        other.
        """
        return [(name, cells(row) if cells else None) for name, cells in self._runs]

    @cached_property
    def _runs(self) -> Sequence[tuple[str | None, Callable[[Any], Markup] | None]]:
        runs = groupby(self.fields, key=lambda field: field.name if field.name in self.own else None)
        return [(name, None if name else cells_drawer(list(run))) for name, run in runs]

    def shows(self, name: str) -> bool:
        """Whether the field of this name is among them."""
        return any(field.name == name for field in self.fields)

    def label(self, name: str) -> Sentence:
        """What a column is called, for a table that shows few of them."""
        return next(field.label for field in self.fields if field.name == name)

    def drawn(self, name: str, value: Any) -> Markup | str:
        """A value as the cells of a field show it, for a cell that the template draws itself."""
        return self._drawers[name](value)

    @cached_property
    def _drawers(self) -> Mapping[str, Draw]:
        return {field.name: drawer(field.kind) for field in self.fields}


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a list with their heads, which lead to other orders of it."""

    columns: Columns
    heads: Sequence[Head]


def shown_fields(resource: Resource, chosen: Sequence[str] | None) -> list[Field]:
    """The columns that somebody has `chosen`, by their stored names; None: all. Names that are gone are passed over."""
    return [
        field
        for field in resource.columns
        if field.column and (chosen is None or field.column.is_fixed or field.stored_name in chosen)
    ]


def table_of(
    resource: Resource,
    actor: Actor,
    listing: Listing | None = None,
    *,
    own: Collection[str] = (),
    chosen: Sequence[str] | None = None,
) -> Table:
    """The table of a list; without a `listing` it has no sorts."""
    fields = [one for one in shown_fields(resource, chosen) if one.column and one.column.shown_to(actor)]
    columns = _columns(resource, tuple(field.name for field in fields), frozenset(own), current_render_context().locale)
    return Table(columns, heads=[_head(field, listing) for field in fields])


@kept(_MOST)
def _columns(resource: Resource, names: tuple[str, ...], own: frozenset[str], _locale: Locale) -> Columns:
    return Columns([resource.field(name) for name in names], own)


def _head(field: Field, listing: Listing | None) -> Head:
    css = field.column.room.value if field.column else ""
    ways = {field.sort: "ascending", f"-{field.sort}": "descending"} if field.sort else {}
    known = [name for name in listing.sorts if name in ways] if listing else []
    if listing is None or not known:
        return Head(field, css, is_numeric(field))
    other = next((name for name in known if name != listing.sort), known[0])
    return Head(field, css, is_numeric(field), listing.sort_href(other), ways.get(listing.sort))
