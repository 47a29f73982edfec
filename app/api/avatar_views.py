"""Photos of people in the JSON API: images instead of JSON."""

from flask import Blueprint, Response

from app.api.places import parse_id
from app.people.roles.api import USERS
from app.people.users.picture_rules import MIME_TYPE
from app.people.users.picture_service import find_picture
from app.people.users.picture_views import LOOKING
from app.security.actor import current_actor
from app.security.api_requests import API_ROOT
from app.security.guard import signed_in
from app.storage import storage
from app.web.rate_limits import limited
from app.web.representation import refuse_other_than

avatars = Blueprint("api_avatars", __name__, url_prefix=API_ROOT)


@avatars.get("/users/<user_id>/avatar")
@signed_in
@limited(LOOKING)
def show(user_id: str) -> Response:
    """Send the photo of a person."""
    refuse_other_than(MIME_TYPE)
    key = find_picture(current_actor(), parse_id(USERS, user_id))
    response = Response(b"".join(storage().read(key)), mimetype=MIME_TYPE)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
