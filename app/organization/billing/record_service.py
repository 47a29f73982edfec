"""Plans changed by programs: a larger one at once, a smaller one later."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.extensions import db
from app.models import Plan, Subscription
from app.organization.billing import service
from app.organization.billing.queries import get_subscription, lock_subscription
from app.organization.billing.rules import is_larger
from app.organization.billing.schemas import PlanInput
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization


def change_plan(actor: Actor, _subscription_id: UUID, given: PlanInput) -> None:
    """Start a larger plan now, or schedule a smaller one for the end of the billing period.

    Raises ValidationFailed for people to deactivate with a larger plan, and the errors of `service.upgrade` and
    `service.schedule_downgrade`.
    """
    subscription = get_subscription(actor)
    before, after = (db.session.get_one(Plan, code) for code in (subscription.plan, given.plan))
    if is_larger(after, before):
        if given.users:
            raise ValidationFailed(
                [FieldError("users", _l("No one loses their seat with a higher plan. Leave this out."))]
            )
        service.upgrade(actor, given.plan, version=subscription.version)
    else:
        service.schedule_downgrade(actor, given.plan, given.users, takers=given.takers, version=subscription.version)


def hold_subscription(actor: Actor, _subscription_id: UUID) -> Subscription:
    """Return the subscription, locked after its organization, as changes of the plan do. Raises NotFound."""
    lock_organization(actor.organization_id)
    return lock_subscription(actor.organization_id)


def keep_plan(actor: Actor, _subscription_id: UUID) -> None:
    """Cancel the scheduled downgrade, if there is one. Raises the errors of `service.cancel_downgrade`."""
    service.cancel_downgrade(actor, version=get_subscription(actor).version)
