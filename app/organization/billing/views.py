"""`/organization/billing`: the plan, its usage and costs, and the page for changing it."""

from contextlib import suppress

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.declarations.open_work import WorkKind
from app.lists.table import table_of
from app.models import PlanCode
from app.organization.billing import service
from app.organization.billing.forms import CancelForm, PlanForm
from app.organization.billing.page import PlanChange, limits_of, overview, plan_change
from app.organization.billing.resource import INVOICE
from app.organization.billing.words import QUOTA_LABELS
from app.people.users.handover_rules import field_of
from app.people.users.handover_service import open_work_of_all
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
    """Show the plan with its usage, history, costs and latest invoices."""
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
    """Show the effects of the plan in the query parameter `plan`, with the choice of people to deactivate.

    Redirects to the billing page if the plan is unknown or is the current one.
    """
    actor, change = current_actor(), None
    with suppress(ValueError):
        change = plan_change(actor, PlanCode(request.args.get("plan", "")))
    if change is None:
        return redirect(url_for(".show"))
    return make_response(_plan_page(change, _scheduled_form(actor, change)))


@billing.post("/organization/billing/plan")
@requires(Permission.BILLING_UPDATE)
def update_plan() -> Response:
    """Start a larger plan now, or schedule a smaller one for the end of the period.

    Shows the form again if it has errors, or to ask who takes over the open work of the selected people.
    """
    actor, form = current_actor(), PlanForm()
    form.check()
    change = plan_change(actor, form.chosen_plan)
    if change is None:
        return redirect(url_for(".show"))
    work = [] if change.is_upgrade else open_work_of_all(actor, form.chosen_users)
    form = PlanForm.about(work)
    if work and not any(field_of(one.kind) in request.form for one in work):
        return make_response(_plan_page(change, form))  # the people are selected: ask who takes over their work
    with submitted(form) as sent:
        form.check()
        _change(actor, change, form)
        return redirect(url_for(".show"))
    return make_response(_plan_page(plan_change(actor, form.chosen_plan) or change, form), sent.status)


@billing.post("/organization/billing/plan/keep")
@requires(Permission.BILLING_UPDATE)
def keep_plan() -> Response:
    """Cancel the scheduled downgrade."""
    form = CancelForm()
    form.check()
    service.cancel_downgrade(current_actor(), version=form.opened_with)
    flash(_("You’re keeping your plan."), "good")
    return redirect(url_for(".show"))


def _scheduled_form(actor: Actor, change: PlanChange) -> PlanForm:
    """Build the initial form, with the choices that are already scheduled."""
    subscription, chosen, takers = change.subscription, [], {}
    if subscription.scheduled_plan == change.after.code:
        chosen = subscription.scheduled_users_to_deactivate
        takers = {field_of(WorkKind(kind)): taker for kind, taker in subscription.scheduled_takers.items()}
    work = open_work_of_all(actor, chosen)
    values = {"plan": change.after.code, "version": subscription.version, "users": [str(one) for one in chosen]}
    return PlanForm.about(work, formdata=None, **values, **takers)


def _change(actor: Actor, change: PlanChange, form: PlanForm) -> None:
    if change.is_upgrade:
        service.upgrade(actor, form.chosen_plan, version=form.opened_with)
        flash(_("Your plan was upgraded."), "good")
    else:
        service.schedule_downgrade(
            actor, form.chosen_plan, form.chosen_users, takers=form.takers, version=form.opened_with
        )
        flash(_("Your plan changes when the billing period ends. Until then, you can cancel the change."), "good")


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
