"""Notices about plans and payments."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice, Way
from app.security.permissions import Permission

#: No one uses up a budget alone, so the person whose action reached the level is notified, too.
BUDGET_WARNING = Notice(
    kind="budget_warning",
    label=_l("Budgets"),
    permission=Permission.BILLING_READ,
    hint=_l("At 80% and 100%"),
    icon="gauge",
    tone="warn",
    notifies_actor=True,
)
PAYMENT_FAILED = Notice(
    kind="payment_failed",
    label=_l("Failed payments"),
    permission=Permission.BILLING_UPDATE,
    icon="credit-card",
    tone="bad",
    ways=frozenset({Way.PAGE, Way.MAIL}),
    notifies_actor=True,
)
PLAN_CHANGED = Notice(
    kind="plan_changed",
    label=_l("Plan changes"),
    permission=Permission.BILLING_UPDATE,
    icon="credit-card",
)
