"""Reading where somebody else is signed in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.errors import NotFound
from app.extensions import db
from app.models import User, UserSession
from app.security.actor import Actor
from app.security.scope import visible
from app.security.session_rules import IDLE_LIFETIME

#: Nobody works in more browsers at once; what is beyond is old and ends by itself.
MAX_SESSIONS = 100


def list_sessions(actor: Actor, user: User, now: datetime) -> Sequence[UserSession]:
    """The sessions of a person that can still be used, last seen first, of those that `actor` sees."""
    theirs = (
        visible(UserSession, actor)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .where(UserSession.expires_at > now, UserSession.last_seen_at > now - IDLE_LIFETIME)
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(MAX_SESSIONS)
    )
    return db.session.scalars(theirs).all()


def get_session(actor: Actor, user: User, session_id: UUID) -> UserSession:
    """One of a person's sessions, ended or not; raises NotFound."""
    theirs = visible(UserSession, actor).where(UserSession.user_id == user.id, UserSession.id == session_id)
    found = db.session.scalar(theirs)
    if found is None:
        raise NotFound("session", session_id)
    return found
