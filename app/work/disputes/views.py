"""Views of `/disputes`: the list of disputes, raising one, and deciding it."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.side_panels import panel_page, went_well
from app.errors import LazyText, NotFound
from app.lists.list_page import list_page
from app.models import BookingStatus, DisputeKind, DisputeStatus
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.redirects import local_path
from app.web.undo import back_to_the_page
from app.work.calls.detail_queries import get_call
from app.work.disputes import queries, service
from app.work.disputes.forms import BookedByDisputeForm, DecisionForm, DisputeForm
from app.work.disputes.page import DisputePage, booked_by_page, dispute_page
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
        to_status, reason = BookingStatus(form.to_status.data), form.reason.data or ""
        dispute = service.raise_dispute(actor, form.new_id, call_id, to_status, reason, version=form.opened_with)
        said = _("Dispute submitted. A manager will decide.")
        if beside:
            return went_well(
                beside, dispute.id, said, "work/disputes/_decision.html", contents=dispute_page(dispute, call)
            )
        flash(said, "good")
        return redirect(url_for("calls.show", call_id=call_id))
    values = {"form": form, "call": call, "beside": beside}
    return make_response(render("work/disputes/new.html", "work/disputes/_dispute.html", **values), sent.status)


@disputes.post("/disputes")
@requires(Permission.APPOINTMENTS_WRITE)
def create_about_booking() -> Response:
    """Dispute who booked an appointment."""
    actor, form, beside = current_actor(), BookedByDisputeForm(), panel_page()
    back = local_path(beside) or url_for("disputes.index")
    with submitted(form) as sent:
        form.check()
        dispute = service.dispute_booker(actor, form.new_id, form.chosen, form.to_csr_id, form.reason.data or "")
        said = _("Dispute submitted. A manager will decide.")
        if beside:
            contents = dispute_page(dispute, queries.get_disputed(dispute))
            return went_well(beside, dispute.id, said, "work/disputes/_decision.html", contents=contents)
        flash(said, "good")
        return redirect(back)
    if form.appointment_id.errors:
        raise NotFound("appointment")
    offered = queries.list_disputable(actor, form.chosen)
    values = {"contents": booked_by_page(actor, offered, back, form), "beside": beside}
    return make_response(
        render("work/disputes/new_about_booking.html", "work/disputes/_booked_by.html", **values), sent.status
    )


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
        decided = dispute_page(dispute, queries.get_disputed(dispute))
        said = _decided(decided)
        if beside:
            return went_well(beside, dispute.id, said, "work/disputes/_decided.html", contents=decided)
        flash(str(said), "good")
        return back_to_the_page("disputes.index")
    dispute = queries.get_dispute(actor, dispute_id)
    record = queries.get_disputed(dispute)
    form.see(record)
    values = {"contents": dispute_page(dispute, record, form), "beside": beside}
    return make_response(render("work/disputes/decide.html", "work/disputes/_decision.html", **values), sent.status)


def _decided(page: DisputePage) -> LazyText:
    """Return the sentence about the decision that was just made.

    It doesn't say that an accepted dispute changed the record, which can have been corrected before.
    """
    is_accepted = page.dispute.status == DisputeStatus.ACCEPTED
    if page.dispute.kind == DisputeKind.BOOKED_BY:
        if is_accepted:
            return _l("Dispute accepted. “Booked by” is now %(name)s.", name=page.after)
        return _l("Dispute rejected. “Booked by” hasn’t changed.")
    if is_accepted:
        return _l("Dispute accepted. The booking status is now “%(status)s”.", status=page.after)
    return _l("Dispute rejected. The booking status hasn’t changed.")
