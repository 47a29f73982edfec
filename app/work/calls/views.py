"""Views of calls: the list, one call with its recording, and changes to it."""

from collections.abc import Callable
from pathlib import PurePath
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, url_for
from flask_babel import gettext as _

from app.declarations.side_panels import panel_page, went_well
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.neighbours import neighbours_of
from app.lists.period_links import period_links
from app.lists.tools_page import list_tools
from app.security.actor import current_actor
from app.security.guard import requires, requires_any_of
from app.security.permissions import Permission
from app.sound import MIMETYPES, UNKNOWN_MIMETYPE
from app.storage import requested_range, storage
from app.web.forms import Form, submitted
from app.web.htmx import redirect, render, wants_fragment
from app.web.rate_limits import Limits, limited
from app.web.undo import flash_result
from app.work.calls import service
from app.work.calls.detail_queries import get_call_detail
from app.work.calls.filter_page import filter_bar_of, offered_to
from app.work.calls.filters import CallFilters
from app.work.calls.forms import BookingStatusForm, NoteForm, OutcomeForm, PanelNoteForm
from app.work.calls.page import call_page
from app.work.calls.queries import call_list
from app.work.calls.resource import CALL, CALL_LIST

calls = Blueprint("calls", __name__)

#: A player requests a long recording in pieces.
LISTENING = Limits("listening", per_user="600 per hour")


@calls.get("/calls")
@requires(Permission.CALLS_READ)
def index() -> Response:
    """Show the calls in the actor's scope, latest first."""
    actor = current_actor()
    filters = CallFilters.parse(given_parameters(**offered_to(actor)))
    bar = filter_bar_of(actor, filters)
    listing = show_list(call_list(actor, filters), "calls.index", bar.words)
    return render_list(
        "work/calls/index.html",
        "work/calls/_list.html",
        listing,
        tools=list_tools(actor, CALL, CALL_LIST, listing, own=("caller", "status")),
        bar=bar,
        periods=period_links("calls.index", filters.parameters()),
    )


@calls.get("/calls/<uuid:call_id>")
@requires(Permission.CALLS_READ)
def show(call_id: UUID) -> str:
    """Show a call, with links to the next and previous call of the list that the user came from."""
    actor = current_actor()
    detail = get_call_detail(actor, call_id)
    ways_on = neighbours_of(actor, CALL, detail.call)
    return render_template("work/calls/show.html", shown=call_page(actor, detail), neighbours=ways_on)


@calls.get("/calls/<uuid:call_id>/audio")
@requires_any_of(lambda: (Permission.CALLS_READ, Permission.MISSED_CALLS_READ))
@limited(LISTENING)
def audio(call_id: UUID) -> Response:
    """Send the recording, or the range that a player requests."""
    part = requested_range()
    key = service.open_recording(current_actor(), call_id, from_start=part is None or part[0] == 0)
    return storage().send(key, mimetype=MIMETYPES.get(PurePath(key).suffix, UNKNOWN_MIMETYPE))


@calls.post("/calls/<uuid:call_id>/outcome")
@requires(Permission.CALLS_UPDATE)
def set_outcome(call_id: UUID) -> Response:
    """Set the outcome of a call."""
    form, actor = OutcomeForm(), current_actor()
    return _change(
        call_id,
        form,
        lambda: service.set_outcome(
            actor, call_id, form.chosen, entered=form.declared_values, version=form.opened_with
        ),
        "work/calls/_result.html",
        _("Outcome saved."),
    )


@calls.post("/calls/<uuid:call_id>/booking-status")
@requires(Permission.CALLS_RECLASSIFY)
def set_booking_status(call_id: UUID) -> Response:
    """Set whether a call led to a booking."""
    form, actor = BookingStatusForm(), current_actor()
    return _change(
        call_id,
        form,
        lambda: service.set_booking_status(
            actor, call_id, form.chosen, reason=form.reason.data or None, version=form.opened_with
        ),
        "work/calls/_result.html",
        _("Booking status saved."),
    )


@calls.post("/calls/<uuid:call_id>/notes")
@requires(Permission.CALLS_UPDATE)
def create_note(call_id: UUID) -> Response:
    """Write a note about a call."""
    beside = panel_page()
    if beside:
        return _note_of_panel(call_id, beside)
    form, actor = NoteForm(), current_actor()
    return _change(
        call_id,
        form,
        lambda: service.add_note(actor, call_id, form.new_id, form.body.data or "", is_coaching=form.is_coaching.data),
        "work/calls/_activity.html",
        _("Note added."),
    )


def _note_of_panel(call_id: UUID, beside: str) -> Response:
    form, actor = PanelNoteForm(), current_actor()
    with submitted(form) as sent:
        form.check()
        note = service.add_note(actor, call_id, form.new_id, form.body.data or "")
        return went_well(
            beside, note.id, _("Note added."), "work/note_templates/_note_written.html", note=note, again=beside
        )
    values = {"form": form, "call_id": call_id, "beside": beside}
    return make_response(render("work/calls/note_refused.html", "work/calls/_note_panel.html", **values), sent.status)


def _change(call_id: UUID, form: Form, change: Callable[[], object], panel: str, done: str) -> Response:
    """Save a form and render `panel` for HTMX, with errors or the updated values."""
    with submitted(form) as sent:
        form.check()
        change()
        return saved(call_id, panel, done)
    actor = current_actor()
    page = call_page(actor, get_call_detail(actor, call_id), submitted=form)
    return make_response(render("work/calls/show.html", panel, shown=page), sent.status)


def saved(call_id: UUID, panel: str, done: str, undo: str | None = None) -> Response:
    """Report a saved change: on the call's page, or to HTMX with the updated `panel`. `undo` is a URL to revert it."""
    if not wants_fragment():
        flash_result(done, undo)
        return redirect(url_for(".show", call_id=call_id))
    actor = current_actor()
    page = call_page(actor, get_call_detail(actor, call_id))
    return make_response(render_template("work/calls/_saved.html", shown=page, panel=panel, done=done, undo=undo))
