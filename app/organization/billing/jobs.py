"""Background jobs for plans, billing periods, quotas and budgets."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Retries, Schedule, job
from app.organization.billing.budget_service import warn_of_budgets
from app.organization.billing.downgrade_service import apply_due_downgrade
from app.organization.billing.period_service import start_period
from app.tenancy import quota_service

# The next run starts within minutes anyway.
_RETRIES = Retries(max_tries=3, max_wait=timedelta(seconds=30))


@job(
    "billing.apply_downgrades",
    _l("Apply a scheduled downgrade"),
    schedule=Schedule("* * * * *", only="organizations_with_downgrades_due"),
    retries=_RETRIES,
)
def apply_downgrades() -> None:
    apply_due_downgrade(_organization_id(), datetime.now(UTC))


@job(
    "billing.start_periods",
    _l("Start a billing period"),
    schedule=Schedule("* * * * *", only="organizations_with_billing_periods_due"),
    retries=_RETRIES,
)
def start_billing_periods() -> None:
    start_period(_organization_id(), datetime.now(UTC))


@job(
    "billing.quota_warnings",
    _l("Send plan limit warnings"),
    schedule=Schedule("*/10 * * * *", only="organizations_with_quota_warnings_due"),
    retries=_RETRIES,
)
def warn_of_quotas() -> None:
    quota_service.warn_of_quotas(_organization_id())


@job("billing.budget_warnings", _l("Send budget warnings"), schedule=Schedule("25 * * * *"))
def warn_of_spending() -> None:
    """Send the budget warnings of one organization, every hour."""
    warn_of_budgets(_organization_id(), datetime.now(UTC))


def _organization_id() -> UUID:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a plan is one organization's")
    return organization_id
