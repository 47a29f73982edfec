"""`/api/v1/auth`: the caller of the JSON API."""

from flask import Blueprint, Response

from app.api.auth_answers import answer, api_key_of, organization_of, session_of, user_of
from app.api.auth_queries import get_current_session
from app.people.sign_in.queries import get_own_row
from app.security.actor import current_actor
from app.security.guard import any_caller
from app.tenancy.organization_queries import get_own_organization

auth = Blueprint("auth", __name__, url_prefix="/api/v1/auth")


@auth.get("/me")
@any_caller
def me() -> Response:
    """Return the caller with their permissions and organization: a person with their session, or an API key."""
    actor = current_actor()
    organization = organization_of(get_own_organization(actor))
    if actor.ceiling is not None:
        return answer({"api_key": api_key_of(actor.ceiling), "organization": organization})
    return answer(
        {
            "user": user_of(get_own_row(actor), actor.granted),
            "effective_permissions": sorted(actor.permissions),
            "organization": organization,
            "session": session_of(get_current_session(actor), actor),
        }
    )
