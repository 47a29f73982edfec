"""Changing the plan: a larger one at once, a smaller one at the end of the period; and the budgets for what use costs.

Whoever changes the plan holds the organization first, so that its people stay counted until the change is stored. A
stale `version` is a VersionConflict; asking for what is there already changes nothing.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import Budget, CostKind, Plan, PlanCode, Role, Subscription, SubscriptionStatus
from app.organization.billing.notices import PLAN_CHANGED
from app.organization.billing.queries import list_members, lock_subscription
from app.organization.billing.rules import downgrade_problem_sentence, find_downgrade_problem, is_larger, seats_missing
from app.people.users.handover_service import Takers, check_takers
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.tenancy.notification_service import notify_all
from app.tenancy.organization_queries import lock_organization
from app.tenancy.people_queries import list_people_in_charge
from app.tenancy.quota_service import BILLING_PAGE, apply_plan_quotas


def upgrade(actor: Actor, code: PlanCode, *, version: int) -> Subscription:
    """Move to a larger plan now, with its quotas. A smaller one that was scheduled is forgotten.

    Raises Forbidden, VersionConflict, and Conflict for a plan that takes something away or a cancelled subscription.
    """
    actor.requires(Permission.BILLING_UPDATE)
    organization = lock_organization(actor.organization_id)
    subscription = lock_subscription(actor.organization_id)
    if subscription.plan == code:
        return subscription
    _refuse_cancelled(subscription)
    subscription.refuse_stale(version, _shown(subscription))
    before, plan = db.session.get_one(Plan, subscription.plan), db.session.get_one(Plan, code)
    if not is_larger(plan, before):
        raise Conflict("plan", _l("This plan is smaller: it can begin when the period ends."))
    subscription.plan = code
    clear_schedule(subscription)
    changed = {"before": before.code, "after": code.value}
    name_action(Action.SUBSCRIPTION_UPGRADED, subscription, metadata=changed)
    apply_plan_quotas(organization, plan)
    owners = list_people_in_charge(actor.organization_id, Role.OWNER)
    notify_all(PLAN_CHANGED, owners, _l("Your organization has a larger plan now."), BILLING_PAGE)
    return subscription


def schedule_downgrade(
    actor: Actor, code: PlanCode, chosen: Collection[UUID], *, takers: Takers, version: int
) -> Subscription:
    """Move to a smaller plan when the period ends; the `chosen` people are deactivated then, and `takers` get what they
    have open.

    Raises Forbidden, VersionConflict, Conflict for a plan that takes nothing away or a cancelled subscription, and
    ValidationFailed for `users` when a chosen person takes no seat here, when too few are chosen, or every owner is,
    and for each kind of work that has no taker, or one who cannot have it.
    """
    actor.requires(Permission.BILLING_UPDATE)
    lock_organization(actor.organization_id)
    subscription = lock_subscription(actor.organization_id)
    wanted = (code, set(chosen), {kind.value: str(taker) for kind, taker in takers.items()})
    if wanted == _scheduled(subscription) and not subscription.downgrade_refused_at:
        return subscription
    _refuse_cancelled(subscription)
    subscription.refuse_stale(version, _shown(subscription))
    plan = db.session.get_one(Plan, code)
    if is_larger(plan, db.session.get_one(Plan, subscription.plan)):
        raise Conflict("plan", _l("This plan takes nothing away: it can begin at once."))
    _check_choice(actor.organization_id, chosen, plan)
    check_takers(actor.organization_id, chosen, takers)
    subscription.scheduled_plan = code
    subscription.scheduled_users_to_deactivate = sorted(set(chosen))
    subscription.scheduled_takers = wanted[2]
    subscription.scheduled_for = subscription.current_period_end
    subscription.downgrade_refused_at = None
    changed = {"before": subscription.plan, "after": code.value, "people": len(set(chosen))}
    name_action(Action.DOWNGRADE_SCHEDULED, subscription, metadata=changed)
    return subscription


def cancel_downgrade(actor: Actor, *, version: int) -> Subscription:
    """Keep the plan after all. Raises Forbidden and VersionConflict; nothing scheduled is fine."""
    actor.requires(Permission.BILLING_UPDATE)
    lock_organization(actor.organization_id)
    subscription = lock_subscription(actor.organization_id)
    if subscription.scheduled_plan is None:
        return subscription
    subscription.refuse_stale(version, _shown(subscription))
    clear_schedule(subscription)
    name_action(Action.DOWNGRADE_CANCELLED, subscription)
    return subscription


def clear_schedule(subscription: Subscription) -> None:
    """Nothing waits for the end of the period any more."""
    subscription.scheduled_plan = subscription.scheduled_for = subscription.downgrade_refused_at = None
    subscription.scheduled_users_to_deactivate, subscription.scheduled_takers = [], {}


def set_budget(actor: Actor, kind: CostKind, amount: Decimal | None, *, hard_stop: bool, version: int) -> None:
    """What `kind` may cost in a month, in USD; None: no budget. `version` is 0 where none was set.

    Raises Forbidden, VersionConflict and, for an amount the database refuses, ValidationFailed.
    """
    actor.requires(Permission.BILLING_UPDATE)
    budget = db.session.scalar(visible(Budget, actor).where(Budget.kind == kind).with_for_update())
    current = None if budget is None else (budget.monthly_amount, budget.hard_stop)
    if current == (None if amount is None else (amount, hard_stop)):
        return
    shown = {"monthly_amount": current[0] if current else None, "hard_stop": bool(current and current[1])}
    (budget or Budget(version=0)).refuse_stale(version, shown)
    with translated_integrity_errors():
        if budget is None:
            db.session.add(
                Budget(organization_id=actor.organization_id, kind=kind, monthly_amount=amount, hard_stop=hard_stop)
            )
        elif amount is None:
            db.session.delete(budget)
        else:
            budget.monthly_amount, budget.hard_stop = amount, hard_stop


def _check_choice(organization_id: UUID, chosen: Collection[UUID], plan: Plan) -> None:
    members = list_members(organization_id)
    if not set(chosen) <= {member.id for member in members}:
        raise ValidationFailed([FieldError("users", _l("Somebody you chose is not active any more. Choose again."))])
    if misfit := find_downgrade_problem(members, chosen, plan.team_members):
        more = seats_missing(members, plan.team_members) - len(set(chosen))
        raise ValidationFailed([FieldError("users", downgrade_problem_sentence(misfit, more))])


def _refuse_cancelled(subscription: Subscription) -> None:
    if subscription.status == SubscriptionStatus.CANCELLED:
        raise Conflict("plan", _l("This subscription was cancelled. Ask us to begin a new one."))


def _scheduled(subscription: Subscription) -> tuple[str | None, set[UUID], dict[str, str]]:
    return (
        subscription.scheduled_plan,
        set(subscription.scheduled_users_to_deactivate),
        dict(subscription.scheduled_takers),
    )


def _shown(subscription: Subscription) -> dict[str, Any]:
    """What the forms of a subscription show."""
    return {"plan": subscription.plan, "scheduled_plan": subscription.scheduled_plan}
