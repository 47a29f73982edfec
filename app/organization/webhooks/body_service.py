"""The whole body of a delivery, for people and programs; the audit trail records who read it."""

from base64 import b64encode
from uuid import UUID

from app.audit.actions import Action
from app.audit.record import record_apart
from app.organization.webhooks.detail_queries import get_body
from app.organization.webhooks.schemas import DeliveryBodyRecord
from app.security.actor import Actor


def read_body(actor: Actor, delivery_id: UUID) -> tuple[str, bytes]:
    """Return the provider and the body of a delivery, and record that it was read. Raises NotFound and RateLimited."""
    provider, body = get_body(actor, delivery_id)
    record_apart(Action.WEBHOOK_DELIVERY_DOWNLOADED, "webhook_delivery", delivery_id)
    return provider, body


def body_record(actor: Actor, delivery_id: UUID) -> DeliveryBodyRecord:
    """Return the body of a delivery as its record in the API, like `read_body`."""
    _provider, body = read_body(actor, delivery_id)
    try:
        return DeliveryBodyRecord(text=body.decode(), base64=None)
    except UnicodeDecodeError:
        return DeliveryBodyRecord(text=None, base64=b64encode(body).decode())
