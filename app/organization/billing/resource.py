"""Resource declarations of subscriptions, invoices, budgets and usage costs."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Money, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
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
    scope=Scope((Permission.BILLING_READ,), own_rows.nothing),
    revert=_l("Change plans and quotas under Billing."),
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
    scope=Scope((Permission.BILLING_READ,), own_rows.nothing),
    listed=INVOICE_LIST,
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
)

USAGE_COST = Resource(
    name="usage_cost",
    model=UsageCost,
    words=Words(_l("usage cost"), _l("usage costs")),
    icon="credit-card",
    scope=Scope((Permission.COSTS_READ,), own_rows.nothing),
    is_audited=False,
)
