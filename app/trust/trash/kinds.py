"""Kinds of records that can be moved to the trash, as their features declare them (`app.declarations.deletable`).

To add a kind: make its model SoftDeleted and declare it in the `trash.py` of its feature. Its view calls
`deletion_views.delete_from_list`, or its service calls `delete_service.delete` and its view uses `app.web.undo`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.conditions import is_any_of
from app.db.session import INCLUDE_DELETED
from app.declarations.deletable import Cascade, Deletable
from app.declarations.registry import registry
from app.declarations.resource import Model
from app.extensions import db
from app.models import SoftDeleted
from app.security.scope import unscoped
from app.trust.trash.rules import shortened


def deletables() -> Mapping[str, Deletable]:
    """Return the kinds by resource, parents before their children."""
    return registry().deletes


def find_even_deleted(model: Model, organization_id: UUID, row_id: UUID | None) -> Any:
    """Return the row, whether deleted or not; None if it doesn't exist or `row_id` is None.

    Rows that this transaction has already read are not queried again.
    """
    if row_id is None:
        return None
    wanted = unscoped(model, why="parents are needed to label, delete and restore a row, regardless of record scope")
    return db.session.get(wanted, (organization_id, row_id), execution_options={INCLUDE_DELETED: True})


def label_of(kind: Deletable, row: SoftDeleted) -> str:
    """Return the label of this row, shortened to a single line."""
    return shortened(_label(kind, row))


def label_of_several(kind: Deletable, first: SoftDeleted, number: int) -> str:
    """Return the label of a deletion of `number` rows, named after the first of them."""
    label = label_of(kind, first)
    return label if number == 1 else shortened(_("%(first)s and %(count)s more", first=label, count=number - 1))


def labels_of(kind: Deletable, rows: Sequence[Any]) -> dict[UUID, str]:
    """Return the labels of many rows by id, reading the parents that appear in labels in one query per kind."""
    _parents = _read_parents(kind, rows)  # referenced until all are named: the session drops unreferenced rows
    return {row.id: label_of(kind, row) for row in rows}


def _label(kind: Deletable, row: SoftDeleted) -> str:
    if kind.label is not None:
        return kind.label(row)
    title = kind.resource.title() if kind.resource.title else None
    if not isinstance(title, InstrumentedAttribute):
        raise TypeError(f"{kind.name}: what has no label needs a column for its title")
    return str(getattr(row, title.key))


def _read_parents(kind: Deletable, rows: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for column, resource in kind.all_parents.items():
        ids = {getattr(row, column) for row in rows} - {None}
        if not ids:
            continue
        parent = deletables()[resource]
        parents = unscoped(
            select(parent.model), why="the label of a row contains its parents and is visible with the row"
        )
        theirs = parents.where(
            parent.model.organization_id == rows[0].organization_id, is_any_of(parent.model.id, list(ids))
        )
        read = db.session.scalars(theirs.execution_options(**{INCLUDE_DELETED: True})).all()
        found += [*read, *_read_parents(parent, read)]
    return found


def described(kinds: Iterable[Deletable]) -> list[dict[str, Any]]:
    """Return the kinds in the form that the database function `restore_deleted` expects."""
    known = deletables()
    return [
        {
            "resource": kind.name,
            "table": kind.model.__tablename__,
            "tenant_key": kind.tenant_key,
            "parents": [
                {"column": column, "resource": parent, "table": known[parent].model.__tablename__}
                for column, parent in kind.parents.items()
            ],
        }
        for kind in kinds
    ]


def count_cascaded(organization_id: UUID, kind: Deletable, ids: Sequence[UUID]) -> dict[str, int]:
    """Count, by kind, the rows that are deleted together with the rows of `kind` that have these `ids`."""
    found = {}
    for cascade in kind.cascades:
        model = deletables()[cascade.resource].model
        number = unscoped(
            select(func.count()).select_from(model),
            why="count only; dependent rows are deleted as well, regardless of record scope",
        )
        found[cascade.resource] = (
            db.session.scalar(number.where(*_cascade_conditions(cascade, organization_id, ids))) or 0
        )
    return found


def lock_cascaded(
    organization_id: UUID, kind: Deletable, ids: Sequence[UUID], *, limit: int | None = None, only_at_once: bool = False
) -> list[tuple[Deletable, list[UUID]]]:
    """Lock the rows that are deleted together with the rows of `kind` that have these `ids`.

    Returns their ids by kind: with a `limit`, at most that many in all; with `only_at_once`, none of the rows that can
    wait for the worker.
    """
    found = []
    for cascade in kind.cascades:
        if only_at_once and not cascade.at_once:
            continue
        other = deletables()[cascade.resource]
        belonging = unscoped(
            select(other.model.id), why="dependent rows are deleted as well, regardless of record scope"
        )
        rows = (
            belonging.where(*_cascade_conditions(cascade, organization_id, ids)).order_by(other.model.id).limit(limit)
        )
        locked = list(db.session.scalars(rows.with_for_update()))
        found.append((other, locked))
        if limit is not None:
            limit -= len(locked)
    return found


def _cascade_conditions(cascade: Cascade, organization_id: UUID, ids: Sequence[UUID]) -> list[ColumnElement[bool]]:
    other = deletables()[cascade.resource]
    key = getattr(other.model, other.tenant_key)
    wanted = [key == organization_id, is_any_of(getattr(other.model, cascade.column), ids)]
    return wanted if cascade.where is None else [*wanted, cascade.where()]
