"""Counts of what changes or stays without a choice when a person is deactivated or deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.models import ApiKey, BusySource, Event, EventStatus, OutboundStream, SavedView, User, UserSession
from app.security.open_sessions import is_open
from app.security.scope import unscoped


@dataclass(frozen=True, slots=True)
class OtherEffects:
    """Numbers of records that end, or stay in a person's name, when the person is deactivated or deleted.

    The work that others take over is not included.
    """

    sessions: int
    keys: int
    streams: int
    shared_views: int
    team: int
    time_off: int


def count_other_effects(user: User, now: datetime) -> OtherEffects:
    """Count what ends with a person or stays in their name, including what the reader can't see.

    Runs one statement.
    """
    counts = select(
        _count(user, UserSession.user_id, is_open(now)),
        _count(
            user,
            ApiKey.created_by,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
        ),
        _count(user, OutboundStream.created_by, OutboundStream.enabled),
        _count(user, SavedView.user_id, SavedView.is_shared),
        _count(user, User.manager_id),
        _count(
            user,
            Event.organizer_id,
            Event.type == BusySource.TIME_OFF,
            Event.status != EventStatus.CANCELLED,
            Event.end_at > now,
        ),
    )
    return OtherEffects(*db.session.execute(counts).one())


def _count(user: User, reference: Any, *only: ColumnElement[bool] | InstrumentedAttribute[bool]) -> Any:
    """Select the number of rows whose `reference` is `user`."""
    model = reference.class_
    rows = unscoped(
        select(func.count()).select_from(model), why="counts only, for users who can deactivate or delete the person"
    )
    return rows.where(model.organization_id == user.organization_id, reference == user.id, *only).scalar_subquery()
