"""Records of webhook deliveries in the JSON API."""

from typing import Any
from uuid import UUID

from app.declarations.record import Record, Timestamp
from app.models import DeliveryStatus, IgnoredReason, Provider


class EffectRecord(Record):
    """A change that a delivery made; `action` is its name in the audit trail."""

    resource_type: str
    resource_id: UUID
    action: str


class WebhookDeliveryRecord(Record):
    """An event that a provider sent, without its body.

    `event_id` is the provider's ID of the event, `body_bytes` the length of the stored body, and `body_sha256` the
    digest of the body that arrived, in hexadecimal digits. `next_attempt_at` is set while it waits.
    """

    id: UUID
    provider: Provider
    event_type: str
    event_id: str
    signature_ok: bool
    status: DeliveryStatus
    ignored_because: IgnoredReason | None
    attempts: int
    next_attempt_at: Timestamp | None
    error: str | None
    correlation_id: str | None
    headers: dict[str, Any]
    effects: list[EffectRecord]
    body_bytes: int
    body_sha256: str
    processed_at: Timestamp | None
    created_at: Timestamp


class DeliveryBodyRecord(Record):
    """The stored body of a delivery: `text`, or `base64` if its bytes aren't UTF-8."""

    text: str | None
    base64: str | None
