"""Taking a deletion back as a whole, by whoever has just deleted it or may restore it."""

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
    """A deletion that is taken back, or will be by the worker; `handed_over` is what others were given for it."""

    batch: DeletionBatch
    handed_over: HandedOver
    is_later: bool


def undo(actor: Actor, batch_id: UUID) -> Undone:
    """Take a deletion back whole: one's own while it is fresh, any that one may restore at any time.

    Of many rows the worker does it, and what cannot come back stays. One that the worker is still deleting ends there.
    Raises NotFound, Forbidden when it is neither, and Conflict when it was restored or purged, or cannot come back as
    it was (with its conflicts).
    """
    lock_organization(actor.organization_id)
    batch = queries.get_batch(actor, batch_id, lock=True)
    queries.refuse_settled(batch, also_while_deleting=True)
    refuse_taking_back(actor, batch, datetime.now(UTC))
    if background_service.is_many(count_to_restore(batch, queries.count_left(batch))):
        background_service.begin(batch, actor)
        return Undone(batch, HandedOver(), is_later=True)
    with db.session.begin_nested():  # of a refusal nothing stays: the worker goes on deleting
        end_deleting(batch)
        restored = restore_batch(batch, by=actor)
    return Undone(batch, restored.handed_over, is_later=False)
