"""Views that record an appointment and show a recording."""

from http import HTTPStatus
from pathlib import PurePath
from uuid import UUID

from flask import Response, flash, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from app.errors import FieldError, PayloadTooLarge, ValidationFailed
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.identity import find_actor_or_none
from app.security.permissions import Permission
from app.sound import UNKNOWN_MIMETYPE
from app.storage import storage
from app.trust.trash.deletion_views import delete_from_list
from app.web.errors import answer
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.representation import Representation, wanted_representation
from app.web.request_limits import accepts_uploads
from app.work.appointments.detail_queries import get_appointment_detail
from app.work.recordings import service
from app.work.recordings.detail_page import recording_page
from app.work.recordings.detail_queries import find_open, get_recording_detail
from app.work.recordings.forms import ConsentForm, FileForm, FinishForm, PartForm
from app.work.recordings.views import recordings

_TOO_LARGE = _l("The recording is larger than 200 MB. Split it, then upload each part as a separate recording.")


@recordings.get("/appointments/<uuid:appointment_id>/recordings/new")
@requires(Permission.RECORDINGS_WRITE)
def new(appointment_id: UUID) -> Response:
    """Show the form that asks for consent to record the appointment."""
    return _consent_page(appointment_id, ConsentForm.new())


@recordings.post("/appointments/<uuid:appointment_id>/recordings/new")
@requires(Permission.RECORDINGS_WRITE)
def begin(appointment_id: UUID) -> Response:
    """Store the customer's answer, and start recording unless they refused."""
    form = ConsentForm()
    with submitted(form) as sent:
        form.check()
        row = service.begin(
            current_actor(), appointment_id, form.new_id, form.chosen, occurred_at=form.occurred_at.moment
        )
        if row.storage_key is None and row.ended_at is not None:
            flash(_("Marked as not recorded."), "good")
        return redirect(url_for(".show", recording_id=row.id))
    return _consent_page(appointment_id, form, sent.status)


@recordings.get("/recordings/<uuid:recording_id>")
@requires(Permission.RECORDINGS_READ)
def show(recording_id: UUID) -> Response:
    """Show a recording in any state: open, in preparation, ready to play, failed or discarded."""
    return _page(recording_id)


@recordings.get("/recordings/<uuid:recording_id>/file")
@requires(Permission.RECORDINGS_READ)
def download(recording_id: UUID) -> Response:
    """Send the original file of a recording that can't be played."""
    key = service.open_unplayable(current_actor(), recording_id)
    return storage().send(key, mimetype=UNKNOWN_MIMETYPE, download_name=f"recording{PurePath(key).suffix}")


@recordings.get("/recordings/<uuid:recording_id>/parts")
@requires(Permission.RECORDINGS_WRITE)
def parts(recording_id: UUID) -> Response:
    """Return the parts that have arrived: {"parts": [1, 2], "status": "recording"}.

    Once the recording has ended, `parts` is empty.
    """
    return _state(recording_id)


@recordings.post("/recordings/<uuid:recording_id>/parts")
@requires(Permission.RECORDINGS_WRITE)
def add_part(recording_id: UUID) -> Response:
    """Store a part, and return the parts that have arrived."""
    get_recording_detail(current_actor(), recording_id)
    form = PartForm()
    form.check()
    service.keep_part(
        current_actor(), recording_id, form.number.data or 0, form.part.data.stream, form.sha256.data or ""
    )
    return _state(recording_id)


@recordings.post("/recordings/<uuid:recording_id>/finish")
@requires(Permission.RECORDINGS_WRITE)
def finish(recording_id: UUID) -> Response:
    """End a recording, once all parts have arrived."""
    get_recording_detail(current_actor(), recording_id)
    form = FinishForm()
    form.check()
    service.finish(current_actor(), recording_id, form.parts.data or 0, form.moment)
    if wanted_representation() is Representation.JSON:
        return _state(recording_id)
    flash(_("Recording saved."), "good")
    return redirect(url_for(".show", recording_id=recording_id))


@recordings.post("/recordings/<uuid:recording_id>/file")
@requires(Permission.RECORDINGS_WRITE)
@accepts_uploads
def upload(recording_id: UUID) -> Response:
    """Store a recording made elsewhere, and end the recording with it."""
    form = FileForm()
    with submitted(form) as sent:
        form.check()
        stream, size, digest = form.measured()
        service.take_file(current_actor(), recording_id, stream, size, digest)
        flash(_("Recording saved."), "good")
        return redirect(url_for(".show", recording_id=recording_id))
    return _page(recording_id, form, sent.status)


@recordings.errorhandler(PayloadTooLarge)
def too_large(error: PayloadTooLarge) -> Response | HTTPException:
    """Show the error of a file that is too large next to its field.

    The file was refused before the sender was authenticated.
    """
    actor = find_actor_or_none()
    wants_form = request.endpoint == "recordings.upload" and wanted_representation() is not Representation.JSON
    if not wants_form or actor is None or not actor.may(Permission.RECORDINGS_READ):
        return answer(error)
    form = FileForm(formdata=None)
    form.refuse(ValidationFailed([FieldError("file", _TOO_LARGE)]))
    return _page(UUID(str((request.view_args or {})["recording_id"])), form, error.status)


@recordings.post("/recordings/<uuid:recording_id>/delete")
@requires(Permission.RECORDINGS_DELETE)
def delete(recording_id: UUID) -> Response:
    """Move a recording to the trash."""
    page = url_for(".show", recording_id=recording_id)
    return delete_from_list("recording_session", recording_id, _("Recording deleted."), "recordings.index", page)


def _consent_page(appointment_id: UUID, form: ConsentForm, status: int = HTTPStatus.OK) -> Response:
    actor = current_actor()
    detail = get_appointment_detail(actor, appointment_id)
    service.refuse_visit(actor, detail.appointment)
    unfinished = find_open(actor, actor.user_id)
    page = render_template("work/recordings/new.html", detail=detail, form=form, unfinished=unfinished)
    return make_response(page, status)


def _page(recording_id: UUID, form: FileForm | None = None, status: int = HTTPStatus.OK) -> Response:
    actor = current_actor()
    shown = recording_page(actor, get_recording_detail(actor, recording_id))
    form = form or FileForm(formdata=None)
    return make_response(
        render("work/recordings/show.html", "work/recordings/_recording.html", shown=shown, form=form), status
    )


def _state(recording_id: UUID) -> Response:
    detail = get_recording_detail(current_actor(), recording_id)
    return jsonify(parts=list(detail.parts), status=detail.recording.status)
