"""`/audit/streams`: the systems that receive the audit trail, and the state of delivery."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.lists.table import table_of
from app.models import OutboundStream
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.trust.streams import service
from app.trust.streams.forms import NewStreamForm, StreamForm
from app.trust.streams.queries import get_state, list_streams
from app.trust.streams.resource import OUTBOUND_STREAM
from app.trust.streams.rules import NEEDED
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.rate_limits import Limits, limited

streams = Blueprint("streams", __name__)

#: Each test is a request to a third-party server.
TESTING = Limits("stream-tests", per_user="30 per hour")


@streams.get("/audit/streams")
@requires(*NEEDED)
def index() -> str:
    """List all streams by name."""
    actor = current_actor()
    return render_template(
        "trust/streams/index.html",
        states=list_streams(actor),
        table=table_of(OUTBOUND_STREAM, actor, own=("name", "status", "waiting", "last_error")),
    )


@streams.get("/audit/streams/new")
@requires(*NEEDED)
@confirmed
def new() -> str:
    """Show the form for a new stream."""
    return render_template("trust/streams/new.html", form=NewStreamForm.new())


@streams.post("/audit/streams")
@requires(*NEEDED)
def create() -> Response:
    """Create a stream and show its secret, once."""
    form = NewStreamForm()
    with submitted(form) as sent:
        form.check()
        stream, secret = service.create_stream(
            current_actor(),
            form.new_id,
            form.name.data or "",
            form.url.data or "",
            from_beginning=form.from_beginning.data,
        )
        return _secret(stream, secret) if secret else redirect(url_for(".show", stream_id=stream.id))
    return make_response(render_template("trust/streams/new.html", form=form), sent.status)


@streams.get("/audit/streams/<uuid:stream_id>")
@requires(*NEEDED)
def show(stream_id: UUID) -> str:
    """Show one stream: its state, and forms to change it."""
    return _page(stream_id)


@streams.post("/audit/streams/<uuid:stream_id>/edit")
@requires(*NEEDED)
def update(stream_id: UUID) -> Response:
    """Change the name or URL of a stream."""
    form = StreamForm()
    with submitted(form) as sent:
        form.check()
        service.change_stream(
            current_actor(), stream_id, form.name.data or "", form.url.data or "", version=form.opened_with
        )
        flash(_("Stream saved."), "good")
        return redirect(url_for(".show", stream_id=stream_id))
    return make_response(_page(stream_id, form), sent.status)


@streams.post("/audit/streams/<uuid:stream_id>/pause")
@requires(*NEEDED)
def pause(stream_id: UUID) -> Response:
    """Pause sending to a stream."""
    service.pause_stream(current_actor(), stream_id)
    flash(_("The stream was paused. New entries will be sent when you resume it."), "good")
    return redirect(url_for(".show", stream_id=stream_id))


@streams.post("/audit/streams/<uuid:stream_id>/resume")
@requires(*NEEDED)
def resume(stream_id: UUID) -> Response:
    service.resume_stream(current_actor(), stream_id)
    flash(_("The stream was resumed from where it left off."), "good")
    return redirect(url_for(".show", stream_id=stream_id))


@streams.post("/audit/streams/<uuid:stream_id>/secret")
@requires(*NEEDED)
def change_secret(stream_id: UUID) -> Response:
    """Generate a new secret and show it once."""
    return _secret(*service.change_secret(current_actor(), stream_id))


@streams.post("/audit/streams/<uuid:stream_id>/test")
@requires(*NEEDED)
@limited(TESTING)
def test(stream_id: UUID) -> Response:
    service.request_test(current_actor(), stream_id)
    flash(_("Sending a test. The result will appear here shortly."), "good")
    return redirect(url_for(".show", stream_id=stream_id))


@streams.get("/audit/streams/<uuid:stream_id>/delete")
@requires(*NEEDED)
@confirmed
def confirm_delete(stream_id: UUID) -> str:
    """Show the stream that would be deleted, and ask for confirmation."""
    return render_template(
        "trust/streams/delete.html", state=get_state(current_actor(), stream_id), labels=OUTBOUND_STREAM.labels
    )


@streams.post("/audit/streams/<uuid:stream_id>/delete")
@requires(*NEEDED)
def delete(stream_id: UUID) -> Response:
    stream = service.delete_stream(current_actor(), stream_id)
    flash(
        _("The stream “%(name)s” was deleted. The receiving system won’t get any more entries.", name=stream.name),
        "good",
    )
    return redirect(url_for(".index"))


def _page(stream_id: UUID, form: StreamForm | None = None) -> str:
    state = get_state(current_actor(), stream_id)
    form = form or StreamForm.of(state.stream)
    return render(
        "trust/streams/show.html",
        "trust/streams/_state.html",
        state=state,
        stream=state.stream,
        labels=OUTBOUND_STREAM.labels,
        form=form,
    )


def _secret(stream: OutboundStream, secret: str) -> Response:
    return make_response(render_template("trust/streams/secret.html", stream=stream, secret=secret))
