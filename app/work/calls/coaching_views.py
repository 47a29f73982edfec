"""Views for writing coaching notes at a turn of a call, answering them, and marking them as done."""

from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.side_panels import panel_page
from app.errors import LazyText
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render, retarget, wants_fragment
from app.work.calls import coaching_service as service
from app.work.calls.coaching_page import CoachingPage, coaching_page, requested_turn
from app.work.calls.detail_queries import get_call
from app.work.calls.forms import AnswerForm, CoachingForm, DoneForm
from app.work.calls.views import calls


@calls.post("/calls/<uuid:call_id>/coaching")
@requires(Permission.COACHING_WRITE)
def create_coaching(call_id: UUID) -> Response:
    """Write a coaching note about a call."""
    actor, form = current_actor(), CoachingForm()
    with submitted(form) as sent:
        form.check()
        note = service.coach(actor, call_id, form.new_id, form.body.data or "", turn=form.at_turn)
        return _done(call_id, _("Coaching note added."), note.id, "work/calls/_coaching_added.html")
    return _page(call_id, form, status=sent.status)


@calls.post("/calls/<uuid:call_id>/coaching/<uuid:note_id>/answers")
@requires(Permission.CALLS_READ)
def create_answer(call_id: UUID, note_id: UUID) -> Response:
    """Answer a coaching note."""
    actor, form = current_actor(), AnswerForm()
    with submitted(form) as sent:
        form.check()
        service.answer(actor, call_id, note_id, form.new_id, form.body.data or "")
        return _done(call_id, _("Reply added."), note_id)
    return _page(call_id, form, note_id, status=sent.status)


@calls.post("/calls/<uuid:call_id>/coaching/<uuid:note_id>/done")
@requires(Permission.CALLS_READ)
def finish_coaching(call_id: UUID, note_id: UUID) -> Response:
    """Mark a coaching note as done."""
    actor, form = current_actor(), DoneForm()
    with submitted(form) as sent:
        form.check()
        service.finish(actor, call_id, note_id, version=form.opened_with)
        return _done(call_id, _("Marked as done."), note_id)
    return _page(call_id, note_id=note_id, refused=form, status=sent.status)


def _back(call_id: UUID) -> str:
    return panel_page() or url_for("calls.show", call_id=call_id, panel="coaching", turn=requested_turn())


def _done(call_id: UUID, said: LazyText, note_id: UUID, fragment: str | None = None) -> Response:
    """Return the updated thread of a note, in `fragment` if given, or redirect a request that wants a full page."""
    if not wants_fragment():
        flash(str(said), "good")
        return redirect(_back(call_id))
    actor = current_actor()
    shown = coaching_page(actor, get_call(actor, call_id), requested_turn(), panel_page())
    inner = fragment or _fragment(shown, note_id)
    values = {"inner": inner, "thread": shown.thread_of(note_id), "sentence": said, "shown": shown}
    return make_response(render_template("layouts/_panel_done.html", **values))


def _page(
    call_id: UUID,
    form: CoachingForm | AnswerForm | None = None,
    note_id: UUID | None = None,
    *,
    refused: DoneForm | None = None,
    status: int,
) -> Response:
    """Render the coaching again with a rejected form.

    For a request that replaces only a part of the page, only the form or its thread is rendered.
    """
    actor = current_actor()
    shown = coaching_page(actor, get_call(actor, call_id), requested_turn(), panel_page(), form, note_id)
    thread = shown.thread_of(note_id)
    values = {"shown": shown, "thread": thread, "refused": refused, "refused_of": note_id}
    response = make_response(render("work/calls/coaching.html", _fragment(shown, note_id), **values), status)
    return retarget(response, "#coaching") if note_id is not None and thread is None else response


def _fragment(shown: CoachingPage, note_id: UUID | None) -> str:
    if note_id is None:
        return "work/calls/_coaching_new.html"
    is_one = shown.thread_of(note_id) is not None
    return "work/calls/_coaching_thread.html" if is_one else "work/calls/_coaching.html"
