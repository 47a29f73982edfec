"""What people are told about plan and payments."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice, Way
from app.security.permissions import Permission

#: Nobody spends it by themselves, so whoever spent the last of it is told too.
BUDGET_WARNING = Notice(
    kind="budget_warning",
    label=_l("Budgets"),
    permission=Permission.BILLING_READ,
    hint=_l("At the levels that are set with them"),
    icon="gauge",
    tone="warn",
    tells_actor=True,
)
PAYMENT_FAILED = Notice(
    kind="payment_failed",
    label=_l("Payments that failed"),
    permission=Permission.BILLING_UPDATE,
    icon="credit-card",
    tone="bad",
    ways=frozenset({Way.PAGE, Way.MAIL}),
    tells_actor=True,
)
PLAN_CHANGED = Notice(
    kind="plan_changed",
    label=_l("Changes of the plan"),
    permission=Permission.BILLING_UPDATE,
    icon="credit-card",
)
