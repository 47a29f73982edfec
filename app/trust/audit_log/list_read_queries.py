"""Queries for the rows that lists of the JSON API have handed out to callers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.db.context import current_context
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import ApiKey, ListRead, User
from app.security.scope import unscoped


def list_unrecorded_readers(hour: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the callers who read rows before `hour` that the trail doesn't have yet, each once.

    Each row has the `user_id` with `user_name` and `role`, or the `api_key_id` with `key_name` and `creator_name`.
    """
    readers = unscoped(
        select(
            ListRead.user_id,
            ListRead.api_key_id,
            User.name.label("user_name"),
            User.role,
            ApiKey.name.label("key_name"),
            ApiKey.created_by_label.label("creator_name"),
        ),
        why="a job records the reads of all callers",
    )
    waiting = (
        readers.outerjoin(User, refers_to(User, ListRead, ListRead.user_id))
        .outerjoin(ApiKey, refers_to(ApiKey, ListRead, ListRead.api_key_id))
        .where(ListRead.organization_id == current_context().organization_id)
        .where(ListRead.recorded_at.is_(None), ListRead.hour < hour)
        .distinct()
    )
    return db.session.execute(waiting, execution_options={INCLUDE_DELETED: True}).all()


def lock_unrecorded_reads(user_id: Any, api_key_id: Any, hour: datetime) -> Sequence[ListRead]:
    """Return the counts of a caller before `hour` that the trail doesn't have yet, locked, the oldest first."""
    waiting = unscoped(select(ListRead), why="a job records the reads of all callers").where(
        ListRead.organization_id == current_context().organization_id,
        ListRead.user_id == user_id,
        ListRead.api_key_id == api_key_id,
        ListRead.recorded_at.is_(None),
        ListRead.hour < hour,
    )
    return db.session.scalars(waiting.order_by(ListRead.hour, ListRead.resource_type).with_for_update()).all()
