"""The JSON API of webhook deliveries and provider tasks: none."""

from app.declarations.api import NoApi
from app.organization.webhooks.resource import PROVIDER_TASK, WEBHOOK_DELIVERY

API = (
    NoApi(WEBHOOK_DELIVERY, "The API of incoming webhooks is not built yet."),
    NoApi(PROVIDER_TASK, "The app only uses it internally."),
)
