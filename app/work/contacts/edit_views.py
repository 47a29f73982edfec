"""Views that create or edit a contact, look up a number, and mark contacts as different people."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.characters import clean_text
from app.declarations.side_panels import panel_page, panel_subject, went_well
from app.phones import MAX_TYPED, to_e164
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.rate_limits import Limits, limited
from app.work.contacts import service
from app.work.contacts.detail_queries import list_numbers
from app.work.contacts.forms import EditContactForm, NewContactForm, OtherContactForm
from app.work.contacts.number_queries import find_holders
from app.work.contacts.views import contacts

#: Enough for a user who takes calls without a break, but not for trying out all numbers.
_LOOKING_UP = Limits("number_look_ups", per_user="600 per hour")


@contacts.get("/contacts/new")
@requires(Permission.CONTACTS_WRITE)
@limited(_LOOKING_UP)
def new() -> str:
    """Show the form for a new contact or, for HTMX, the contacts that have the typed number."""
    typed = clean_text(request.args.get("phone", "").replace("\0", ""))[:MAX_TYPED]
    number = to_e164(typed, current_actor().country) if typed else None
    holders = find_holders(current_actor(), [number]) if number else ()
    form = NewContactForm.new(phone=typed)
    return render("work/contacts/new.html", "work/contacts/_number.html", form=form, holders=holders, number=number)


@contacts.post("/contacts")
@requires(Permission.CONTACTS_WRITE)
def create() -> Response:
    """Create a contact, or show the form again with the contacts that have its numbers."""
    actor, form = current_actor(), NewContactForm()
    with submitted(form) as sent:
        form.check()
        beside = panel_page()
        contact = service.create_contact(actor, form.new_id, form.details, panel_subject())
        if beside:
            numbers = list_numbers(contact)
            done = "work/contacts/_in_short.html"
            return went_well(beside, contact.id, _("Contact added."), done, contact=contact, numbers=numbers)
        flash(_("Contact added."), "good")
        return redirect(url_for(".show", contact_id=contact.id))
    holders = find_holders(actor, form.typed_numbers)
    shown = {"form": form, "holders": holders, "number": None, "beside": panel_page(), "about": panel_subject()}
    return make_response(render("work/contacts/new.html", "work/contacts/_new.html", **shown), sent.status)


@contacts.get("/contacts/<uuid:contact_id>/edit")
@requires(Permission.CONTACTS_WRITE)
def edit(contact_id: UUID) -> Response:
    """Show the form that edits a contact."""
    contact = service.get_contact_to_change(current_actor(), contact_id)
    return _edit_page(contact_id, EditContactForm.of(contact, service.shown(contact, list_numbers(contact))))


@contacts.post("/contacts/<uuid:contact_id>/edit")
@requires(Permission.CONTACTS_WRITE)
def update(contact_id: UUID) -> Response:
    """Save an edited contact."""
    actor, form = current_actor(), EditContactForm()
    service.get_contact_to_change(actor, contact_id)
    with submitted(form) as sent:
        form.check()
        service.edit_contact(actor, contact_id, form.details, version=form.opened_with)
        flash(_("Contact saved."), "good")
        return redirect(url_for(".show", contact_id=contact_id))
    return _edit_page(contact_id, form, sent.status)


@contacts.post("/contacts/<uuid:contact_id>/not-the-same")
@requires(Permission.CONTACTS_WRITE)
def mark_different(contact_id: UUID) -> Response:
    """Mark this contact and another as different people."""
    actor, form = current_actor(), OtherContactForm()
    service.get_contact_to_change(actor, contact_id)
    form.check()
    service.mark_different(actor, contact_id, form.other_id)
    flash(_("Marked as different contacts. They won’t be suggested as duplicates again."), "good")
    return redirect(url_for(".show", contact_id=contact_id))


def _edit_page(contact_id: UUID, form: EditContactForm, status: int = HTTPStatus.OK) -> Response:
    actor = current_actor()
    contact = service.get_contact_to_change(actor, contact_id)
    holders = find_holders(actor, form.typed_numbers, besides=contact_id)
    page = render_template("work/contacts/edit.html", form=form, contact=contact, holders=holders, number=None)
    return make_response(page, status)
