"""Photos of people in the JSON API: images instead of JSON."""

from uuid import UUID

from flask import Response

from app.people.users.picture_rules import MIME_TYPE
from app.people.users.picture_service import find_picture
from app.people.users.picture_views import LOOKING
from app.security.actor import Actor
from app.storage import storage
from app.web.rate_limits import limited
from app.web.representation import refuse_other_than


@limited(LOOKING)
def send_picture(actor: Actor, user_id: UUID) -> Response:
    """Send the photo of a person."""
    refuse_other_than(MIME_TYPE)
    response = Response(b"".join(storage().read(find_picture(actor, user_id))), mimetype=MIME_TYPE)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
