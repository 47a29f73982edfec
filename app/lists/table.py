"""The table of a list: the columns declared by its fields that the user has chosen and can see."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

from babel import Locale
from flask import request
from markupsafe import Markup, escape

from app.caches import HashableDict, memoize
from app.declarations.field import Field, Priority
from app.declarations.resource import Resource
from app.errors import LazyText
from app.lists.cells import Draw, cells_drawer, drawer, is_numeric
from app.lists.listing import Listing, address
from app.security.actor import Actor
from app.web import formatting
from app.web.render_context import current_render_context

#: Maximum number of cached column choices.
_MAX_CACHED = 1_000
#: Values that are left out of the lines below a row's name.
_NOTHING = ("", formatting.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column.

    `sort_href` sorts by the column, in the other direction if `direction` is set. It is None if the list can't be
    sorted by the column.
    """

    label: str
    css: str
    is_numeric: bool
    sort_href: str | None = None
    direction: str | None = None


@dataclass(frozen=True, eq=False)
class Columns:
    """The fields that a list shows, from the left; `own` are those that its template renders itself.

    There is one object per choice and language, which serves as the cache key of rendered rows.
    """

    fields: Sequence[Field]
    own: Collection[str]

    def row(self, row: Any) -> list[tuple[str | None, Markup | None]]:
        """Return the columns of a row as pairs, from the left.

        A pair is the name of a column in `own` and None, or None and the cells of adjacent other columns.
        """
        return [(name, cells(row) if cells else None) for name, cells in self._runs]

    @cached_property
    def _runs(self) -> Sequence[tuple[str | None, Callable[[Any], Markup] | None]]:
        runs = groupby(self.fields, key=lambda field: field.name if field.name in self.own else None)
        return [(name, None if name else cells_drawer(list(run))) for name, run in runs]

    def folded(self, row: Any, **own: Any) -> Markup:
        """Return the columns hidden on a narrow page, as lines for the cell that names the row.

        `own` has the values of columns that the template renders itself. Unknown values are left out.
        """
        values = [(start, own.get(name) if name in self.own else draw(row)) for name, start, draw in self._folds]
        told = [(start, escape(value)) for start, value in values if value is not None]
        lines = [f"{start}{value}</span>" for start, value in told if value not in _NOTHING]
        return Markup(f'<span class="sub folds">{"".join(lines)}</span>') if lines else Markup()  # noqa: S704 - escaped

    @cached_property
    def _folds(self) -> Sequence[tuple[str, str, Callable[[Any], Any]]]:
        """The name, the start of the line and the renderer of each column that can be hidden."""
        found = []
        for field in self.fields:
            if field.column and field.column.priority is not Priority.ALWAYS:
                start = f'<span class="fold-{field.column.priority.value}"><span>{escape(str(field.label))}</span> '
                found.append((field.name, start, _value_of(field)))
        return found

    def shows(self, name: str) -> bool:
        """Return whether the field of this name is shown."""
        return any(field.name == name for field in self.fields)

    def label(self, name: str) -> LazyText:
        """Return the label of the column `name`, for templates that write it themselves."""
        return next(field.label for field in self.fields if field.name == name)

    def drawn(self, name: str, value: Any) -> Markup | str:
        """Return a value as the field's cells show it, for a cell that the template renders itself."""
        return self._drawers[name](value)

    @cached_property
    def _drawers(self) -> Mapping[str, Draw]:
        return {field.name: drawer(field.kind) for field in self.fields}


def _value_of(field: Field) -> Callable[[Any], Any]:
    read, draw = attrgetter(field.attribute), drawer(field.kind)
    return lambda row: draw(read(row))


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a list with their headings, which link to its other sorts."""

    columns: Columns
    heads: tuple[Head, ...]


def shown_fields(resource: Resource, chosen: Sequence[str] | None) -> list[Field]:
    """Return the columns that the user has `chosen`, by stored name, and those that can't be hidden.

    None means all but the optional ones. Unknown names are ignored.
    """
    return [
        field
        for field in resource.columns
        if (column := field.column)
        and (column.is_fixed or (not column.is_optional if chosen is None else field.stored_name in chosen))
    ]


def offered_fields(actor: Actor, resource: Resource) -> list[Field]:
    """Return the columns that `actor` can see, regardless of their choice."""
    return [field for field in resource.columns if field.column and field.column.shown_to(actor)]


def table_of(
    resource: Resource,
    actor: Actor,
    listing: Listing | None = None,
    *,
    own: Collection[str] = (),
    chosen: Sequence[str] | None = None,
) -> Table:
    """Return the table of a list; without a `listing` it can't be sorted."""
    names = tuple(one.name for one in shown_fields(resource, chosen) if one.column and one.column.shown_to(actor))
    locale = current_render_context().locale
    known = (
        (
            request.root_path,
            listing.endpoint,
            HashableDict(listing.filters.parameters()),
            tuple(listing.sorts),
            listing.sort,
        )
        if listing
        else None
    )
    return Table(_columns(resource, names, frozenset(own), locale), _heads(resource, names, locale, known))


@memoize(_MAX_CACHED)
def _columns(resource: Resource, names: tuple[str, ...], own: frozenset[str], _locale: Locale) -> Columns:
    return Columns([resource.field(name) for name in names], own)


#: The root path, the list's endpoint, its filters, the names of its sorts, and the current sort.
_Sorted: TypeAlias = tuple[str, str, HashableDict[str, str], tuple[str, ...], str]


@memoize(_MAX_CACHED)
def _heads(resource: Resource, names: tuple[str, ...], _locale: Locale, listing: _Sorted | None) -> tuple[Head, ...]:
    return tuple(_head(resource.field(name), listing) for name in names)


def _head(field: Field, listing: _Sorted | None) -> Head:
    css = field.column.priority.value if field.column else ""
    plain = Head(str(field.label), css, is_numeric(field))
    if listing is None or not field.sort:
        return plain
    _root, endpoint, filters, sorts, sort = listing
    ways = {field.sort: "ascending", f"-{field.sort}": "descending"}
    known = [name for name in sorts if name in ways]
    if not known:
        return plain
    other = next((name for name in known if name != sort), known[0])
    return replace(plain, sort_href=address(endpoint, {**filters, "sort": other}), direction=ways.get(sort))
