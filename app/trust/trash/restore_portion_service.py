"""Background restore of large deletions, in portions.

A portion restores the rows that can be restored unchanged and leaves those in conflict; the job enqueues the next
portion in the same transaction. Nothing is lost if a worker dies, and no one waits long for the organization's lock.
The remaining rows are decided on the page of the deletion.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.deletable import HandedOver
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.tenancy.actor_queries import get_job_actor
from app.trust.trash import portion_service, queries
from app.trust.trash.parent_queries import refuse_taking_back
from app.trust.trash.portion_service import failure_in_words, lock_batch, notify_requester
from app.trust.trash.queries import Place
from app.trust.trash.restore_service import record_part, restore_batch
from app.trust.trash.rules import Choices


class Rest(NamedTuple):
    """The rest of a restore that was requested at `asked_at`: the rows following `after`.

    `so_far` is the reassigned work returned up to now.
    """

    after: Place
    asked_at: datetime
    so_far: HandedOver


def restore_some(batch_id: UUID, after: Place | None, so_far: HandedOver, with_parents: bool = False) -> Rest | None:
    """Restore the next portion, the rows following `after`; return the rest if there may be more.

    With `with_parents`, optional parents are restored as well where possible. Rows in conflict stay in the trash.
    Raises NotFound, Forbidden if the user can no longer restore the rows, and LastOwner.
    """
    batch = lock_batch(batch_id)
    if batch.restoring_at is None:
        return None
    by = _by()
    if by is not None:
        refuse_taking_back(by, batch, batch.restoring_at)
    portion = queries.next_left(batch, after, portion_service.ROWS_A_STEP)
    if portion:
        ids = frozenset(row_id for _resource, row_id in portion)
        choices = Choices(parents=None if with_parents else frozenset(), skips_the_rest=True)
        restored = restore_batch(batch, only=ids, choices=choices, by=by, so_far=so_far)
        so_far += restored.handed_over
    if len(portion) < portion_service.ROWS_A_STEP or batch.restored_at is not None:
        _finish(batch, so_far)
        return None
    return Rest(portion[-1], batch.restoring_at, so_far)


def stop(batch_id: UUID, error: BaseException) -> None:
    """Record that the restore has stopped and why, and notify the user who requested it.

    Rows that were restored stay restored.
    """
    batch = lock_batch(batch_id, include_deleted=True)
    if batch.restoring_at is None:
        return
    batch.restoring_at, batch.restore_failure = None, failure_in_words(error)
    record_part(batch, queries.count_restored(batch), HandedOver())
    notify_requester(batch, _l("Restore of “%(label)s” stopped.", label=batch.root_label))


def go_on(batch_id: UUID, asked_at: datetime) -> None:
    """Resume a stopped restore that was requested at `asked_at`.

    Raises NotFound, and Conflict if the deletion was settled in the meantime or is being processed by the worker.
    """
    batch = lock_batch(batch_id)
    queries.refuse_settled(batch)
    batch.restoring_at, batch.restore_failure = asked_at, None
    db.session.flush()


def _by() -> Actor | None:
    """Return the user or API key that requested the restore, with their current rights.

    Returns None for a guest, who is not in the organization.
    """
    context = current_context()
    return None if context.reference_id is None and context.api_key_id is None else get_job_actor()


def _finish(batch: DeletionBatch, handed_over: HandedOver) -> None:
    batch.restoring_at = None
    left = sum(queries.count_left(batch).values())
    if not left:
        notify_requester(batch, _l("“%(label)s” was restored.", label=batch.root_label))
        return
    record_part(batch, queries.count_restored(batch), handed_over)
    sentence = _l(
        "“%(label)s” was restored, except for records with conflicts: %(count)s.",
        label=batch.root_label,
        count=LazyString(format_decimal, left),
    )
    notify_requester(batch, sentence)
