"""`/users/<id>/sessions`: list a person's sessions and end them."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.lists.table import table_of
from app.people.sessions import service
from app.people.sessions.queries import list_sessions
from app.people.sessions.resource import SESSION
from app.people.users.detail_queries import get_person
from app.security.actor import current_actor
from app.security.devices import session_name
from app.security.guard import requires
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give
from app.web.htmx import redirect

sessions = Blueprint("sessions", __name__)


@sessions.get("/users/<uuid:user_id>/sessions")
@requires(Permission.USERS_REVOKE_SESSIONS)
def index(user_id: UUID) -> str:
    """Show each usable session with its device and IP address, and when it started and was last seen."""
    actor = current_actor()
    user = get_person(actor, user_id)
    return render_template(
        "people/sessions/index.html",
        user=user,
        sessions=list_sessions(actor, user, datetime.now(UTC)),
        may_end=may_give(actor.role, Role(user.role)),
        session_name=session_name,
        table=table_of(SESSION, actor, own=("device", "address")),
    )


@sessions.post("/users/<uuid:user_id>/sessions/<uuid:session_id>/end")
@requires(Permission.USERS_REVOKE_SESSIONS)
def end(user_id: UUID, session_id: UUID) -> Response:
    if service.end_session(current_actor(), user_id, session_id):
        flash(_("Session ended."), "good")
    return redirect(url_for(".index", user_id=user_id))


@sessions.post("/users/<uuid:user_id>/sessions/end-all")
@requires(Permission.USERS_REVOKE_SESSIONS)
def end_all(user_id: UUID) -> Response:
    ended = service.end_all_sessions(current_actor(), user_id)
    flash(ngettext("%(num)s session ended.", "%(num)s sessions ended.", ended), "good")
    return redirect(url_for(".index", user_id=user_id))
