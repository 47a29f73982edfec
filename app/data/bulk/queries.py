"""Queries for bulk changes: users see their own, users who assign calls see all of them."""

from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.data.bulk.filters import BulkFilters
from app.db.paging import newest_or_oldest_first
from app.declarations.bulk import BulkChange
from app.declarations.registry import registry
from app.errors import NotFound
from app.models import BulkOperation, BulkStatus
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import find_row, get_row

UNFINISHED = (BulkStatus.QUEUED, BulkStatus.RUNNING, BulkStatus.UNDOING)

_ROW = select(
    BulkOperation.id,
    BulkOperation.action,
    BulkOperation.status,
    BulkOperation.rows_total,
    BulkOperation.rows_changed,
    BulkOperation.rows_undone,
    BulkOperation.created_at,
    BulkOperation.created_by_label,
)


SORTS = newest_or_oldest_first("createdAt", BulkOperation.created_at, BulkOperation.id)


#: The bulk changes that `actor` can see and that match `filters`.
bulk_list = ListOf(
    BulkOperation,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)


def _conditions(filters: BulkFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(BulkOperation.status == filters.status)
    return found


def find_operation(actor: Actor, bulk_operation_id: UUID, *, lock: bool = False) -> BulkOperation | None:
    """Return the bulk change if it is visible to `actor`.

    With `lock`, the row is locked until the transaction ends, and reloaded.
    """
    return find_row(actor, BulkOperation, bulk_operation_id, lock=lock)


def get_operation(actor: Actor, bulk_operation_id: UUID, *, lock: bool = False) -> BulkOperation:
    """Return the bulk change like `find_operation`, but raise NotFound if there is none."""
    return get_row(actor, BulkOperation, bulk_operation_id, named="bulk_operation", lock=lock)


def declared(action: str) -> BulkChange:
    """Return the declaration of an action.

    Raises NotFound for an action that this version does not have.
    """
    found = registry().bulk.get(action)
    if found is None:
        raise NotFound("bulk_action", action)
    return found
