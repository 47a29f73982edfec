"""Queries for exports; users only see their own."""

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

#: An expired file counts as removed, even if the clean-up has not run yet.
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


_RECORD = select(
    Export.id,
    Export.kind,
    _current_status.label("status"),
    func.jsonb_build_object("done", Export.row_count, "total", Export.rows_total).label("progress"),
    Export.failure.label("error"),
    Export.filters,
    Export.sort,
    Export.row_count,
    Export.file_bytes,
    Export.requested_by,
    Export.requested_by_label.label("requested_by_name"),
    Export.created_at,
    Export.started_at,
    Export.finished_at,
    Export.expires_at,
)


def _conditions(filters: ExportFilters, _actor: Actor, _now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(_current_status == filters.status)
    return found


#: The exports of `actor` that match `filters`.
export_list = ListOf(Export, _ROW, narrow=_conditions, sorts=SORTS)
#: The same exports with all that programs see.
export_records = ListOf(Export, _RECORD, narrow=_conditions, sorts=SORTS)


def find_export(actor: Actor, export_id: UUID, *, lock: bool = False) -> Export | None:
    """Return the export if it belongs to `actor`.

    With `lock`, the row is locked until the transaction ends, and reloaded.
    """
    return find_row(actor, Export, export_id, lock=lock)


def get_export(actor: Actor, export_id: UUID, *, lock: bool = False) -> Export:
    """Return the export like `find_export`, but raise NotFound if there is none."""
    return get_row(actor, Export, export_id, named="export", lock=lock)


def has_file(export: Export, now: datetime) -> bool:
    """Return whether the file can be downloaded.

    An expired file may exist until the next clean-up, but is no longer available.
    """
    return export.file_path is not None and export.expires_at is not None and export.expires_at > now


def declared(kind: str) -> DeclaredExport:
    """Return the declaration of a kind of export.

    Raises NotFound for a kind that this version does not have.
    """
    found = registry().exports.get(kind)
    if found is None:
        raise NotFound("export_kind", kind)
    return found


def declared_list(kind: str) -> ListExport:
    """Return the declaration of a list export.

    Raises NotFound for any other kind.
    """
    found = declared(kind)
    if not isinstance(found, ListExport):
        raise NotFound("export_kind", kind)
    return found


def file_type_of(export: Export) -> str:
    """Return the media type of an export's file."""
    return declared(export.kind).file_type[1]


def file_name_of(export: Export) -> str:
    """Return the name under which an export's file is saved."""
    return f"{export.kind}-{export.created_at:%Y-%m-%d}.{declared(export.kind).file_type[0]}"
