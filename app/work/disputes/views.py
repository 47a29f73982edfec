"""Views of `/disputes`: the list of disputes, raising one, and deciding it."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, url_for
from flask_babel import gettext as _

from app.declarations.side_panels import panel_page, went_well
from app.lists.list_page import list_page
from app.models import BookingStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.undo import back_to_the_page
from app.work.calls.detail_queries import get_call
from app.work.disputes import queries, service
from app.work.disputes.forms import DecisionForm, DisputeForm
from app.work.disputes.resource import BOOKING_DISPUTE

disputes = Blueprint("disputes", __name__)


@disputes.get("/disputes")
@requires(Permission.CALLS_READ)
def index() -> Response:
    """Show the disputes in the actor's scope, latest first. By default, only open ones are shown."""
    return list_page(
        BOOKING_DISPUTE,
        "work/disputes",
        own=("call", "status"),
        may_decide=current_actor().may(Permission.DISPUTES_DECIDE),
    )


@disputes.post("/calls/<uuid:call_id>/disputes")
@requires(Permission.CALLS_RECLASSIFY)
def create(call_id: UUID) -> Response:
    """Dispute the booking status of a call."""
    actor, form, beside = current_actor(), DisputeForm(), panel_page()
    call = get_call(actor, call_id)
    form.offer(call)
    with submitted(form) as sent:
        form.check()
        wanted, why = BookingStatus(form.to_status.data), form.reason.data or ""
        dispute = service.raise_dispute(actor, form.new_id, call_id, wanted, why, version=form.opened_with)
        said = _("Dispute submitted. A manager will decide.")
        if beside:
            shown = "work/disputes/_decision.html"
            return went_well(beside, dispute.id, said, shown, dispute=dispute, call=call, form=None)
        flash(said, "good")
        return redirect(url_for("calls.show", call_id=call_id))
    values = {"form": form, "call": call, "beside": beside}
    return make_response(render("work/disputes/new.html", "work/disputes/_dispute.html", **values), sent.status)


@disputes.post("/disputes/<uuid:dispute_id>/decision")
@requires(Permission.DISPUTES_DECIDE)
def decide(dispute_id: UUID) -> Response:
    """Accept or reject a dispute."""
    actor, form, beside = current_actor(), DecisionForm(), panel_page()
    with submitted(form) as sent:
        form.check()
        note, version = form.note.data or None, form.opened_with
        dispute = service.decide(
            actor, dispute_id, is_accepted=form.is_accepted, note=note, version=version, seen=form.seen
        )
        said = (
            _("Dispute accepted. The booking status has changed.")
            if form.is_accepted
            else _("Dispute rejected. The booking status hasn’t changed.")
        )
        if beside:
            return went_well(beside, dispute.id, said, "work/disputes/_decided.html", dispute=dispute)
        flash(said, "good")
        return back_to_the_page("disputes.index")
    dispute = queries.get_dispute(actor, dispute_id)
    call = get_call(actor, dispute.call_id)
    form.see(call)
    values = {"form": form, "dispute": dispute, "call": call, "beside": beside}
    return make_response(render("work/disputes/decide.html", "work/disputes/_decision.html", **values), sent.status)
