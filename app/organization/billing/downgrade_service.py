"""Application of a scheduled downgrade when it is due."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.declarations.open_work import WorkKind
from app.errors import DomainError, LazyText
from app.extensions import db
from app.models import (
    AssignedTo,
    Organization,
    Plan,
    RecordSource,
    Role,
    Subscription,
    Task,
    TaskPriority,
)
from app.organization.billing.notices import PLAN_CHANGED
from app.organization.billing.queries import list_members, lock_subscription
from app.organization.billing.rules import (
    PLAN_DOWNGRADE,
    DowngradeProblem,
    downgrade_problem_sentence,
    find_downgrade_problem,
    seats_missing,
)
from app.organization.billing.service import clear_schedule
from app.people.users.handover_rules import parse_successor
from app.people.users.handover_service import hand_over, with_default_successors
from app.people.users.queries import lock_user
from app.people.users.service import deactivate
from app.tenancy.notification_service import notify_all
from app.tenancy.organization_queries import lock_organization
from app.tenancy.people_queries import list_people_in_charge
from app.tenancy.quota_queries import lock_usage
from app.tenancy.quota_service import BILLING_PAGE, apply_plan_quotas

_REFUSED = _l("The downgrade failed. Update your choices, or keep your plan.")


def apply_due_downgrade(organization_id: UUID, now: datetime) -> None:
    """Start the scheduled plan with its quotas if it is due, and deactivate the people selected for that.

    Their open work is assigned to the people who take it over. If the downgrade is no longer possible, nothing changes:
    the owners are notified, and one of them is assigned a task with the reason, only once however often this is called.
    The downgrade is then applied automatically as soon as it becomes possible.
    """
    organization = lock_organization(organization_id)
    subscription = lock_subscription(organization_id)
    if subscription.scheduled_for is None or subscription.scheduled_for > now:
        return
    plan = db.session.get_one(Plan, subscription.scheduled_plan)
    members = list_members(organization_id)
    chosen = set(subscription.scheduled_users_to_deactivate)
    if misfit := find_downgrade_problem(members, chosen, plan.team_members):
        staying = [member for member in members if member.id not in chosen]
        _refuse(subscription, misfit, seats_missing(staying, plan.team_members), now)
        return
    try:
        with db.session.begin_nested():
            _apply(organization, subscription, plan, [member for member in members if member.id in chosen])
    except DomainError:  # a taker has left, has another role or isn't free
        _refuse(subscription, DowngradeProblem.NO_TAKER, 0, now)


def _apply(organization: Organization, subscription: Subscription, plan: Plan, leaving: Sequence[Any]) -> None:
    lock_usage(organization.id)
    changed = {"before": subscription.plan, "after": plan.code}
    takers = {WorkKind(kind): parse_successor(taker) for kind, taker in subscription.scheduled_takers.items()}
    subscription.plan = plan.code
    clear_schedule(subscription)
    name_action(Action.SUBSCRIPTION_DOWNGRADED, subscription, metadata=changed)
    for person in leaving:
        user = lock_user(organization.id, person.id)
        hand_over(None, user, with_default_successors(takers))
        deactivate(user, PLAN_DOWNGRADE)
    apply_plan_quotas(organization, plan)
    owners = list_people_in_charge(organization.id, Role.OWNER)
    notify_all(PLAN_CHANGED, owners, _l("Your organization’s plan was downgraded."), BILLING_PAGE)


def _refuse(subscription: Subscription, misfit: DowngradeProblem, more: int, now: datetime) -> None:
    if subscription.downgrade_refused_at is not None:
        return
    subscription.downgrade_refused_at = now
    name_action(Action.DOWNGRADE_REFUSED, subscription, metadata={"reason": misfit.value})
    owners = list_people_in_charge(subscription.organization_id, Role.OWNER)
    notify_all(PLAN_CHANGED, owners, _REFUSED, BILLING_PAGE)
    with force_locale(owners[0].language):
        db.session.add(_task(owners[0].id, subscription.organization_id, downgrade_problem_sentence(misfit, more), now))
    db.session.flush()


def _task(owner_id: UUID, organization_id: UUID, why: LazyText, now: datetime) -> Task:
    """Build the task that tells an owner why the downgrade failed.

    Its title and description are stored, so call it in the owner's language.
    """
    return Task(
        organization_id=organization_id,
        title=_("Downgrade failed"),
        description=f"{why} {_REFUSED} ({BILLING_PAGE})",
        priority=TaskPriority.HIGH,
        assigned_to_type=AssignedTo.EXEC,
        assigned_to_user_id=owner_id,
        due_at=now,
        category="billing",
        source=RecordSource.SYSTEM,
    )
