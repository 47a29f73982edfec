"""Queries for the sessions of other people."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.db.paging import Sort
from app.errors import NotFound
from app.extensions import db
from app.models import User, UserSession
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.open_sessions import is_usable
from app.security.scope import visible

SORTS = (
    Sort(
        "-lastSeenAt", UserSession.last_seen_at, UserSession.id, descending=True, value_of=lambda row: row.last_seen_at
    ),
)


def _usable_conditions(now: datetime) -> list[ColumnElement[bool]]:
    return [is_usable(now)]


#: The sessions that `actor` can see and that can still be used, the most recently used first.
session_records = ListOf(
    UserSession,
    select(
        UserSession.id,
        UserSession.user_id,
        UserSession.client_id,
        func.host(UserSession.ip_address).label("ip_address"),
        UserSession.user_agent,
        UserSession.last_seen_at,
        UserSession.expires_at,
        UserSession.created_at,
    ),
    narrow=lambda _filters, _actor, now: _usable_conditions(now),
    sorts=SORTS,
)

#: No one works in more browsers at the same time; older sessions expire by themselves.
MAX_SESSIONS = 100


def list_sessions(actor: Actor, user: User, now: datetime) -> Sequence[UserSession]:
    """Return a person's usable sessions that `actor` can see, most recently seen first.

    Returns at most MAX_SESSIONS.
    """
    theirs = (
        visible(UserSession, actor)
        .where(UserSession.user_id == user.id, is_usable(now))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(MAX_SESSIONS)
    )
    return db.session.scalars(theirs).all()


def get_session(actor: Actor, user: User, session_id: UUID) -> UserSession:
    """Return one of a person's sessions, ended or not.

    Raises NotFound.
    """
    theirs = visible(UserSession, actor).where(UserSession.user_id == user.id, UserSession.id == session_id)
    found = db.session.scalar(theirs)
    if found is None:
        raise NotFound("session", session_id)
    return found
