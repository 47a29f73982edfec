"""The JSON API of webhook deliveries and provider tasks: none."""

from app.declarations.api import NoApi
from app.organization.webhooks.resource import PROVIDER_TASK, WEBHOOK_DELIVERY

API = (
    NoApi(WEBHOOK_DELIVERY, "comes with incoming webhooks"),
    NoApi(PROVIDER_TASK, "internal"),
)
