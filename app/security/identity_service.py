"""Recording of the last activity of users and API keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update

from app.db.context import current_context
from app.db.transaction import dispensable_transaction
from app.models import ApiKey, User, UserSession
from app.security.actor import Actor
from app.security.session_rules import SEEN_INTERVAL

MAX_OPERATION_LENGTH = 300


def mark_seen(actor: Actor, now: datetime) -> None:
    """Record that the user is active, in a separate transaction, at most once every SEEN_INTERVAL."""
    with dispensable_transaction() as session:
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


def mark_used(api_key_id: UUID, operation: str, now: datetime) -> None:
    """Record that an API key is used, with the request's address, at most once every SEEN_INTERVAL.

    `operation` is the method and route, of at most MAX_OPERATION_LENGTH characters. Runs in a separate transaction.
    """
    context = current_context()
    with dispensable_transaction() as session:
        session.execute(
            update(ApiKey)
            .where(ApiKey.organization_id == context.organization_id, ApiKey.id == api_key_id)
            .where(func.coalesce(ApiKey.last_used_at, now - SEEN_INTERVAL) <= now - SEEN_INTERVAL)
            .values(last_used_at=now, last_used_ip=context.ip_address, last_used_operation=operation)
        )
