"""`/invitations`: the list of invitations, and the page behind an invitation's link."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.errors import Forbidden, NotFound
from app.lists.filter_page import applied_filters
from app.lists.listing import show_list
from app.lists.tools_page import list_tools
from app.messaging.outbox.link_service import public_address
from app.messaging.outbox.service import mail_server_is_set
from app.people.invitations import service
from app.people.invitations.forms import AcceptForm, InviteForm
from app.people.invitations.invitation_limits import INVITING
from app.people.invitations.queries import invitation_list
from app.people.invitations.resource import INVITATION, INVITATION_LIST
from app.people.invitations.service import Invited
from app.security.actor import current_actor
from app.security.confirmation import LESS_ACCESS, unasked
from app.security.guard import public, requires
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give
from app.security.tokens import Token
from app.web.forms import submitted
from app.web.htmx import redirect, wants_fragment
from app.web.rate_limits import Limits, limited

invitations = Blueprint("invitations", __name__)

#: A link can't be guessed; this keeps attackers from making the server hash passwords all day.
ACCEPTING = Limits("accepting", per_address="30 per 15 minutes")


@invitations.get("/invitations")
@requires(Permission.USERS_INVITE)
def index() -> Response:
    """List invitations, newest first."""
    return _page(InviteForm.for_actor(current_actor(), sent=False))


@invitations.post("/invitations")
@requires(Permission.USERS_INVITE)
@limited(INVITING)
def create() -> Response:
    actor = current_actor()
    form = InviteForm.for_actor(actor, sent=True)
    with submitted(form, also=(Forbidden,)) as sent:
        form.check()
        return _given(
            service.invite(actor, email=form.email.data or "", name=form.name.data or "", role=Role(form.role.data))
        )
    return _page(form, sent.status)


@invitations.post("/invitations/<uuid:invitation_id>/send-again")
@requires(Permission.USERS_INVITE)
@limited(INVITING)
def send_again(invitation_id: UUID) -> Response:
    """Send a new link, which replaces the old one."""
    return _given(service.send_again(current_actor(), invitation_id))


@invitations.post("/invitations/<uuid:invitation_id>/revoke")
@requires(Permission.USERS_INVITE)
@unasked(LESS_ACCESS)
def revoke(invitation_id: UUID) -> Response:
    service.revoke(current_actor(), invitation_id)
    flash(_("Invitation revoked. Its link no longer works."), "good")
    return redirect(url_for(".index"))


@invitations.get("/invitations/accept/<token>")
@public
def confirm_accept(token: str) -> Response:
    """Show the offer of an invitation link."""
    offer = service.find_offer(Token.parse(token))
    if offer is None:
        return _dead_link()
    form = AcceptForm(formdata=None, name=offer.name)
    return make_response(render_template("people/invitations/accept.html", form=form, offer=offer))


@invitations.post("/invitations/accept/<token>")
@public
@limited(ACCEPTING)
def accept(token: str) -> Response:
    """Create the user; this uses up the link."""
    offer = service.find_offer(Token.parse(token))
    if offer is None:
        return _dead_link()
    form = AcceptForm()
    with submitted(form, also=(NotFound,)) as sent:
        form.check()
        service.accept(Token.parse(token), name=form.name.data or "", password=form.password.data or "")
        flash(_("Welcome. Sign in with your new password."), "good")
        return redirect(url_for("sign_in.new"))
    if isinstance(sent.error, NotFound):
        return _dead_link()
    return make_response(render_template("people/invitations/accept.html", form=form, offer=offer), sent.status)


def _page(form: InviteForm, status: int = HTTPStatus.OK) -> Response:
    actor, asked = current_actor(), applied_filters(INVITATION)
    listing = show_list(invitation_list(actor, asked.filters), "invitations.index", asked.words)
    values = {
        "listing": listing,
        "tools": list_tools(actor, INVITATION, INVITATION_LIST, listing, own=("email", "role")),
        "bar": asked.bar,
        "roles": tuple(role for role in Role if may_give(actor.role, role)),
    }
    if wants_fragment():
        return make_response(render_template("people/invitations/_list.html", **values), status)
    return make_response(render_template("people/invitations/index.html", form=form, **values), status)


def _given(invited: Invited) -> Response:
    """Confirm the invitation; without a mail server, show the link, only this once."""
    if mail_server_is_set():
        flash(_("Sending the invitation to %(email)s.", email=invited.invitation.email), "good")
        return redirect(url_for(".index"))
    link = public_address("invitations.confirm_accept", token=invited.link.text)
    return make_response(render_template("people/invitations/link.html", invitation=invited.invitation, link=link))


def _dead_link() -> Response:
    return make_response(render_template("people/invitations/dead_link.html"), HTTPStatus.NOT_FOUND)
