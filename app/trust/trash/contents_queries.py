"""Remaining rows of a deletion by kind, paginated: a deletion can hold more rows than fit on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.extensions import db
from app.models import DeletionBatch
from app.trust.trash import queries
from app.trust.trash.kinds import deletables, labels_of

#: Number of rows of each kind on the page of a deletion, and on a page of a single kind.
FIRST_ROWS = 10
ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one kind: how many are left, and the labels of those on this page by id.

    `next_after` is the id of the row that the next page follows; None on the last page.
    """

    resource: str
    number: int
    rows: Mapping[UUID, str]
    next_after: UUID | None


@dataclass(frozen=True, slots=True)
class Contents:
    """The remaining rows of a deletion: `counts` by kind, and the parts that this page shows."""

    counts: Mapping[str, int]
    parts: Sequence[Part]

    @property
    def number(self) -> int:
        """Total number of remaining rows."""
        return sum(self.counts.values())


def read_contents(batch: DeletionBatch, only: str | None = None, after: UUID | None = None) -> Contents:
    """Return the first rows of each kind, or the rows of the kind `only` that follow the row `after`."""
    counts = queries.count_left(batch)
    shown = [resource for resource in deletables() if counts.get(resource) and only in (None, resource)]
    limit = FIRST_ROWS if only is None else ROWS_A_PAGE
    return Contents(counts, [_part(batch, resource, counts[resource], after, limit) for resource in shown])


def _part(batch: DeletionBatch, resource: str, number: int, after: UUID | None, limit: int) -> Part:
    kind = deletables()[resource]
    rows = queries.rows_in(batch, kind)
    if after is not None:
        rows = rows.where(kind.model.id > after)
    found = db.session.scalars(rows.limit(limit + 1)).all()
    shown = found[:limit]
    return Part(resource, number, labels_of(kind, shown), shown[-1].id if len(found) > limit else None)
