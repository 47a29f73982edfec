"""Budget warnings, sent once a month for each level."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.extensions import db
from app.models import Budget, Organization, Role, UsageCost
from app.organization.billing.notices import BUDGET_WARNING
from app.organization.billing.rules import level_reached
from app.periods import midnight
from app.security.scope import unscoped
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge
from app.tenancy.quota_service import BILLING_PAGE


def warn_of_budgets(organization_id: UUID, now: datetime) -> None:
    """Send owners and admins a warning for each budget of this month that has reached a new level.

    If a budget passes several levels at the same time, only the highest is reported.
    """
    zone = ZoneInfo(db.session.get_one(Organization, organization_id).timezone)
    month = now.astimezone(zone).date().replace(day=1)
    budgets = unscoped(select(Budget), why="the job covers all budgets of the organization").where(
        Budget.organization_id == organization_id
    )
    spent = _spent(organization_id, midnight(month, zone))
    for budget in db.session.scalars(budgets.order_by(Budget.kind).with_for_update()).all():
        reached = level_reached(spent.get(budget.kind, Decimal(0)), budget.monthly_amount, budget.warn_percent)
        told = budget.warned_percent if budget.warned_month == month else 0
        if reached > told:
            _warn(budget, reached, month)


def _warn(budget: Budget, percent: int, month: date) -> None:
    budget.warned_month, budget.warned_percent = month, percent
    db.session.flush()
    people = list_people_in_charge(budget.organization_id, Role.ADMIN, Role.OWNER)
    notify_all(
        BUDGET_WARNING, people, _l("%(percent)s%% of a monthly budget has been used.", percent=percent), BILLING_PAGE
    )


def _spent(organization_id: UUID, since: datetime) -> dict[str, Decimal]:
    sums = unscoped(
        select(UsageCost.kind, func.sum(UsageCost.amount).label("amount")),
        why="sums only; the job covers all costs of the organization",
    ).where(UsageCost.organization_id == organization_id, UsageCost.occurred_at >= since.astimezone(UTC))
    return {row.kind: row.amount for row in db.session.execute(sums.group_by(UsageCost.kind))}
