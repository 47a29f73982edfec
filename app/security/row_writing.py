"""Rows that a form of their own adds and changes. Asking for what is there already changes nothing, so a form that is
sent twice does so once."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from app.db.transaction import add_once, translated_integrity_errors
from app.errors import Conflict, Sentence
from app.extensions import db
from app.models import TenantRow
from app.security.actor import Actor
from app.security.rows import find_row

Row = TypeVar("Row", bound=TenantRow)


def add_row(actor: Actor, model: type[Row], row_id: UUID, values: Mapping[str, Any], sent_already: Sentence) -> Row:
    """Add a row; `row_id` is made with the form. Raises Conflict for what another row has, and with `sent_already`
    where the form was sent with other values before."""
    find = partial(_find_made, actor, model, row_id, values, sent_already)
    make: Callable[..., Row] = model
    return find() or add_once(make(organization_id=actor.organization_id, id=row_id, **values), find)


def edit_row(row: Any, values: Mapping[str, Any], version: int) -> None:
    """Change a row that is locked, as its form was opened with `version`. Raises VersionConflict, and Conflict for what
    another row has."""
    before = values_of(row, values)
    if before == values:
        return
    row.refuse_stale(version, before)
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(row, name, value)
        db.session.flush()


def values_of(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """What the row has in these columns."""
    return {name: getattr(row, name) for name in names}


def _find_made(
    actor: Actor, model: type[Row], row_id: UUID, values: Mapping[str, Any], sent_already: Sentence
) -> Row | None:
    """What the same form has added."""
    there = find_row(actor, model, row_id)
    if there is not None and values_of(there, values) != values:
        raise Conflict(None, sent_already)
    return there
