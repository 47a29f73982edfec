"""Display data of the list of deletions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.trust.trash.rules import days_left
from app.web.formatting import UNKNOWN


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion as a row of the list: all that it is rendered from, and the key of the cached rendering.

    `counts` are kinds with their number of rows.
    """

    id: UUID
    root_type: str
    root_label: str
    deleted_by_label: str
    reason: str | None
    counts: tuple[tuple[str, int], ...]
    created_at: datetime
    days_left: int
    restoring_at: datetime | None
    deleting_at: datetime | None
    delete_failure: str | None
    restored_at: datetime | None
    restored_by_label: str | None
    purged_at: datetime | None
    address: str


def deletions_of(rows: Sequence[Any]) -> Sequence[Deletion]:
    """Convert the rows of a page of `trash_list` for display."""
    now = datetime.now(UTC)
    return [_deletion(row, now) for row in rows]


def _deletion(row: Any, now: datetime) -> Deletion:
    return Deletion(
        id=row.id,
        root_type=row.root_type,
        root_label=row.root_label,
        deleted_by_label=row.deleted_by_label,
        reason=row.reason,
        counts=tuple(row.counts.items()),
        created_at=row.created_at,
        days_left=days_left(row.purge_after, now),
        restoring_at=row.restoring_at,
        deleting_at=row.deleting_at,
        delete_failure=row.delete_failure,
        restored_at=row.restored_at,
        restored_by_label=row.restored_by_label,
        purged_at=row.purged_at,
        address=row.address or UNKNOWN,
    )
