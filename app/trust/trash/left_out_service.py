"""Handling of the rows that stay in the trash when their organization is restored.

No one in the organization can see the deletion of the whole organization, and it ends when the organization is
restored. The rows left out therefore become a separate deletion, which the organization's admins find in their trash
and can restore or let expire.
"""

from datetime import UTC, datetime

from sqlalchemy import update

from app.db.ids import uuid7
from app.extensions import db
from app.models import DeletionBatch
from app.trust.trash import queries
from app.trust.trash.kinds import deletables, label_of_several


def put_apart(batch: DeletionBatch) -> DeletionBatch | None:
    """Create a deletion from the remaining rows of a locked `batch`, with the usual time in the trash.

    Returns None if no rows remain.
    """
    counts = queries.count_left(batch)
    if not counts:
        return None
    kind = next(kind for name, kind in deletables().items() if name in counts)
    first = db.session.scalars(queries.rows_in(batch, kind).limit(1)).one()
    now = datetime.now(UTC)
    apart = DeletionBatch(
        organization_id=batch.organization_id,
        id=uuid7(),
        parent_batch_id=batch.id,
        deleted_by=batch.deleted_by,
        deleted_by_label=batch.deleted_by_label,
        reason=batch.reason,
        root_type=kind.name,
        root_id=first.id,
        root_label=label_of_several(kind, first, sum(counts.values())),
        counts=counts,
        purge_after=queries.purge_after(batch.organization_id, now),
    )
    db.session.add(apart)
    db.session.flush()
    for resource in counts:
        model = deletables()[resource].model
        left_out = (model.organization_id == batch.organization_id, model.deletion_batch_id == batch.id)
        db.session.execute(
            update(model).where(*left_out).values(deletion_batch_id=apart.id),
            execution_options={"synchronize_session": False},
        )
    return apart
