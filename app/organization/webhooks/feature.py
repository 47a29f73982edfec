"""Feature declaration for webhook deliveries and provider tasks."""

from app.declarations.feature import Feature
from app.organization.webhooks import privacy, resource, retention

FEATURE = Feature(
    resources=(
        resource.WEBHOOK_DELIVERY,
        resource.PROVIDER_TASK,
    ),
    retains=(retention.DELIVERIES,),
    personal=privacy.PERSONAL,
)
