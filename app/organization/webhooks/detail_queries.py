"""Queries for one webhook delivery: its facts with the beginning of its body, and its whole body."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.errors import NotFound
from app.extensions import db
from app.models import WebhookDelivery
from app.organization.webhooks.body_rules import MAX_DISPLAYED_BYTES
from app.security.actor import Actor
from app.security.scope import restrict

_FACTS = select(
    WebhookDelivery.id,
    WebhookDelivery.provider,
    WebhookDelivery.event_type,
    WebhookDelivery.external_id,
    WebhookDelivery.correlation_id,
    WebhookDelivery.signature_ok,
    WebhookDelivery.status,
    WebhookDelivery.ignored_because,
    WebhookDelivery.attempts,
    WebhookDelivery.next_attempt_at,
    WebhookDelivery.error,
    WebhookDelivery.processed_at,
    WebhookDelivery.headers,
    WebhookDelivery.effects,
    WebhookDelivery.body_sha256,
    WebhookDelivery.created_at,
    func.substring(WebhookDelivery.body, 1, MAX_DISPLAYED_BYTES).label("beginning"),
    func.octet_length(WebhookDelivery.body).label("body_bytes"),
)


def get_delivery(actor: Actor, delivery_id: UUID) -> Any:
    """Return a delivery with the `beginning` of its body, MAX_DISPLAYED_BYTES long, and its length. Raises NotFound."""
    facts = restrict(_FACTS, WebhookDelivery, actor)
    row = db.session.execute(facts.where(WebhookDelivery.id == delivery_id)).one_or_none()
    if row is None:
        raise NotFound("webhook_delivery", delivery_id)
    return row


def get_body(actor: Actor, delivery_id: UUID) -> tuple[str, bytes]:
    """Return the provider and the whole body of a delivery. Raises NotFound."""
    body = restrict(select(WebhookDelivery.provider, WebhookDelivery.body), WebhookDelivery, actor)
    row = db.session.execute(body.where(WebhookDelivery.id == delivery_id)).one_or_none()
    if row is None:
        raise NotFound("webhook_delivery", delivery_id)
    return row.provider, row.body
