"""Reading exports: everybody their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, case, func, literal, select

from app.data.exports.filters import ExportFilters
from app.db.paging import newest_or_oldest_first
from app.declarations.exportable import Export as DeclaredExport
from app.declarations.exportable import ListExport
from app.declarations.registry import registry
from app.errors import NotFound
from app.models import Export, ExportStatus
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import find_row, get_row

UNFINISHED = (ExportStatus.QUEUED, ExportStatus.RUNNING)

#: A file that has run out is as good as removed, though the clean-up may not have come yet.
_current_status: ColumnElement[str] = case(
    (
        and_(Export.status == ExportStatus.COMPLETED, Export.expires_at <= func.now()),
        literal(ExportStatus.REMOVED.value, String),
    ),
    else_=Export.status,
)

_ROW = select(
    Export.id,
    Export.kind,
    _current_status.label("status"),
    Export.filters,
    Export.rows_total,
    Export.row_count,
    Export.file_bytes,
    Export.failure,
    Export.expires_at,
    Export.created_at,
)


SORTS = newest_or_oldest_first("createdAt", Export.created_at, Export.id)


#: The exports of `actor` that `filters` keep.
export_list = ListOf(
    Export,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)


def _conditions(filters: ExportFilters) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(_current_status == filters.status)
    return found


def find_export(actor: Actor, export_id: UUID, *, lock: bool = False) -> Export | None:
    """The export, if it is one of this person's. With `lock` it is held until the transaction ends, and read anew."""
    return find_row(actor, Export, export_id, lock=lock)


def get_export(actor: Actor, export_id: UUID, *, lock: bool = False) -> Export:
    """As `find_export`; raises NotFound."""
    return get_row(actor, Export, export_id, named="export", lock=lock)


def has_file(export: Export, now: datetime) -> bool:
    """Whether its file can be had: one that has run out may still lie there until the clean-up comes."""
    return export.file_path is not None and export.expires_at is not None and export.expires_at > now


def declared(kind: str) -> DeclaredExport:
    """What the features say of a kind of exports. Raises NotFound for one that this version does not know."""
    found = registry().exports.get(kind)
    if found is None:
        raise NotFound("export_kind", kind)
    return found


def declared_list(kind: str) -> ListExport:
    """What the features say of an export of a list. Raises NotFound for a kind that is none."""
    found = declared(kind)
    if not isinstance(found, ListExport):
        raise NotFound("export_kind", kind)
    return found
