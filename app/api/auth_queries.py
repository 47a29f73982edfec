"""Queries for the caller of the JSON API."""

from app.extensions import db
from app.models import UserSession
from app.security.actor import Actor
from app.security.scope import visible


def get_current_session(actor: Actor) -> UserSession:
    """Return the session whose access token authenticates the request."""
    mine = visible(UserSession, actor).where(UserSession.user_id == actor.user_id, UserSession.id == actor.session_id)
    return db.session.scalars(mine).one()
