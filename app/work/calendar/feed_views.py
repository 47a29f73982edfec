"""Views of the calendar feed for other programs, and of its secret address."""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.errors import NotFound
from app.security.actor import current_actor
from app.security.guard import public, requires
from app.security.identity import switch_to_home
from app.security.permissions import Permission
from app.security.tokens import Token
from app.web.forms import Form
from app.web.htmx import redirect
from app.web.rate_limits import Limits, limited
from app.work.calendar import feed_service
from app.work.calendar.feed_queries import has_feed, list_feed
from app.work.calendar.ical_rules import calendar_text
from app.work.calendar.views import calendar

#: Calendar apps poll every few minutes, and several people with several apps can share one IP address.
_LIMITS = Limits("calendar-feed", per_address="300 per 15 minutes")
_MINUTE = timedelta(minutes=1)


@calendar.get("/calendar/address")
@requires(Permission.EVENTS_READ)
def show_feed() -> str:
    """Show whether there is an address, and the button that creates one."""
    return _page(None)


@calendar.post("/calendar/address")
@requires(Permission.EVENTS_READ)
def renew_feed() -> Response:
    """Create a new address for the feed, and show it, this one time only."""
    Form().check()
    token = feed_service.renew(switch_to_home(current_actor()))
    response = make_response(_page(url_for(".read_feed", token=token.text, _external=True)))
    response.headers["Cache-Control"] = "no-store"
    return response


@calendar.post("/calendar/address/remove")
@requires(Permission.EVENTS_READ)
def revoke_feed() -> Response:
    """Revoke the address of the feed."""
    Form().check()
    feed_service.revoke(switch_to_home(current_actor()))
    flash(_("Feed URL deleted. It no longer works."), "good")
    return redirect(url_for(".show_feed"))


@calendar.get("/calendar/<token>.ics")
@public
@limited(_LIMITS)
def read_feed(token: str) -> Response:
    """Return the calendar of the address's owner, without reading any cookie."""
    owner = feed_service.open_feed(Token.parse(token))
    if owner is None:
        raise NotFound("calendar")
    # Rounded to the minute, so that an unchanged calendar gives the same response.
    now = datetime.now(UTC)
    now -= timedelta(seconds=now.timestamp() % _MINUTE.total_seconds())
    host = urlsplit(request.host_url).hostname or "switchboard"
    text = calendar_text(f"{owner.organization_name}: {owner.name}", list_feed(owner, now, host))
    response = Response(text, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _page(address: str | None) -> str:
    actor = switch_to_home(current_actor())
    return render_template("work/calendar/feed.html", address=address, has_feed=address is not None or has_feed(actor))
