"""Resource declarations of subscriptions, invoices, budgets and usage costs."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Money, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_as, entered_on_page, not_entered, not_returned, returned_as
from app.models import Budget, Invoice, InvoiceStatus, Subscription, UsageCost
from app.organization.billing.filters import InvoiceFilters
from app.organization.billing.queries import INVOICE_SORTS, invoice_list
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

SUBSCRIPTION = Resource(
    name="subscription",
    model=Subscription,
    words=Words(
        _l("subscription"),
        _l("subscriptions"),
        lambda n, count: ngettext("%(count)s subscription", "%(count)s subscriptions", n, count=count),
    ),
    icon="credit-card",
    title=lambda: Subscription.plan,
    common_page="billing.show",
    scope=Scope((Permission.BILLING_READ,), own_rows.nothing),
    revert=_l("Change plans and quotas under Billing."),
    stored=(
        returned_as("users_to_deactivate", "scheduled_users_to_deactivate"),
        not_returned("It only prepares the handover of work when a smaller plan begins.", "scheduled_takers"),
        not_returned("It only says when the payment is tried again.", "retry_count"),
        not_entered(
            "The payment provider and the change of plan set it.",
            "status",
            "current_period_start",
            "current_period_end",
            "payment_failed_at",
            "retry_count",
        ),
        entered_as("plan", "scheduled_plan"),
        entered_as("users", "scheduled_users_to_deactivate"),
        entered_as("takeover_leads", "scheduled_takers"),
        not_entered("A smaller plan begins with the next period.", "scheduled_for", "downgrade_refused_at"),
    ),
)

INVOICE_LIST = Listed(
    name="invoices",
    label=_l("Invoices"),
    endpoint="billing.invoices",
    permission=Permission.BILLING_READ,
    filters=InvoiceFilters,
    query=invoice_list,
    sorts=INVOICE_SORTS,
    bar_label=_l("Filter invoices"),
    pickers=("status",),
    keeps_views=False,
)


INVOICE = Resource(
    name="invoice",
    model=Invoice,
    words=Words(_l("invoice"), _l("invoices")),
    icon="credit-card",
    title=lambda: Invoice.number,
    common_page="billing.invoices",
    scope=Scope((Permission.BILLING_READ,), own_rows.nothing),
    listed=INVOICE_LIST,
    stored=(
        not_entered(
            "The payment provider issues the invoice.",
            "number",
            "amount",
            "currency",
            "status",
            "period_start",
            "period_end",
            "issued_at",
            "paid_at",
        ),
    ),
    fields=(
        Field("number", _l("Number"), column=Column(is_fixed=True)),
        Field("period", _l("Period"), column=Column(Priority.WIDER, is_filed=False), recorded=()),
        Field("period_start", _l("Period start"), Moment(), file=FileColumn(), recorded=()),
        Field("period_end", _l("Period end"), Moment(), file=FileColumn(), recorded=()),
        Field("amount", _l("Amount"), Money(), Column(is_whole=True)),
        Field("currency", _l("Currency"), file=FileColumn()),
        Field(
            "status",
            _l("Status"),
            Choice(
                InvoiceStatus,
                {"draft": "neutral", "open": "warn", "paid": "good", "void": "neutral", "uncollectible": "bad"},
            ),
            Column(),
        ),
        Field("issued_at", _l("Issued"), Moment("date"), Column(Priority.WIDE, is_whole=True), recorded=()),
        Field(
            "paid_at",
            lazy_pgettext("moment", "Paid"),
            Moment("date"),
            Column(Priority.WIDER, is_whole=True),
            recorded=(),
        ),
    ),
)

BUDGET = Resource(
    name="budget",
    model=Budget,
    words=Words(_l("budget"), _l("budgets")),
    icon="gauge",
    scope=Scope((Permission.BILLING_READ,), own_rows.nothing),
    stored=(
        entered_on_page("kind", "monthly_amount", "warn_percent", "hard_stop"),
        not_entered("The warning about the budget sets it.", "warned_month", "warned_percent"),
    ),
)

USAGE_COST = Resource(
    name="usage_cost",
    model=UsageCost,
    words=Words(_l("usage cost"), _l("usage costs")),
    icon="credit-card",
    scope=Scope((Permission.COSTS_READ,), own_rows.nothing),
    is_audited=False,
    stored=(
        not_entered(
            "Each use of a provider records its cost.",
            "occurred_at",
            "kind",
            "quantity",
            "unit_cost",
            "amount",
            "resource_type",
            "resource_id",
        ),
    ),
)
