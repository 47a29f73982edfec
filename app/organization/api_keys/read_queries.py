"""Queries for the rows that lists of the JSON API have handed out to a key."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from app.extensions import db
from app.models import ListRead
from app.security.actor import Actor
from app.security.scope import unscoped

_SHOWN_FOR = timedelta(hours=24)


def list_rows_read(actor: Actor, api_key_id: UUID, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rows that a key, which `actor` has loaded, read in the last 24 hours, the latest hour first.

    Each row has an `hour`, the `resource_type`, and `rows_read`.
    """
    read = unscoped(select(ListRead.hour, ListRead.resource_type, ListRead.rows_read), why="counts of a loaded key")
    of_key = read.where(
        ListRead.organization_id == actor.organization_id,
        ListRead.api_key_id == api_key_id,
        ListRead.hour > now - _SHOWN_FOR,
    )
    return db.session.execute(of_key.order_by(ListRead.hour.desc(), ListRead.resource_type)).all()
