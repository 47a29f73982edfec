"""Deleting what goes along with a record in portions, where that is much: what the worker does.

The record itself is deleted, and the database lets nothing new come to it. Each portion is a transaction that asks for
the next: a worker that dies loses nothing, and whoever takes the deletion back ends it at the next portion.
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
from app.trust.trash.kinds import count_along, deletables, ids_along
from app.trust.trash.mark_service import mark
from app.trust.trash.portion_service import failure_in_words, lock_batch, tell_who_asked


def delete_some(batch_id: UUID) -> bool:
    """Delete the next portion; whether there may be another."""
    batch = lock_batch(batch_id)
    if batch.deleting_at is None:
        return False
    kind = deletables()[batch.root_type]
    portion = ids_along(batch.organization_id, kind, _roots(batch, kind), limit=portion_service.ROWS_A_STEP)
    for part, ids in portion:
        mark(part, batch, ids, batch.deleting_at)
    if sum(len(ids) for _part, ids in portion) == portion_service.ROWS_A_STEP:
        return True
    batch.deleting_at, batch.counts = None, queries.count_left(batch)
    tell_who_asked(batch, _l("“%(label)s” is deleted, with all that belongs to it.", label=batch.root_label))
    return False


def stop(batch_id: UUID, error: BaseException) -> None:
    """Write down that it has stopped, and why, and tell who deleted it; what is deleted can be restored."""
    batch = lock_batch(batch_id, include_deleted=True)
    if batch.deleting_at is None:
        return
    batch.deleting_at, batch.delete_failure = None, failure_in_words(error)
    batch.counts = queries.count_left(batch)
    tell_who_asked(batch, _l("Deleting “%(label)s” has stopped.", label=batch.root_label))


def end_deleting(batch: DeletionBatch) -> None:
    """Have the worker delete no more of a locked deletion, which is to be restored.

    Until its records are back it is one that has stopped: what should have gone along is still there, and needs them.
    """
    if batch.deleting_at is None:
        return
    batch.deleting_at, batch.delete_failure = None, str(_("It was to be restored instead."))
    batch.counts = queries.count_left(batch)


def go_on(batch_id: UUID) -> None:
    """Let a deletion that has stopped go on; raises Conflict when it was taken back or removed in the meantime."""
    batch = lock_batch(batch_id)
    queries.refuse_settled(batch)
    kind = deletables()[batch.root_type]
    roots = _roots(batch, kind)
    if not roots:
        raise Conflict(None, _l("This was restored already."))
    batch.deleting_at, batch.delete_failure = datetime.now(UTC), None
    batch.counts = Counter(queries.count_left(batch)) + Counter(count_along(batch.organization_id, kind, roots))
    db.session.flush()


def _roots(batch: DeletionBatch, kind: Deletable) -> list[UUID]:
    """The records themselves, with which the rest goes along."""
    rows = queries.rows_in(batch, kind).order_by(None).with_only_columns(kind.model.id)
    return list(db.session.scalars(rows))
