"""Views for editing and deleting a note of a call."""

from uuid import UUID

from flask import Response, make_response, render_template
from flask_babel import gettext as _

from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.deletion_views import DeletionForm, undo_address
from app.web.forms import submitted
from app.work.calls import rules, service
from app.work.calls.detail_queries import get_note
from app.work.calls.forms import NoteEditForm
from app.work.calls.views import calls, saved

_ACTIVITY = "work/calls/_activity.html"


@calls.get("/calls/<uuid:call_id>/notes/<uuid:note_id>/edit")
@requires(Permission.CALLS_UPDATE)
def edit_note(call_id: UUID, note_id: UUID) -> str:
    """Show the form that edits a note."""
    actor = current_actor()
    note = get_note(actor, call_id, note_id)
    rules.refuse_others_note(note.user_id, actor)
    return _page(call_id, note_id, NoteEditForm.of(note))


@calls.post("/calls/<uuid:call_id>/notes/<uuid:note_id>/edit")
@requires(Permission.CALLS_UPDATE)
def update_note(call_id: UUID, note_id: UUID) -> Response:
    """Save an edited note."""
    actor, form = current_actor(), NoteEditForm()
    rules.refuse_others_note(get_note(actor, call_id, note_id).user_id, actor)
    with submitted(form) as sent:
        form.check()
        service.edit_note(actor, note_id, form.body.data or "", version=form.opened_with)
        return saved(call_id, _ACTIVITY, _("Note saved."))
    return make_response(_page(call_id, note_id, form), sent.status)


@calls.post("/calls/<uuid:call_id>/notes/<uuid:note_id>/delete")
@requires(Permission.CALLS_UPDATE)
def delete_note(call_id: UUID, note_id: UUID) -> Response:
    """Move a note to the trash."""
    batch = service.delete_note(current_actor(), call_id, note_id, DeletionForm().seen(note_id))
    return saved(call_id, _ACTIVITY, _("Note deleted."), undo=undo_address(batch))


def _page(call_id: UUID, note_id: UUID, form: NoteEditForm) -> str:
    return render_template("work/calls/note.html", call_id=call_id, note_id=note_id, form=form)
