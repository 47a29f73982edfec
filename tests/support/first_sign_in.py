"""Writing of a person's first session in one round trip, since most tests begin with it."""

from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import inspect

from app.audit.actions import Action
from app.db.context import Context
from app.db.context_signature import signed
from app.db.ids import uuid7
from app.extensions import db
from app.models import User
from app.security.session_rules import MAX_LIFETIME
from app.security.tokens import Token

#: The browser in which tests sign in.
IP_ADDRESS, USER_AGENT = "127.0.0.1", "Werkzeug"

_SET_CONTEXT = """
SELECT set_context(%s, %s, %s), set_config('app.action', %s, true), set_config('app.action_target', %s, true)"""

#: Writes nothing if it is not the first sign-in, or if the service would refuse the person or ask for a code, or knows
#: them by another name or role than the test.
_START = """
WITH person AS (
    UPDATE users SET last_seen_at = %(now)s
    WHERE organization_id = %(organization)s AND id = %(user)s AND is_active AND deleted_at IS NULL
      AND name = %(name)s AND role = %(role)s AND last_seen_at IS NULL AND mfa_secret IS NULL
      AND NOT EXISTS (SELECT FROM user_sessions WHERE organization_id = %(organization)s AND user_id = %(user)s)
      AND NOT EXISTS (SELECT FROM login_attempts WHERE organization_id = %(organization)s AND user_id = %(user)s)
    RETURNING organization_id, id AS user_id
), attempt AS (
    INSERT INTO login_attempts (organization_id, id, user_id, succeeded, ip_address, user_agent)
    SELECT organization_id, %(attempt)s, user_id, true, %(ip_address)s, %(user_agent)s FROM person
)
INSERT INTO user_sessions (organization_id, id, user_id, token_hash, ip_address, user_agent, last_seen_at, expires_at,
    confirmed_at)
SELECT organization_id, %(session)s, user_id, %(digest)s, %(ip_address)s, %(user_agent)s, %(now)s, %(end)s, %(now)s
FROM person"""


def start_first_session(app: Flask, user: User) -> Token | None:
    """Store the rows of the first sign-in of a person; return the token, or None if it isn't simply the first."""
    token, session_id, now = Token.new(user.organization_id), uuid7(), datetime.now(UTC)
    known = inspect(user).dict
    here = Context(
        organization_id=user.organization_id,
        actor_id=user.id,
        actor_label=known["name"],
        actor_role=known["role"],
        source="user",
        ip_address=IP_ADDRESS,
        user_agent=USER_AGENT,
    )
    values = {
        "organization": user.organization_id,
        "user": user.id,
        "name": known["name"],
        "role": known["role"],
        "session": session_id,
        "attempt": uuid7(),
        "digest": token.digest,
        "ip_address": IP_ADDRESS,
        "user_agent": USER_AGENT,
        "now": now,
        "end": now + MAX_LIFETIME,
    }
    facts = [*signed(here, app.config["SECRET_KEY"]), Action.SESSION_STARTED.value, f"session:{session_id}"]
    with app.app_context():
        pooled = db.engine.raw_connection()
    try:
        return token if _execute(pooled.driver_connection, facts, values) else None
    finally:
        pooled.close()


def _execute(connection: Any, facts: list[Any], values: dict[str, Any]) -> bool:
    assert isinstance(connection, psycopg.Connection)
    with connection.pipeline(), connection.transaction():
        connection.execute(_SET_CONTEXT, facts)
        started = connection.execute(_START, values)
    return started.rowcount == 1
