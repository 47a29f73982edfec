"""Views for notes about a contact: added on its page, edited on a page of their own."""

from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.side_panels import panel_page, went_well
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import DeletionForm, undo_address
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.redirects import local_path
from app.web.undo import flash_with_undo
from app.work.contacts import note_service
from app.work.contacts.detail_queries import get_contact, get_note
from app.work.contacts.note_forms import EditNoteForm, NewNoteForm, PanelNoteForm
from app.work.contacts.views import contacts

_ON_PAGE, _PANEL = "work/contacts/_note_form.html", "work/contacts/_note_panel.html"


@contacts.post("/contacts/<uuid:contact_id>/notes")
@requires(Permission.CONTACTS_WRITE)
def add_note(contact_id: UUID) -> Response:
    """Write a note, or show the errors of its form."""
    beside = panel_page()
    if beside:
        return _note_of_panel(contact_id, beside)
    form = NewNoteForm()
    contact = get_contact(current_actor(), contact_id)
    with submitted(form) as sent:
        form.check()
        note_service.add_note(
            current_actor(),
            contact_id,
            form.new_id,
            form.body.data or "",
            appointment_id=form.about,
            occurred_at=form.occurred_at.moment,
        )
        flash(_("Note added."), "good")
        return redirect(local_path(form.back.data) or url_for(".show", contact_id=contact_id))
    page = render_template("work/contacts/new_note.html", form=form, contact=contact, form_template=_ON_PAGE)
    return make_response(page, sent.status)


@contacts.get("/contacts/notes/<uuid:contact_note_id>")
@requires(Permission.CONTACTS_READ)
def edit_note(contact_note_id: UUID) -> Response:
    """Show the whole note, with the form that edits it if the user is its author."""
    return _page(contact_note_id, None)


@contacts.post("/contacts/notes/<uuid:contact_note_id>")
@requires(Permission.CONTACTS_WRITE)
def update_note(contact_note_id: UUID) -> Response:
    """Save an edited note."""
    actor, form = current_actor(), EditNoteForm()
    note = note_service.get_own_note(actor, contact_note_id)
    with submitted(form) as sent:
        form.check()
        note_service.edit_note(actor, contact_note_id, form.body.data or "", version=form.opened_with)
        flash(_("Note saved."), "good")
        return redirect(url_for(".show", contact_id=note.contact_card_id))
    return _page(contact_note_id, form, sent.status)


@contacts.post("/contacts/notes/<uuid:contact_note_id>/delete")
@requires(Permission.CONTACTS_WRITE)
def delete_note(contact_note_id: UUID) -> Response:
    """Move a note to the trash."""
    seen = DeletionForm().seen(contact_note_id)
    contact_id, batch = note_service.delete_note(current_actor(), contact_note_id, seen)
    flash_with_undo(_("Note deleted."), undo_address(batch))
    return redirect(url_for(".show", contact_id=contact_id))


def _note_of_panel(contact_id: UUID, beside: str) -> Response:
    actor, form = current_actor(), PanelNoteForm()
    contact = get_contact(actor, contact_id)
    with submitted(form) as sent:
        form.check()
        body = form.body.data or ""
        note = note_service.add_note(actor, contact_id, form.new_id, body, appointment_id=form.about)
        shown = "work/note_templates/_note_written.html"
        return went_well(beside, note.id, _("Note added."), shown, note=note, again=beside)
    values = {"form": form, "contact": contact, "beside": beside, "form_template": _PANEL}
    return make_response(render("work/contacts/new_note.html", _PANEL, **values), sent.status)


def _page(note_id: UUID, form: EditNoteForm | None, status: int = 200) -> Response:
    actor = current_actor()
    note = get_note(actor, note_id)
    is_own = note.user_id is not None and note.user_id == actor.reference_id
    page = render_template(
        "work/contacts/note.html",
        note=note,
        contact=get_contact(actor, note.contact_card_id),
        form=form or EditNoteForm.of(note),
        may_change=is_own and actor.may(Permission.CONTACTS_WRITE),
        may_delete=(is_own and actor.may(Permission.CONTACTS_WRITE)) or actor.sees_all(Permission.CONTACTS_WRITE),
    )
    return make_response(page, status)
