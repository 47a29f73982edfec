"""Feature declaration for webhook deliveries and provider tasks."""

from app.declarations.feature import Feature
from app.organization.webhooks import api, privacy, resource, retention

FEATURE = Feature(
    api=api.API,
    resources=(
        resource.WEBHOOK_DELIVERY,
        resource.PROVIDER_TASK,
    ),
    retains=(retention.DELIVERIES,),
    personal=privacy.PERSONAL,
)
