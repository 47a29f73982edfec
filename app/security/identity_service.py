"""Writing down that somebody is there."""

from datetime import datetime

from sqlalchemy import func, update

from app.db.transaction import own_transaction
from app.models import User, UserSession
from app.security.actor import Actor
from app.security.session_rules import SEEN_INTERVAL


def mark_seen(actor: Actor, now: datetime) -> None:
    """Write down that somebody is there, at once and apart from the request; no more often than SEEN_INTERVAL."""
    with own_transaction() as session:
        # The person first: whoever demotes them holds their row and then ends their sessions.
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
