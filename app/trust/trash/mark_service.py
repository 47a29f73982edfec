"""Marking rows as part of a deletion."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from app.db.conditions import is_any_of
from app.declarations.deletable import Deletable
from app.extensions import db
from app.models import DeletionBatch


def mark(kind: Deletable, batch: DeletionBatch, ids: Sequence[UUID], now: datetime) -> None:
    """Mark locked rows of a kind as part of a deletion."""
    if not ids:
        return
    model = kind.model
    db.session.execute(
        update(model)
        .where(
            getattr(model, kind.tenant_key) == batch.organization_id,
            is_any_of(model.id, ids),
            model.deleted_at.is_(None),
        )
        .values(deleted_at=now, deleted_by=batch.deleted_by, deletion_batch_id=batch.id),
        execution_options={"synchronize_session": False},
    )
