"""Feature declaration for webhook deliveries and provider tasks."""

from flask_babel import lazy_gettext as _l

from app.declarations.consumer import Consumer
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.organization.webhooks import (
    api,
    inbox_views,
    jobs,
    notices,
    privacy,
    receive_views,
    replay_views,
    resource,
    retention,
    views,
)
from app.organization.webhooks.process_rules import CHANNEL
from app.organization.webhooks.process_service import process_due
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.webhooks,
    pages=(receive_views, inbox_views, replay_views),
    navigation=(
        Place(
            Group.WORK,
            "webhooks.index",
            _l("Webhooks"),
            "webhook",
            Permission.WEBHOOKS_READ,
            order=2,
            other_path="/webhook-deliveries",  # errors below /webhooks/ are JSON
        ),
    ),
    jobs=(jobs.replay_deliveries, jobs.notify_of_lag),
    api=api.API,
    resources=(
        resource.WEBHOOK_DELIVERY,
        resource.PROVIDER_TASK,
    ),
    notices=(notices.DELIVERY_DEAD, notices.DELIVERIES_LATE),
    consumers=(Consumer(CHANNEL, process_due),),
    retains=(retention.DELIVERIES,),
    personal=privacy.PERSONAL,
)
