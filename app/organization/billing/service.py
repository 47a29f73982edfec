"""Changes of the plan and the budgets.

Upgrades start immediately, downgrades at the end of the period. A plan change locks the organization first, so that the
number of people can't change until it is stored. A stale `version` raises VersionConflict; requesting the current state
changes nothing.
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
from app.people.users.handover_rules import Successors
from app.people.users.handover_service import check_successors
from app.security.actor import Actor
from app.security.confirmation import require_confirmation_for
from app.security.permissions import Permission
from app.security.scope import visible
from app.tenancy.notification_service import notify_all
from app.tenancy.organization_queries import lock_organization
from app.tenancy.people_queries import list_people_in_charge
from app.tenancy.quota_service import BILLING_PAGE, apply_plan_quotas


def upgrade(actor: Actor, code: PlanCode, *, version: int) -> Subscription:
    """Upgrade to a larger plan immediately, with its quotas; a scheduled downgrade is canceled.

    Raises Forbidden, NotFound without a subscription, VersionConflict, and Conflict for a plan with any lower limit or
    a canceled subscription.
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
        raise Conflict("plan", _l("This plan is a downgrade, so it can only start when the billing period ends."))
    subscription.plan = code
    clear_schedule(subscription)
    changed = {"before": before.code, "after": code.value}
    name_action(Action.SUBSCRIPTION_UPGRADED, subscription, metadata=changed)
    apply_plan_quotas(organization, plan)
    owners = list_people_in_charge(actor.organization_id, Role.OWNER)
    notify_all(PLAN_CHANGED, owners, _l("Your organization’s plan was upgraded."), BILLING_PAGE)
    return subscription


def schedule_downgrade(
    actor: Actor, code: PlanCode, chosen: Collection[UUID], *, takers: Successors, version: int
) -> Subscription:
    """Schedule a smaller plan for the end of the period.

    The `chosen` people are deactivated then, and `takers` get their open work. Raises Forbidden, NotFound without a
    subscription, VersionConflict, Conflict for a plan without any lower limit or a canceled subscription, and
    ValidationFailed. Its errors are for `users`, if a chosen person takes no seat here, too few people are chosen, or
    every owner is chosen; and for each kind of work without a valid taker. Raises ReauthenticationRequired if anyone is
    chosen.
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
        raise Conflict("plan", _l("This plan isn’t a downgrade, so it can start right away."))
    _check_choice(actor.organization_id, chosen, plan)
    check_successors(actor.organization_id, chosen, takers)
    if chosen:
        require_confirmation_for(actor, Permission.USERS_DEACTIVATE)
    subscription.scheduled_plan = code
    subscription.scheduled_users_to_deactivate = sorted(set(chosen))
    subscription.scheduled_takers = wanted[2]
    subscription.scheduled_for = subscription.current_period_end
    subscription.downgrade_refused_at = None
    changed = {"before": subscription.plan, "after": code.value, "people": len(set(chosen))}
    name_action(Action.DOWNGRADE_SCHEDULED, subscription, metadata=changed)
    return subscription


def cancel_downgrade(actor: Actor, *, version: int) -> Subscription:
    """Cancel the scheduled downgrade, if there is one.

    Raises Forbidden, NotFound without a subscription, and VersionConflict.
    """
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
    """Clear the scheduled downgrade of a subscription."""
    subscription.scheduled_plan = subscription.scheduled_for = subscription.downgrade_refused_at = None
    subscription.scheduled_users_to_deactivate, subscription.scheduled_takers = [], {}


def set_budget(actor: Actor, kind: CostKind, amount: Decimal | None, *, hard_stop: bool, version: int) -> None:
    """Set the monthly budget of `kind` in USD, or remove it with None; `version` is 0 if none was set.

    Raises Forbidden, VersionConflict and, for an amount that the database refuses, ValidationFailed.
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
        raise ValidationFailed([FieldError("users", _l("Someone you chose is no longer active. Choose again."))])
    if misfit := find_downgrade_problem(members, chosen, plan.team_members):
        more = seats_missing(members, plan.team_members) - len(set(chosen))
        raise ValidationFailed([FieldError("users", downgrade_problem_sentence(misfit, more))])


def _refuse_cancelled(subscription: Subscription) -> None:
    if subscription.status == SubscriptionStatus.CANCELLED:
        raise Conflict("plan", _l("This subscription was canceled. Contact us to start a new one."))


def _scheduled(subscription: Subscription) -> tuple[str | None, set[UUID], dict[str, str]]:
    return (
        subscription.scheduled_plan,
        set(subscription.scheduled_users_to_deactivate),
        dict(subscription.scheduled_takers),
    )


def _shown(subscription: Subscription) -> dict[str, Any]:
    """Return the values that the forms of a subscription show."""
    return {"plan": subscription.plan, "scheduled_plan": subscription.scheduled_plan}
