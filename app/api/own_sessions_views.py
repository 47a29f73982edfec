"""`/api/v1/auth/sessions`: a person's own sessions, in browsers and of API clients."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Response

from app.api.auth_answers import answer, session_of
from app.api.auth_views import auth
from app.api.responses import respond_with_nothing
from app.errors import NotFound
from app.people.sign_in import service
from app.people.sign_in.queries import list_own_sessions
from app.security.actor import current_actor
from app.security.guard import signed_in
from app.security.session_rules import EndReason


@auth.get("/sessions")
@signed_in
def list_sessions() -> Response:
    """Return the person's usable sessions, most recently seen first."""
    actor = current_actor()
    sessions = list_own_sessions(actor, datetime.now(UTC))
    return answer([session_of(session, actor) for session in sessions])


@auth.delete("/sessions/<session_id>")
@signed_in
def end_session(session_id: str) -> Response:
    """End one of the person's sessions, which may be the one of this request."""
    try:
        wanted = UUID(session_id)
    except ValueError:
        raise NotFound("session", session_id) from None
    service.end_session(current_actor(), wanted, EndReason.ENDED_BY_SELF)
    return respond_with_nothing()
