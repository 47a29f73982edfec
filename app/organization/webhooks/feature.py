"""Feature declaration for webhook deliveries and provider tasks."""

from app.declarations.consumer import Consumer
from app.declarations.feature import Feature
from app.organization.webhooks import api, notices, privacy, receive_views, resource, retention, views
from app.organization.webhooks.process_rules import CHANNEL
from app.organization.webhooks.process_service import process_due

FEATURE = Feature(
    blueprint=views.webhooks,
    pages=(receive_views,),
    api=api.API,
    resources=(
        resource.WEBHOOK_DELIVERY,
        resource.PROVIDER_TASK,
    ),
    notices=(notices.DELIVERY_DEAD,),
    consumers=(Consumer(CHANNEL, process_due),),
    retains=(retention.DELIVERIES,),
    personal=privacy.PERSONAL,
)
