"""Content of the page and the file that list the records remaining when an import is undone."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from flask import url_for

from app.data.imports.resource import IMPORTED_ROW
from app.declarations.registry import registry
from app.errors import LazyText
from app.lists.cells import drawer
from app.lists.file import file_fields, lines_of
from app.security.actor import Actor


class RemainingRecord(NamedTuple):
    """A record that remains when an import is undone.

    It has its line in the file, kind and name, the address of its page if there is one, and the reason.
    """

    line: int
    kind: LazyText
    name: str | None
    href: str | None
    why: str


def shown_remaining(actor: Actor, rows: Iterable[Any]) -> list[RemainingRecord]:
    """Return the rows of `undo_queries.remaining_list`, formatted for display."""
    why = drawer(IMPORTED_ROW.field("stays").kind)
    return [
        RemainingRecord(
            row.line, registry().resources[row.resource].words.label, row.name, _href(actor, row), why(row.stays)
        )
        for row in rows
    ]


def remaining_lines(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Return the rows of `undo_queries.remaining_list` as lines of a file."""
    values = attrgetter(*(field.attribute for field in file_fields(IMPORTED_ROW)))
    return lines_of(IMPORTED_ROW, map(values, rows))


def _href(actor: Actor, row: Any) -> str | None:
    """Return the address of the record's page, or None if there is none or `actor` can't open it."""
    resource = registry().resources[row.resource]
    needed = resource.page_permission
    if row.name is None or resource.page is None or not (needed is None or actor.may(needed)):
        return None
    endpoint, argument = resource.page
    values: dict[str, Any] = {argument: row.record_id}
    return url_for(endpoint, **values)
