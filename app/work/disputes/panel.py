"""Panel for the dispute of a call's booking status, to raise it, decide it or read it."""

from flask import render_template
from flask_babel import lazy_gettext as _l

from app.declarations.panel import PanelSubject, SidePanel
from app.declarations.side_panels import panel_page
from app.errors import NotFound
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls import rules
from app.work.calls.detail_queries import get_call
from app.work.disputes import queries
from app.work.disputes.forms import DecisionForm, DisputeForm


def _render(actor: Actor, beside: PanelSubject) -> str:
    """Render the open dispute of a call, or else the form for a new one.

    Users who can decide the dispute also get the decision form. After a decision, the decided dispute is rendered.
    Raises NotFound if there is no dispute and the user can't raise one.
    """
    call, here = get_call(actor, beside.id), panel_page()
    dispute = queries.find_open_dispute(actor, call.id)
    if dispute is None and beside.done is not None:
        done = queries.get_dispute(actor, beside.done)
        return render_template("work/disputes/_decided.html", dispute=done)
    if dispute is not None:
        may_decide = actor.may(Permission.DISPUTES_DECIDE)
        form = DecisionForm.of(dispute, call) if may_decide else None
        return render_template("work/disputes/_decision.html", dispute=dispute, call=call, form=form, beside=here)
    if not rules.may_dispute(call, actor):
        raise NotFound("booking_dispute", beside.id)
    return render_template("work/disputes/_dispute.html", form=DisputeForm.of(call), call=call, beside=here)


DISPUTE_PANEL = SidePanel(
    name="dispute",
    label=_l("Booking status dispute"),
    icon="thumbs-down",
    permission=Permission.CALLS_READ,
    kinds=frozenset({"call"}),
    render=_render,
    is_in_head=False,
)
