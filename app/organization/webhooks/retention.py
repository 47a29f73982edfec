"""Retention of webhook deliveries."""

from app.declarations.retained import Retained
from app.organization.webhooks.resource import WEBHOOK_DELIVERY

DELIVERIES = Retained(kind="webhook_deliveries", resource=WEBHOOK_DELIVERY)
