"""Subscriptions, invoices, budgets and costs of usage: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.resource import Resource, Words
from app.models import Budget, Invoice, Subscription, UsageCost
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
    revert=_l("Plans and quotas are changed under Billing."),
)

INVOICE = Resource(
    name="invoice",
    model=Invoice,
    words=Words(_l("invoice"), _l("invoices")),
    icon="credit-card",
    title=lambda: Invoice.number,
    scope=Scope((Permission.BILLING_READ,), own_rows.nothing),
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
    words=Words(_l("cost of usage"), _l("costs of usage")),
    icon="credit-card",
    scope=Scope((Permission.COSTS_READ,), own_rows.nothing),
    is_audited=False,
)
