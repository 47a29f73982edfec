"""Views that end a recording without its recorder: with the arrived parts, by continuing, or by discarding."""

from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.htmx import redirect
from app.web.undo import flash_with_undo
from app.work.recordings import discard_service, interruption_service
from app.work.recordings.detail_page import recording_page
from app.work.recordings.detail_queries import get_recording_detail
from app.work.recordings.forms import ContinueForm
from app.work.recordings.rules import numbers_in_words
from app.work.recordings.views import recordings

_UNDO_SECONDS = 10


@recordings.post("/recordings/<uuid:recording_id>/end")
@requires(Permission.RECORDINGS_WRITE)
def end(recording_id: UUID) -> Response:
    """End an interrupted recording with the parts that have arrived."""
    actor = current_actor()
    interruption_service.end_interrupted(actor, recording_id)
    missing = get_recording_detail(actor, recording_id).missing
    if missing:
        flash(_("Recording saved. Missing parts: %(numbers)s.", numbers=numbers_in_words(missing)), "warn")
    else:
        flash(_("Recording saved."), "good")
    return redirect(url_for(".show", recording_id=recording_id))


@recordings.post("/recordings/<uuid:recording_id>/continue")
@requires(Permission.RECORDINGS_WRITE)
def go_on(recording_id: UUID) -> Response:
    """End an interrupted recording, and start another of the same appointment."""
    get_recording_detail(current_actor(), recording_id)
    form = ContinueForm()
    form.check()
    row = interruption_service.continue_recording(
        current_actor(), recording_id, form.new_id, occurred_at=form.occurred_at.moment
    )
    return redirect(url_for(".show", recording_id=row.id))


@recordings.get("/recordings/<uuid:recording_id>/discard")
@requires(Permission.RECORDINGS_WRITE)
def confirm_discard(recording_id: UUID) -> Response:
    """Ask before a recording is discarded."""
    actor = current_actor()
    shown = recording_page(actor, get_recording_detail(actor, recording_id))
    return make_response(render_template("work/recordings/discard.html", shown=shown))


@recordings.post("/recordings/<uuid:recording_id>/discard")
@requires(Permission.RECORDINGS_WRITE)
def discard(recording_id: UUID) -> Response:
    """End a recording without saving it."""
    row = discard_service.discard(current_actor(), recording_id)
    if row.is_undoable:
        undo = url_for(".undo_discard", recording_id=row.id)
        flash_with_undo(_("Recording discarded."), undo, seconds=_UNDO_SECONDS)
    else:
        flash(_("Recording discarded."), "good")
    return redirect(url_for("appointments.show", appointment_id=row.appointment_id))


@recordings.post("/recordings/<uuid:recording_id>/undo-discard")
@requires(Permission.RECORDINGS_WRITE)
def undo_discard(recording_id: UUID) -> Response:
    """Restore a discarded recording."""
    discard_service.undo_discard(current_actor(), recording_id)
    flash(_("Recording restored."), "good")
    return redirect(url_for(".show", recording_id=recording_id))
