"""`/invitations/import`: preview the people of a file, then invite them all at the same time."""

from http import HTTPStatus

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import DomainError, QuotaExceeded
from app.messaging.outbox.link_service import public_address
from app.messaging.outbox.service import mail_server_is_set
from app.people.invitations import bulk_service
from app.people.invitations.file_rules import InvitedRow, read_rows
from app.people.invitations.import_forms import FileForm, SeenForm
from app.people.invitations.resource import INVITATION
from app.people.invitations.service import Invited
from app.people.invitations.views import invitations
from app.security.actor import current_actor
from app.security.confirmation import unasked
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.rate_limits import Limits, limited

#: Each request sends up to 500 mails.
INVITING_MANY = Limits("inviting many", per_user="10 per hour")


@invitations.get("/invitations/import")
@requires(Permission.USERS_INVITE)
def new_import() -> str:
    return render_template("people/invitations/import.html", form=FileForm(formdata=None))


@invitations.post("/invitations/import")
@requires(Permission.USERS_INVITE)
@unasked("it shows what the next step would do")
def create_import() -> Response:
    """Preview what happens to each row of the file. Nothing from the file is stored, except in the page itself."""
    form = FileForm()
    with submitted(form) as sent:
        form.check()
        return _preview(read_rows(form.file.data.stream, form.file_name))
    return make_response(render_template("people/invitations/import.html", form=form), sent.status)


@invitations.post("/invitations/import/confirm")
@requires(Permission.USERS_INVITE)
@limited(INVITING_MANY)
def invite_all() -> Response:
    """Send invitations to all new people, or to no one if there aren't enough seats."""
    form = SeenForm()
    rows = form.seen
    with submitted() as sent:
        form.check()
        return _done(bulk_service.invite_all(current_actor(), rows))
    return _preview(rows, None if form.shown_again else sent.error, form)


def _preview(rows: list[InvitedRow], refusal: DomainError | None = None, form: SeenForm | None = None) -> Response:
    actor = current_actor()
    candidates = bulk_service.preview_invitations(actor, rows)
    new = [one for one in candidates if one.is_new]
    status = HTTPStatus.OK if refusal is None else HTTPStatus(refusal.status)
    if refusal is None:
        try:
            bulk_service.refuse_without_seats(actor, len(new))
        except QuotaExceeded as found:
            refusal = found
    page = render_template(
        "people/invitations/import_preview.html",
        form=form or SeenForm.of(rows),
        new=new,
        labels=INVITATION.labels,
        there=[one for one in candidates if one.is_there],
        rejected=[one for one in candidates if one.problem],
        refusal=refusal,
    )
    return make_response(page, status)


def _done(invited: list[Invited]) -> Response:
    """Confirm the invitations; without a mail server, show the links, only this once."""
    if not invited:
        flash(_("Everyone in this file already has an account or an invitation."), "good")
        return redirect(url_for(".index"))
    if mail_server_is_set():
        flash(ngettext("Sending %(num)s invitation.", "Sending %(num)s invitations.", len(invited)), "good")
        return redirect(url_for(".index"))
    links = [
        (one.invitation.email, public_address("invitations.confirm_accept", token=one.link.text)) for one in invited
    ]
    return make_response(render_template("people/invitations/import_links.html", links=links, labels=INVITATION.labels))
