"""Sessions ended by programs."""

from uuid import UUID

from app.models import UserSession
from app.people.sessions import service
from app.people.users.record_service import hold_person
from app.security.actor import Actor
from app.security.rows import get_row


def end_session(actor: Actor, session_id: UUID) -> None:
    """End a session. Raises the errors of `service.end_session`."""
    service.end_session(actor, get_row(actor, UserSession, session_id, named="session").user_id, session_id)


def hold_session(actor: Actor, session_id: UUID) -> UserSession:
    """Return the session, locked after its person. Raises NotFound."""
    hold_person(actor, get_row(actor, UserSession, session_id, named="session").user_id)
    return get_row(actor, UserSession, session_id, named="session", lock=True)
