"""Creation and change of rows through forms; a form that is submitted twice takes effect once."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from app.db.transaction import add_once, find_sent, translated_integrity_errors
from app.errors import Conflict, LazyText
from app.extensions import db
from app.models import TenantRow
from app.security.actor import Actor
from app.security.rows import find_row

Row = TypeVar("Row", bound=TenantRow)


def add_row(actor: Actor, model: type[Row], row_id: UUID, values: Mapping[str, Any], sent_already: LazyText) -> Row:
    """Create a row, or return it if the same form already created it; `row_id` is generated with the form.

    Raises Conflict for a value that another row has, and with the message `sent_already` if the form was submitted with
    other values before.
    """
    find = partial(_find_made, actor, model, row_id, values, sent_already)
    make: Callable[..., Row] = model
    return find_sent(row_id, find) or add_once(make(organization_id=actor.organization_id, id=row_id, **values), find)


def edit_row(row: Any, values: Mapping[str, Any], version: int) -> None:
    """Change a locked row, whose form was opened with `version`.

    Raises VersionConflict, and Conflict for a value that another row has.
    """
    before = values_of(row, values)
    if before == values:
        return
    row.refuse_stale(version, before)
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(row, name, value)
        db.session.flush()


def values_of(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of the row's columns `names`, by name."""
    return {name: getattr(row, name) for name in names}


def _find_made(
    actor: Actor, model: type[Row], row_id: UUID, values: Mapping[str, Any], sent_already: LazyText
) -> Row | None:
    """Return the row that the same form already created, or None.

    Raises Conflict if it has other values.
    """
    there = find_row(actor, model, row_id)
    if there is not None and values_of(there, values) != values:
        raise Conflict(None, sent_already)
    return there
