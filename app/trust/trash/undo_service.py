"""Undoing a whole deletion, for the user who just made it or a user who can restore it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from app.declarations.deletable import HandedOver
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import background_service, queries
from app.trust.trash.delete_portion_service import end_deleting
from app.trust.trash.parent_queries import refuse_taking_back
from app.trust.trash.restore_service import count_to_restore, restore_batch


@dataclass(frozen=True, slots=True)
class Undone:
    """A deletion that was undone, or will be by the worker; `handed_over` is the reassigned work that was returned."""

    batch: DeletionBatch
    handed_over: HandedOver
    is_later: bool


def undo(actor: Actor, batch_id: UUID) -> Undone:
    """Undo a whole deletion: users can undo their own recent deletions, and any that they can restore.

    Large deletions are left to the worker; their rows that can't be restored stay in the trash. A background deletion
    still in progress is stopped. Raises NotFound, Forbidden if neither condition holds, and Conflict if the deletion
    was restored or purged, is being restored, or can't be restored unchanged (with its conflicts).
    """
    lock_organization(actor.organization_id)
    batch = queries.get_batch(actor, batch_id, lock=True)
    queries.refuse_settled(batch, also_while_deleting=True)
    refuse_taking_back(actor, batch, datetime.now(UTC))
    if background_service.is_many(count_to_restore(batch, queries.count_left(batch))):
        background_service.begin(batch, actor)
        return Undone(batch, HandedOver(), is_later=True)
    with db.session.begin_nested():  # a refusal is rolled back, and the worker continues deleting
        end_deleting(batch)
        restored = restore_batch(batch, by=actor)
    return Undone(batch, restored.handed_over, is_later=False)
