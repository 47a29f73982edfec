"""`/invitations`: who is invited; and the page that an invitation's link leads to."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import DomainError, NotFound
from app.invitations import service
from app.invitations.filters import InvitationFilters
from app.invitations.forms import AcceptForm, InviteForm
from app.invitations.queries import invitation_list
from app.invitations.rules import state_of
from app.invitations.service import Invited
from app.models import InvitationState
from app.outbox.links import public_address
from app.outbox.service import mail_server_is_set
from app.security.actor import current_actor
from app.security.guard import public, requires
from app.security.permissions import Permission, Role
from app.security.tokens import Token
from app.web.htmx import redirect, wants_fragment
from app.web.labels import options
from app.web.limits import Limits, limited
from app.web.lists import given_parameters, show_list, words_of

invitations = Blueprint("invitations", __name__)

#: A link cannot be guessed; this keeps whoever tries from making the server hash passwords all day.
ACCEPTING = Limits("accepting", per_address="30 per 15 minutes")

#: Each is a mail to somebody who has not asked for it.
INVITING = Limits("inviting", per_user="100 per hour; 300 per day")


@invitations.get("/invitations")
@requires(Permission.USERS_INVITE)
def index() -> Response:
    """Invitations, the latest first."""
    return _page(InviteForm.for_actor(current_actor(), sent=False))


@invitations.post("/invitations")
@requires(Permission.USERS_INVITE)
@limited(INVITING)
def invite() -> Response:
    """Invite somebody."""
    actor = current_actor()
    form = InviteForm.for_actor(actor, sent=True)
    if form.validate():
        try:
            invited = service.invite(
                actor, email=form.email.data or "", name=form.name.data or "", role=Role(form.role.data)
            )
        except DomainError as refusal:
            form.refuse(refusal)
            return _page(form, refusal.status)
        return _given(invited)
    return _page(form, HTTPStatus.BAD_REQUEST)


@invitations.post("/invitations/<uuid:invitation_id>/send-again")
@requires(Permission.USERS_INVITE)
@limited(INVITING)
def send_again(invitation_id: UUID) -> Response:
    """A new link in place of the old one."""
    return _given(service.send_again(current_actor(), invitation_id))


@invitations.post("/invitations/<uuid:invitation_id>/revoke")
@requires(Permission.USERS_INVITE)
def revoke(invitation_id: UUID) -> Response:
    """Take an invitation back."""
    service.revoke(current_actor(), invitation_id)
    flash(_("The invitation is revoked: its link opens nothing any more."), "good")
    return redirect(url_for(".index"))


@invitations.get("/invitations/accept/<token>")
@public
def accept(token: str) -> Response:
    """What a link invites to."""
    offer = service.find_offer(Token.parse(token))
    if offer is None:
        return _dead_link()
    form = AcceptForm(formdata=None, name=offer.name)
    return make_response(render_template("invitations/accept.html", form=form, offer=offer))


@invitations.post("/invitations/accept/<token>")
@public
@limited(ACCEPTING)
def accept_invitation(token: str) -> Response:
    """Become a user; the link is used up with it."""
    offer = service.find_offer(Token.parse(token))
    if offer is None:
        return _dead_link()
    form = AcceptForm()
    status: int = HTTPStatus.BAD_REQUEST
    if form.validate():
        try:
            service.accept(Token.parse(token), name=form.name.data or "", password=form.password.data or "")
        except NotFound:
            return _dead_link()
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            flash(_("Welcome! Sign in with your new password."), "good")
            return redirect(url_for("accounts.login"))
    return make_response(render_template("invitations/accept.html", form=form, offer=offer), status)


def _page(form: InviteForm, status: int = HTTPStatus.OK) -> Response:
    actor, now = current_actor(), datetime.now(UTC)
    filters = InvitationFilters.parse(given_parameters())
    words = {"status": (_l("Status"), words_of("InvitationState"))}
    values = {
        "listing": show_list(invitation_list(actor, filters, now), "invitations.index", words),
        "states": options(InvitationState),
        "state_of": lambda row: state_of(row.accepted_at, row.revoked_at, row.expires_at, now),
        "may_change": lambda row: Role(row.role).rank <= actor.role.rank,
    }
    if wants_fragment():
        return make_response(render_template("invitations/_list.html", **values), status)
    return make_response(render_template("invitations/index.html", form=form, **values), status)


def _given(invited: Invited) -> Response:
    """Where no mail leaves, the link is shown, this one time."""
    if mail_server_is_set():
        flash(_("The invitation is on its way to %(email)s.", email=invited.invitation.email), "good")
        return redirect(url_for(".index"))
    link = public_address("invitations.accept", token=invited.link.text)
    return make_response(render_template("invitations/link.html", invitation=invited.invitation, link=link))


def _dead_link() -> Response:
    return make_response(render_template("invitations/dead_link.html"), HTTPStatus.NOT_FOUND)
