"""Reading what was deleted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from app.db.session import INCLUDE_DELETED
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.security.scope import visible
from app.trash.kinds import KINDS, Kind


def get_batch(actor: Actor, batch_id: UUID, *, lock: bool = False) -> DeletionBatch:
    """The deletion; raises NotFound when it is not there for `actor`.

    With `lock` it is held until the transaction ends and read anew: of two who restore or purge it, one waits.
    """
    statement = visible(DeletionBatch, actor).where(DeletionBatch.id == batch_id)
    batch = db.session.scalar(_locked(statement) if lock else statement)
    if batch is None:
        raise NotFound("deletion_batch", batch_id)
    return batch


def get_batch_of_organization(organization_id: UUID, batch_id: UUID) -> DeletionBatch:
    """The deletion, held, for work that nobody's scope limits; raises NotFound."""
    statement = select(DeletionBatch).where(
        DeletionBatch.organization_id == organization_id, DeletionBatch.id == batch_id
    )
    batch = db.session.scalar(_locked(statement))
    if batch is None:
        raise NotFound("deletion_batch", batch_id)
    return batch


def list_due(organization_id: UUID, *, limit: int) -> Sequence[UUID]:
    """Deletions of records whose time has come, the oldest first, at most `limit`."""
    due = select(DeletionBatch.id).where(
        DeletionBatch.organization_id == organization_id,
        DeletionBatch.root_type != "organization",
        DeletionBatch.purge_after <= datetime.now(UTC),
        DeletionBatch.restored_at.is_(None),
        DeletionBatch.purged_at.is_(None),
    )
    return db.session.scalars(due.order_by(DeletionBatch.purge_after, DeletionBatch.id).limit(limit)).all()


def refuse_settled(batch: DeletionBatch) -> None:
    """Raise Conflict when there is nothing left to restore or purge."""
    if batch.restored_at is not None:
        raise Conflict(None, _l("This was restored already."))
    if batch.purged_at is not None:
        raise Conflict(None, _l("This was removed for good and can’t be brought back."))


def rows_in(batch: DeletionBatch, kind: Kind) -> Select[Any]:
    """Select what is in the trash by this deletion, of one kind."""
    return (
        select(kind.model)
        .where(
            getattr(kind.model, kind.tenant_key) == batch.organization_id,
            kind.model.deletion_batch_id == batch.id,
        )
        .order_by(kind.model.id)
        .execution_options(**{INCLUDE_DELETED: True, "populate_existing": True})
    )


def count_left(batch: DeletionBatch) -> dict[str, int]:
    """How many rows of each kind are still in the trash by this deletion; kinds without any are left out."""
    counts = {}
    for kind in KINDS.values():
        rows = rows_in(batch, kind).order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
        number = db.session.scalar(rows)
        if number:
            counts[kind.resource] = number
    return counts


def _locked(statement: Select[DeletionBatch]) -> Select[DeletionBatch]:
    return statement.with_for_update().execution_options(populate_existing=True)
