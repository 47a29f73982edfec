"""Recording of a user's last activity."""

from datetime import datetime

from sqlalchemy import func, update

from app.db.transaction import own_transaction
from app.models import User, UserSession
from app.security.actor import Actor
from app.security.session_rules import SEEN_INTERVAL


def mark_seen(actor: Actor, now: datetime) -> None:
    """Record that the user is active, in a separate transaction, at most once every SEEN_INTERVAL."""
    with own_transaction() as session:
        # The user first: code that demotes them locks their row and then ends their sessions.
        session.execute(
            update(User)
            .where(User.organization_id == actor.organization_id, User.id == actor.user_id)
            .where(func.coalesce(User.last_seen_at, now - SEEN_INTERVAL) <= now - SEEN_INTERVAL)
            .values(last_seen_at=now)
        )
        session.execute(
            update(UserSession)
            .where(UserSession.organization_id == actor.organization_id, UserSession.id == actor.session_id)
            .where(UserSession.last_seen_at <= now - SEEN_INTERVAL)
            .values(last_seen_at=now)
        )
