"""`/organization/billing/invoices`: invoices; also the page for usage budgets."""

from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.lists.cells import draw
from app.lists.list_page import list_page
from app.models import CostKind
from app.organization.billing import queries, service
from app.organization.billing.forms import BudgetForm
from app.organization.billing.resource import INVOICE
from app.organization.billing.views import billing
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect


@billing.get("/organization/billing/invoices")
@requires(Permission.BILLING_READ)
def invoices() -> Response:
    """List invoices, newest first."""
    return list_page(INVOICE, "organization/billing", own=("number", "period", "amount"))


@billing.get("/organization/billing/invoices/<uuid:invoice_id>")
@requires(Permission.BILLING_READ)
def invoice(invoice_id: UUID) -> str:
    """Show an invoice to read or print."""
    actor = current_actor()
    found = queries.get_invoice(actor, invoice_id)
    return render_template(
        "organization/billing/invoice.html",
        invoice=found,
        labels=INVOICE.labels,
        status=draw(INVOICE, "status", found.status),
        actor=actor,
    )


@billing.get("/organization/billing/budget")
@requires(Permission.BILLING_UPDATE)
def edit_budget() -> Response:
    """Show the budget form for the kind of usage in the query parameter `kind`.

    Redirects to the billing page if the kind is unknown.
    """
    kind = request.args.get("kind", "")
    if kind not in set(CostKind):
        return redirect(url_for(".show"))
    budgets = queries.budgets_by_kind(current_actor())
    return make_response(
        render_template("organization/billing/budget.html", form=BudgetForm.of(CostKind(kind), budgets.get(kind)))
    )


@billing.post("/organization/billing/budget")
@requires(Permission.BILLING_UPDATE)
def update_budget() -> Response:
    form = BudgetForm()
    with submitted(form) as sent:
        form.check()
        service.set_budget(
            current_actor(), form.chosen_kind, form.amount, hard_stop=form.hard_stop.data, version=form.opened_with
        )
        flash(_("Budget saved."), "good")
        return redirect(url_for(".show"))
    if form.kind.errors and sent.error:  # an unknown kind has no page to show the error on
        raise sent.error
    return make_response(render_template("organization/billing/budget.html", form=form), sent.status)
