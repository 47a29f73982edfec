"""The jobs of the clock that keep plans, billing periods and quotas (`JobName.APPLY_DOWNGRADES`, …)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.billing.downgrade import apply_due_downgrade
from app.billing.period import start_period
from app.billing.quotas import warn_of_quotas
from app.db.context import current_context
from app.jobs.retries import Retries
from app.jobs.work import Work

# The next run comes within minutes anyway.
_RETRIES = Retries(most_tries=3, longest_wait=timedelta(seconds=30))


def _apply_downgrades() -> None:
    apply_due_downgrade(_organization_id(), datetime.now(UTC))


def _start_billing_periods() -> None:
    start_period(_organization_id(), datetime.now(UTC))


def _warn_of_quotas() -> None:
    warn_of_quotas(_organization_id())


def _organization_id() -> UUID:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a plan is one organization's")
    return organization_id


APPLY_DOWNGRADES_WORK = Work(run=_apply_downgrades, retries=_RETRIES)
START_BILLING_PERIODS_WORK = Work(run=_start_billing_periods, retries=_RETRIES)
QUOTA_WARNINGS_WORK = Work(run=_warn_of_quotas, retries=_RETRIES)
