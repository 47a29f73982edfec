"""Reading bulk operations: one's own, and everybody's for those who assign calls."""

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


#: The bulk operations that `actor` may see and `filters` keep.
bulk_list = ListOf(
    BulkOperation,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)


def _conditions(filters: BulkFilters) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(BulkOperation.status == filters.status)
    return found


def find_operation(actor: Actor, bulk_operation_id: UUID, *, lock: bool = False) -> BulkOperation | None:
    """The operation, if it is there for `actor`. With `lock` it is held until the transaction ends, read anew."""
    return find_row(actor, BulkOperation, bulk_operation_id, lock=lock)


def get_operation(actor: Actor, bulk_operation_id: UUID, *, lock: bool = False) -> BulkOperation:
    """As `find_operation`; raises NotFound."""
    return get_row(actor, BulkOperation, bulk_operation_id, named="bulk_operation", lock=lock)


def declared(action: str) -> BulkChange:
    """What the features say of an action. Raises NotFound for one that this version does not know."""
    found = registry().bulk.get(action)
    if found is None:
        raise NotFound("bulk_action", action)
    return found
