"""Rows of the list of exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from app.data.exports.queries import declared
from app.declarations.registry import registry
from app.models import ExportStatus


@dataclass(frozen=True, slots=True)
class Line:
    """The values from which a row of the list of exports is rendered; they are its cache key.

    `origin` is the address of the exported list or record; `is_there` is whether the file can be downloaded.
    """

    id: UUID
    label: str
    origin: str
    is_filtered: bool
    status: str
    is_there: bool
    row_count: int
    rows_total: int | None
    file_bytes: int | None
    failure: str | None
    expires_at: datetime | None
    created_at: datetime


def lines_of(rows: Sequence[Any]) -> Sequence[Line]:
    """Return the lines for a page of `export_list`."""
    return [_line(row) for row in rows]


def _line(row: Any) -> Line:
    return Line(
        id=row.id,
        label=str(declared(row.kind).label),
        origin=_origin_of(row.kind, row.filters),
        is_filtered=bool(row.filters) and row.kind not in registry().archives,
        status=row.status,
        is_there=row.status == ExportStatus.COMPLETED,
        row_count=row.row_count,
        rows_total=row.rows_total,
        file_bytes=row.file_bytes,
        failure=row.failure,
        expires_at=row.expires_at,
        created_at=row.created_at,
    )


def _origin_of(kind: str, filters: Mapping[str, Any]) -> str:
    endpoint, arguments = declared(kind).origin(filters)
    return url_for(endpoint, **arguments)
