"""Restoring and purging large deletions in the background."""

from datetime import UTC, datetime
from uuid import UUID

from app.declarations.deletable import HandedOver
from app.models import DeletionBatch
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.legal_hold_rules import refuse_held
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.delete_portion_service import end_deleting
from app.trust.trash.jobs import enqueue_restore_portion, purge_trash
from app.trust.trash.parent_queries import refuse_restoring
from app.trust.trash.purge_service import purge_or_explain
from app.trust.trash.restore_trial_service import refuse_restoring_rows
from app.trust.trash.rules import MAX_IN_A_REQUEST


def is_many(rows: int) -> bool:
    """Return whether this number of rows is too large for a request, so that the worker must restore them."""
    return rows > MAX_IN_A_REQUEST


def start(actor: Actor, batch_id: UUID, *, with_parents: bool = False) -> None:
    """Have the worker restore all rows of a deletion that can be restored unchanged; safe to repeat.

    With `with_parents`, optional parents of the rows are restored as well where possible. Raises NotFound, Forbidden,
    and Conflict if the deletion is settled.
    """
    lock_organization(actor.organization_id)
    batch = queries.get_batch(actor, batch_id, lock=True)
    refuse_restoring(actor, batch)
    if batch.restoring_at is not None:
        return
    queries.refuse_settled(batch, also_while_deleting=True)
    begin(batch, actor, with_parents=with_parents)


def begin(batch: DeletionBatch, actor: Actor, *, with_parents: bool = False) -> None:
    """Leave the restore of a locked deletion to the worker; a deletion still in progress is stopped."""
    refuse_restoring_rows(batch, queries.resources_left(batch), actor)
    end_deleting(batch)
    batch.restore_failure, batch.restoring_at = None, datetime.now(UTC)
    enqueue_restore_portion(batch.id, None, batch.restoring_at, HandedOver(), with_parents=with_parents)


def purge(actor: Actor, batch_id: UUID, *, max_rows: int = MAX_IN_A_REQUEST) -> bool:
    """Purge a deletion and return whether it is done; one of more than `max_rows` is left to the worker.

    Raises NotFound, Forbidden, and Conflict while the organization is under legal hold, if the deletion is settled or
    incomplete, or if a remaining record still refers to it.
    """
    actor.requires(Permission.TRASH_PURGE)
    refuse_held(lock_organization(actor.organization_id))
    batch = queries.get_batch(actor, batch_id, lock=True)
    queries.refuse_purging(batch)
    if sum(queries.count_left(batch).values()) > max_rows:
        enqueue(purge_trash, one_by_one=f"trash:{batch.organization_id}", batch_id=str(batch_id))
        return False
    purge_or_explain(batch)
    return True
