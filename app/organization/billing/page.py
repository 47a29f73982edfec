"""Data for the billing pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.audit.queries import list_history
from app.errors import LazyText
from app.models import Budget, CostKind, Plan, PlanCode, Role, Subscription
from app.organization.billing import queries
from app.organization.billing.rules import (
    DowngradeProblem,
    downgrade_problem_sentence,
    find_downgrade_problem,
    is_larger,
    seats_missing,
)
from app.periods import Span
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.quota_queries import read_quotas, sum_stored_bytes
from app.tenancy.quota_rules import Quota, QuotaKind
from app.trust.audit_log.words import action_sentence

_INVOICES_SHOWN = 5
_EVENTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An entry in the history of a subscription."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one kind of usage, and its budget; amounts in USD."""

    kind: CostKind
    amount: Decimal
    budget: Budget | None

    @property
    def tone(self) -> str:
        """The tone of the amount: "bad" at or above the budget, "warn" from the first warning level, else ""."""
        if self.budget is None:
            return ""
        if self.amount >= self.budget.monthly_amount:
            return "bad"
        warn_from = min(self.budget.warn_percent, default=100)
        return "warn" if self.amount * 100 >= self.budget.monthly_amount * warn_from else ""


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs in a span of time by kind, including kinds without costs."""

    span: Span
    kinds: Sequence[Cost]

    @property
    def total(self) -> Decimal:
        return sum((cost.amount for cost in self.kinds), Decimal())


@dataclass(frozen=True, slots=True)
class Overview:
    """Data for `/organization/billing`; `costs` is None for people who can't see them."""

    subscription: Subscription | None
    plans: Sequence[Plan]
    quotas: Sequence[Quota]
    stored_bytes: int
    invoices: Sequence[Any]
    history: Sequence[HistoryLine]
    costs: Costs | None
    #: Reason why the scheduled downgrade couldn't be applied now.
    misfit: LazyText | None

    @property
    def plan(self) -> Plan | None:
        """The plan of the subscription; None without a subscription."""
        return self._plan(self.subscription.plan) if self.subscription else None

    @property
    def scheduled_plan(self) -> Plan | None:
        """The plan that starts when the period ends; None if no downgrade is scheduled."""
        code = self.subscription.scheduled_plan if self.subscription else None
        return self._plan(code) if code else None

    def _plan(self, code: str) -> Plan:
        return next(plan for plan in self.plans if plan.code == code)


@dataclass(frozen=True, slots=True)
class PlanChange:
    """Another plan compared with the current one.

    `beyond` are the quotas, except seats, that current usage would exceed.
    """

    subscription: Subscription
    before: Plan
    after: Plan
    is_upgrade: bool
    members: Sequence[Any]
    to_choose: int
    beyond: Sequence[Quota]

    @property
    def only_owner(self) -> Any:
        """The id of the owner who can't be selected; None if there are several owners."""
        owners = [member.id for member in self.members if member.role == Role.OWNER]
        return owners[0] if len(owners) == 1 else None


def overview(actor: Actor, now: datetime | None = None) -> Overview:
    """Return the data for the billing page, as of now."""
    now = now or datetime.now(UTC)
    subscription = queries.find_subscription(actor)
    plans = queries.list_plans()
    return Overview(
        subscription=subscription,
        plans=plans,
        quotas=read_quotas(actor.organization_id),
        stored_bytes=sum_stored_bytes(actor.organization_id),
        invoices=queries.list_latest_invoices(actor, _INVOICES_SHOWN),
        history=_history(actor, subscription) if subscription else (),
        costs=_costs(actor, now) if actor.may(Permission.COSTS_READ) else None,
        misfit=_misfit(actor, subscription, plans) if subscription else None,
    )


def plan_change(actor: Actor, code: PlanCode) -> PlanChange | None:
    """Return the effects of changing to the plan `code`; None if it is the current plan.

    Raises NotFound without a subscription.
    """
    subscription = queries.get_subscription(actor)
    plans = {plan.code: plan for plan in queries.list_plans()}
    before, after = plans[subscription.plan], plans[code]
    if before is after:
        return None
    members = queries.list_members(actor.organization_id)
    used = {quota.kind: quota.used for quota in read_quotas(actor.organization_id)}
    return PlanChange(
        subscription=subscription,
        before=before,
        after=after,
        is_upgrade=is_larger(after, before),
        members=members,
        to_choose=seats_missing(members, after.team_members),
        beyond=[
            Quota(kind, limit, used[kind])
            for kind, limit in limits_of(after).items()
            if kind is not QuotaKind.TEAM_MEMBERS and used[kind] > limit
        ],
    )


def limits_of(plan: Plan) -> dict[QuotaKind, int]:
    """Return the limits of a plan by quota."""
    return {
        QuotaKind.CALL_MINUTES: plan.call_minutes,
        QuotaKind.TEAM_MEMBERS: plan.team_members,
        QuotaKind.PHONE_NUMBERS: plan.phone_numbers,
        QuotaKind.STORAGE: plan.storage_bytes,
    }


def _history(actor: Actor, subscription: Subscription) -> Sequence[HistoryLine]:
    entries = list_history(actor, "subscription", subscription.id)[:_EVENTS_SHOWN]
    return [HistoryLine(entry.at, action_sentence(entry.action), entry.actor_label) for entry in entries]


def _costs(actor: Actor, now: datetime) -> Costs:
    span = queries.month_of(actor, now)
    amounts, budgets = queries.costs_by_kind(actor, span), queries.budgets_by_kind(actor)
    kinds = [Cost(kind, amounts.get(kind, Decimal()), budgets.get(kind)) for kind in CostKind]
    return Costs(span, kinds)


def _misfit(actor: Actor, subscription: Subscription, plans: Sequence[Plan]) -> LazyText | None:
    if subscription.scheduled_plan is None:
        return None
    seats = next(plan.team_members for plan in plans if plan.code == subscription.scheduled_plan)
    members, chosen = queries.list_members(actor.organization_id), subscription.scheduled_users_to_deactivate
    misfit: DowngradeProblem | None = find_downgrade_problem(members, chosen, seats)
    staying = [member for member in members if member.id not in chosen]
    return downgrade_problem_sentence(misfit, seats_missing(staying, seats)) if misfit else None
