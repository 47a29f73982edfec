"""`/organization/billing/invoices`: what was asked for and what was paid; and the budgets for what use costs."""

from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.lists.cells import draw
from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import CostKind, InvoiceStatus
from app.organization.billing import queries, service
from app.organization.billing.filters import InvoiceFilters
from app.organization.billing.forms import BudgetForm
from app.organization.billing.resource import INVOICE, INVOICE_LIST
from app.organization.billing.views import billing
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.labels import options


@billing.get("/organization/billing/invoices")
@requires(Permission.BILLING_READ)
def invoices() -> Response:
    """Invoices, the latest first."""
    actor, filters = current_actor(), InvoiceFilters.parse(given_parameters())
    listing = show_list(queries.invoice_list(actor, filters), "billing.invoices", chip_words(INVOICE, INVOICE_LIST))
    return render_list(
        "organization/billing/invoices.html",
        "organization/billing/_invoices.html",
        listing,
        tools=list_tools(actor, INVOICE, INVOICE_LIST, listing, own=("number", "period", "amount")),
        statuses=options(InvoiceStatus),
    )


@billing.get("/organization/billing/invoices/<uuid:invoice_id>")
@requires(Permission.BILLING_READ)
def invoice(invoice_id: UUID) -> str:
    """One of them, to read or print."""
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
    """What one kind of use may cost; `kind` in the address says which."""
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
    if form.kind.errors and sent.error:  # a kind that is none has no page
        raise sent.error
    return make_response(render_template("organization/billing/budget.html", form=form), sent.status)
