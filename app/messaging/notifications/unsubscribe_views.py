"""The pages at `/notifications/unsubscribe/…`, which links in emails and email clients use.

GET requests change nothing, because virus scanners open every link.
"""

from http import HTTPStatus

from flask import Response, make_response, render_template, request, url_for

from app.errors import NotFound
from app.messaging.notifications import unsubscribe_service
from app.messaging.notifications.unsubscribe_service import Subscription
from app.messaging.notifications.views import notifications
from app.security.guard import public
from app.web.form_token import without_form_token
from app.web.htmx import redirect
from app.web.rate_limits import Limits, limited

#: Links can't be guessed; the servers of a large email provider post for all of its users.
UNSUBSCRIBING = Limits("unsubscribing", per_address="600 per 15 minutes")


#: The form field that an email client posts.
_ONE_CLICK = "List-Unsubscribe"


@notifications.get("/notifications/unsubscribe/<token>")
@public
def confirm_unsubscribe(token: str) -> Response:
    """Show a confirmation for unsubscribing, or for subscribing again."""
    return _page(unsubscribe_service.find_subscription(token), token)


@notifications.post("/notifications/unsubscribe/<token>")
@public
@limited(UNSUBSCRIBING)
@without_form_token
def unsubscribe(token: str) -> Response:
    """Unsubscribe, from the page or by an email client's one-click request.

    A one-click request must not be redirected (RFC 8058).
    """
    try:
        ended = unsubscribe_service.unsubscribe(token)
    except NotFound:
        return _dead_link()
    return _page(ended, token) if _ONE_CLICK in request.form else _to_page(token)


@notifications.post("/notifications/subscribe/<token>")
@public
@limited(UNSUBSCRIBING)
def subscribe(token: str) -> Response:
    """Subscribe the person to emails of the kind again."""
    try:
        unsubscribe_service.subscribe(token)
    except NotFound:
        return _dead_link()
    return _to_page(token)


def _to_page(token: str) -> Response:
    """Redirect to the confirmation page, which shows the new state."""
    return redirect(url_for(".confirm_unsubscribe", token=token))


def _page(found: Subscription | None, token: str) -> Response:
    if found is None:
        return _dead_link()
    return make_response(render_template("messaging/notifications/unsubscribe.html", found=found, token=token))


def _dead_link() -> Response:
    return make_response(render_template("messaging/notifications/unsubscribe_dead.html"), HTTPStatus.NOT_FOUND)
