"""Ending other people's sessions.

Their next request leads to the sign-in page, which states the reason.
"""

from datetime import UTC, datetime
from uuid import UUID

from app.audit.actions import Action
from app.audit.record import name_action
from app.people.sessions.queries import get_session
from app.people.users.access_service import end_sessions
from app.people.users.detail_queries import get_person
from app.people.users.service import lock_person
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.session_rules import EndReason


def end_session(actor: Actor, user_id: UUID, session_id: UUID) -> bool:
    """End one session of a person; return whether it was still open.

    Raises Forbidden for a person above the actor, and NotFound.
    """
    actor.requires(Permission.USERS_REVOKE_SESSIONS)
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_REVOKE_SESSIONS)
    session = get_session(actor, user, session_id)
    if session.revoked_at is not None:
        return False
    session.revoked_at, session.revoked_reason = datetime.now(UTC), EndReason.ENDED_BY_ADMIN
    name_action(Action.SESSION_ENDED, session)
    return True


def end_all_sessions(actor: Actor, user_id: UUID) -> int:
    """End all sessions of a person and revoke their refresh tokens; return how many sessions were open.

    The session that makes the request stays open if it is the person's own. Raises Forbidden for a person above the
    actor, and NotFound.
    """
    actor.requires(Permission.USERS_REVOKE_SESSIONS)
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_REVOKE_SESSIONS)
    return end_sessions(user, EndReason.ENDED_BY_ADMIN, except_for=actor.session_id)
