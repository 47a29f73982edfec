"""`/organization/billing`: the plan, what is used of it, what it costs, and the way to another plan."""

from contextlib import suppress

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.lists.table import table_of
from app.models import PlanCode
from app.organization.billing import service
from app.organization.billing.forms import CancelForm, PlanForm
from app.organization.billing.page import PlanChange, limits_of, overview, plan_change
from app.organization.billing.resource import INVOICE
from app.organization.billing.words import QUOTA_LABELS
from app.people.users.resource import USER
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect

billing = Blueprint("billing", __name__)


@billing.get("/organization/billing")
@requires(Permission.BILLING_READ)
def show() -> str:
    """How the subscription stands."""
    actor = current_actor()
    return render_template(
        "organization/billing/show.html",
        page=overview(actor),
        invoices=table_of(INVOICE, actor),
        limits_of=limits_of,
        quota_labels=QUOTA_LABELS,
        may_change=actor.may(Permission.BILLING_UPDATE),
    )


@billing.get("/organization/billing/plan")
@requires(Permission.BILLING_UPDATE)
def edit_plan() -> Response:
    """What another plan would change, and who would leave for it; `plan` in the address says which."""
    actor, change = current_actor(), None
    with suppress(ValueError):
        change = plan_change(actor, PlanCode(request.args.get("plan", "")))
    if change is None:
        return redirect(url_for(".show"))
    form = PlanForm(formdata=None, plan=change.after.code, version=change.subscription.version)
    if change.subscription.scheduled_plan == change.after.code:
        form.users.data = [str(user_id) for user_id in change.subscription.scheduled_users_to_deactivate]
    return make_response(_plan_page(change, form))


@billing.post("/organization/billing/plan")
@requires(Permission.BILLING_UPDATE)
def update_plan() -> Response:
    """Begin a larger plan now, or have a smaller one begin when the period ends."""
    actor, form = current_actor(), PlanForm()
    form.check()
    change = plan_change(actor, form.chosen_plan)
    if change is None:
        return redirect(url_for(".show"))
    with submitted(form) as sent:
        _change(actor, change, form)
        return redirect(url_for(".show"))
    return make_response(_plan_page(plan_change(actor, form.chosen_plan) or change, form), sent.status)


@billing.post("/organization/billing/plan/keep")
@requires(Permission.BILLING_UPDATE)
def keep_plan() -> Response:
    """Forget the smaller plan that was scheduled."""
    form = CancelForm()
    form.check()
    service.cancel_downgrade(current_actor(), version=form.opened_with)
    flash(_("You keep your plan."), "good")
    return redirect(url_for(".show"))


def _change(actor: Actor, change: PlanChange, form: PlanForm) -> None:
    if change.is_upgrade:
        service.upgrade(actor, form.chosen_plan, version=form.opened_with)
        flash(_("Your larger plan has begun."), "good")
    else:
        service.schedule_downgrade(actor, form.chosen_plan, form.chosen_users, version=form.opened_with)
        flash(_("The smaller plan begins when the period ends. Until then you can keep yours."), "good")


def _plan_page(change: PlanChange, form: PlanForm) -> str:
    return render_template(
        "organization/billing/plan.html",
        change=change,
        people=USER.labels,
        form=form,
        before=limits_of(change.before),
        after=limits_of(change.after),
        quota_labels=QUOTA_LABELS,
    )
