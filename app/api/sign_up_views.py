"""`POST /api/v1/auth/signup`: creation of an organization by its owner, where the installation allows it."""

from http import HTTPStatus

from flask import Response, current_app

from app.api.auth_answers import answer, organization_of, read_input, user_of
from app.api.auth_limits import SIGNING_UP
from app.api.auth_views import auth
from app.errors import NotFound
from app.platform.organizations.schemas import SignUpInput
from app.platform.organizations.signup_service import sign_up
from app.security.guard import public
from app.web.concurrency_limit import Lane, in_lane
from app.web.rate_limits import limited


@auth.post("/signup")
@public
@in_lane(Lane.SIGN_IN)
@limited(SIGNING_UP)
def create_account() -> Response:
    """Create an organization and its owner, who then signs in."""
    if not current_app.config["SETTINGS"].signup_enabled:
        raise NotFound("route")
    made = sign_up(read_input(SignUpInput))
    return answer(
        {"user": user_of(made.owner.user), "organization": organization_of(made.organization)}, HTTPStatus.CREATED
    )
