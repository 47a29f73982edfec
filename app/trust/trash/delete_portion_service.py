"""Background deletion, in portions, of the many rows that belong to a deleted record.

The record itself is already deleted, and the database accepts no new rows for it. Each portion is a transaction that
enqueues the next one: nothing is lost if a worker dies, and undoing the deletion stops it at the next portion.
"""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.deletable import Deletable
from app.errors import Conflict
from app.extensions import db
from app.models import DeletionBatch
from app.trust.trash import portion_service, queries
from app.trust.trash.kinds import count_cascaded, deletables, lock_cascaded
from app.trust.trash.mark_service import mark
from app.trust.trash.portion_service import failure_in_words, lock_batch, notify_requester


def delete_some(batch_id: UUID) -> bool:
    """Delete the next portion and return whether there may be another."""
    batch = lock_batch(batch_id)
    if batch.deleting_at is None:
        return False
    kind = deletables()[batch.root_type]
    portion = lock_cascaded(batch.organization_id, kind, _roots(batch, kind), limit=portion_service.ROWS_A_STEP)
    for part, ids in portion:
        mark(part, batch, ids, batch.deleting_at)
    if sum(len(ids) for _part, ids in portion) == portion_service.ROWS_A_STEP:
        return True
    batch.deleting_at, batch.counts = None, queries.count_left(batch)
    notify_requester(batch, _l("“%(label)s” was deleted, with everything that belongs to it.", label=batch.root_label))
    return False


def stop(batch_id: UUID, error: BaseException) -> None:
    """Record that the deletion has stopped and why, and notify the user who deleted it.

    The deleted rows can be restored.
    """
    batch = lock_batch(batch_id, include_deleted=True)
    if batch.deleting_at is None:
        return
    batch.deleting_at, batch.delete_failure = None, failure_in_words(error)
    batch.counts = queries.count_left(batch)
    notify_requester(batch, _l("Deletion of “%(label)s” stopped.", label=batch.root_label))


def end_deleting(batch: DeletionBatch) -> None:
    """Stop the background deletion of a locked deletion that is about to be restored.

    Until its records are restored it counts as failed: the rows that were not deleted yet still need those records.
    """
    if batch.deleting_at is None:
        return
    batch.deleting_at, batch.delete_failure = None, str(_("A restore was requested instead."))
    batch.counts = queries.count_left(batch)


def go_on(batch_id: UUID) -> None:
    """Resume a deletion that has stopped.

    Raises Conflict if it was restored or purged in the meantime.
    """
    batch = lock_batch(batch_id)
    queries.refuse_settled(batch)
    kind = deletables()[batch.root_type]
    roots = _roots(batch, kind)
    if not roots:
        raise Conflict(None, _l("This was already restored."))
    batch.deleting_at, batch.delete_failure = datetime.now(UTC), None
    batch.counts = Counter(queries.count_left(batch)) + Counter(count_cascaded(batch.organization_id, kind, roots))
    db.session.flush()


def _roots(batch: DeletionBatch, kind: Deletable) -> list[UUID]:
    """Return the ids of the deleted records themselves, to which the other rows belong."""
    rows = queries.rows_in(batch, kind).order_by(None).with_only_columns(kind.model.id)
    return list(db.session.scalars(rows))
