"""Panels for disputes of a call's booking status and of who booked an appointment: to raise, decide or read them."""

from flask import render_template, url_for
from flask_babel import lazy_gettext as _l

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.side_panels import panel_page
from app.errors import NotFound
from app.models import Appointment, BookingDispute, Call
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row
from app.work.calls import rules
from app.work.calls.detail_queries import get_call
from app.work.disputes import queries
from app.work.disputes.forms import DecisionForm, DisputeForm
from app.work.disputes.page import booked_by_page, dispute_page


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the open dispute of a call, or else the form for a new one.

    Users who can decide the dispute also get the decision form. After a decision, the decided dispute is rendered.
    Raises NotFound if there is no dispute and the user can't raise one.
    """
    call = get_call(actor, beside.id)
    dispute = queries.find_open_dispute(actor, call.id)
    if dispute is not None or beside.done is not None:
        return _existing(actor, dispute, beside)
    if not rules.may_dispute(call, actor):
        raise NotFound("booking_dispute", beside.id)
    return render_template("work/disputes/_dispute.html", form=DisputeForm.of(call), call=call, beside=panel_page())


def _render_booked_by(actor: Actor, beside: PanelSubject) -> str:
    """Render the open disputes of an appointment, or of those booked from a call, and the form for a new one.

    The form offers the appointments without an open dispute. Users who decide disputes get only the oldest. Raises
    NotFound if there is no appointment, or no dispute and the user can't raise one.
    """
    if beside.kind == "appointment":
        live = Appointment.deleted_at.is_(None)
        appointments = [get_row(actor, Appointment, beside.id, live, named="appointment")]
        back = url_for("appointments.show", appointment_id=beside.id)
    else:
        appointments = [*queries.list_booked_from(actor, beside.id)]
        back = url_for("calls.show", call_id=beside.id)
    disputes = queries.list_open_booker_disputes(actor, [visit.id for visit in appointments])
    if beside.done is not None or (disputes and not rules.may_dispute_booker(actor)):
        return _existing(actor, disputes[0] if disputes else None, beside)
    if not appointments:
        return render_template("work/disputes/_no_booking.html")
    if not rules.may_dispute_booker(actor):
        raise NotFound("booking_dispute", beside.id)
    disputed = {dispute.appointment_id for dispute in disputes}
    others = [visit for visit in appointments if visit.id not in disputed]
    parts = [_existing(actor, dispute, beside) for dispute in disputes]
    if others:
        contents = booked_by_page(actor, others, back)
        parts.append(render_template("work/disputes/_booked_by.html", contents=contents, beside=panel_page()))
    return "".join(parts)


def _existing(actor: Actor, dispute: BookingDispute | None, beside: PanelSubject) -> str:
    """Render the open dispute, with the decision form for users who can decide, or else the one that was decided."""
    if dispute is None:
        if beside.done is None:
            raise NotFound("booking_dispute", beside.id)
        done = queries.get_dispute(actor, beside.done)
        return render_template("work/disputes/_decided.html", contents=dispute_page(done, queries.get_disputed(done)))
    record: Call | Appointment = queries.get_disputed(dispute)
    form = DecisionForm.of(dispute, record) if actor.may(Permission.DISPUTES_DECIDE) else None
    contents = dispute_page(dispute, record, form)
    return render_template("work/disputes/_decision.html", contents=contents, beside=panel_page())


DISPUTE_PANEL = SidePanel(
    name="dispute",
    label=_l("Booking status dispute"),
    icon="thumbs-down",
    permission=Permission.CALLS_READ,
    kinds=frozenset({"call"}),
    render=_render,
    is_in_head=False,
)
BOOKED_BY_PANEL = SidePanel(
    name="booked-by",
    label=_l("Dispute about who booked"),
    icon="thumbs-down",
    permission=Permission.CALLS_READ,
    kinds=frozenset({"call", "appointment"}),
    render=_render_booked_by,
    is_in_head=False,
)
