"""Notification of deliveries that wait for long: once from the first that is late until none is."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.db.context import current_context
from app.extensions import db
from app.models import Role, WebhookDelivery
from app.organization.webhooks.notices import DELIVERIES_LATE
from app.organization.webhooks.process_rules import LATE_AFTER
from app.security.scope import unscoped
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge

#: Two runs of the job and a minute. Without a mark in this time, no delivery was late in the meantime.
_SAME_LAG_WITHIN = timedelta(minutes=11)
_LINK = "/webhooks?status=received,failed"


def notify_of_lag(now: datetime) -> None:
    """Notify the organization's owners and admins if deliveries are late, unless they were at the last run.

    Each run marks the one that has waited longest. A mark of the run before thus shows that the lag has lasted.
    """
    organization_id = current_context().organization_id
    deliveries = unscoped(select(WebhookDelivery.id), why="the schedule looks after all deliveries").where(
        WebhookDelivery.organization_id == organization_id
    )
    late = deliveries.where(WebhookDelivery.next_attempt_at <= now - LATE_AFTER)
    first = db.session.scalar(late.order_by(WebhookDelivery.next_attempt_at).limit(1))
    if organization_id is None or first is None:
        return
    marked = deliveries.where(WebhookDelivery.delayed_at >= now - _SAME_LAG_WITHIN)
    is_known = db.session.scalar(marked.limit(1)) is not None
    db.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.organization_id == organization_id, WebhookDelivery.id == first)
        .values(delayed_at=now)
    )
    if not is_known:
        people = list_people_in_charge(organization_id, Role.OWNER, Role.ADMIN)
        sentence = _l(
            "Events from providers have been waiting for over %(minutes)d minutes. Nothing is lost: they’re processed "
            "in the order of their arrival.",
            minutes=LATE_AFTER.total_seconds() // 60,
        )
        notify_all(DELIVERIES_LATE, people, sentence, _LINK)
