"""Views of contacts: the list, and the page of one."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.declarations.person import TimelineFilter
from app.errors import ValidationFailed
from app.lists.list_page import list_page
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete as trash_delete
from app.trust.trash.deletion_views import DeletionForm, undo_address
from app.web.forms import submitted
from app.web.htmx import current_page, redirect, render_at
from app.web.redirects import local_path
from app.web.undo import back_to_the_page, flash_with_undo
from app.work.contacts.detail_queries import get_contact, list_numbers
from app.work.contacts.duplicate_queries import find_alike
from app.work.contacts.holding_queries import list_holding
from app.work.contacts.note_forms import NewNoteForm
from app.work.contacts.page import contact_page
from app.work.contacts.resource import CONTACT_CARD
from app.work.contacts.timeline_queries import read_open, read_timeline, timeline_filters

contacts = Blueprint("contacts", __name__)


@contacts.get("/contacts")
@requires(Permission.CONTACTS_READ)
def index() -> Response:
    """Show the contacts in the actor's scope, most recently added first."""
    return list_page(CONTACT_CARD, "work/contacts", own=("name", "tags"))


@contacts.get("/contacts/<uuid:contact_id>")
@requires(Permission.CONTACTS_READ)
def show(contact_id: UUID) -> Response:
    """Show a contact with its timeline, or only the timeline to HTMX."""
    actor = current_actor()
    contact = get_contact(actor, contact_id)
    story, cursor = _requested_filter(), request.args.get("cursor") or None
    shown = contact_page(
        actor,
        contact,
        list_numbers(contact),
        read_open(actor, contact_id),
        read_timeline(actor, contact_id, story, cursor),
        timeline_filters(actor),
        find_alike(actor, contact) if actor.may(Permission.CONTACTS_WRITE) else (),
        story=story,
        is_continued=cursor is not None,
    )
    here = url_for(".show", contact_id=contact_id, story=story, cursor=cursor)
    note_form = NewNoteForm.new() if actor.may(Permission.CONTACTS_WRITE) else None
    return render_at(here, "work/contacts/show.html", "work/contacts/_timeline.html", shown=shown, note_form=note_form)


def _requested_filter() -> TimelineFilter | None:
    """Return the timeline filter in the query string, or None if it is unknown."""
    asked = request.args.get("story")
    return TimelineFilter(asked) if asked in set(TimelineFilter) else None


@contacts.post("/contacts/<uuid:contact_id>/delete")
@requires(Permission.CONTACTS_DELETE)
def delete(contact_id: UUID) -> Response:
    """Move a contact to the trash, or show what prevents it."""
    actor = current_actor()
    contact = get_contact(actor, contact_id)
    card = url_for(".show", contact_id=contact_id)
    with submitted() as sent:
        batch = trash_delete(actor, "contact_card", [contact_id], versions=DeletionForm().seen(contact_id))
        flash_with_undo(_("Contact deleted."), undo_address(batch))
        was_on_its_page = (current_page() or local_path(request.referrer) or card).partition("?")[0] == card
        return redirect(url_for(".index")) if was_on_its_page else back_to_the_page("contacts.index")
    if isinstance(sent.error, ValidationFailed):
        raise sent.error
    page = render_template(
        "work/contacts/refused.html",
        contact=contact,
        error=sent.error,
        in_the_way=[(one.words, one.list_endpoint(actor)) for one in list_holding([contact]) if one.number],
    )
    return make_response(page, sent.status)
