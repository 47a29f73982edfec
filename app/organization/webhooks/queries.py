"""Queries for lists of webhook deliveries. None of them reads a body, which can have ten megabytes."""

from sqlalchemy import ColumnElement, func, select

from app.db.conditions import is_any_of
from app.db.paging import newest_or_oldest_first
from app.models import DeliveryStatus, WebhookDelivery
from app.organization.webhooks.filters import DeliveryFilters
from app.periods import Span, span_of
from app.security.list_of import ListOf

SORTS = newest_or_oldest_first("createdAt", WebhookDelivery.created_at, WebhookDelivery.id)


def _conditions(filters: DeliveryFilters, span: Span | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if span is not None:
        conditions += [WebhookDelivery.created_at >= span.start, WebhookDelivery.created_at < span.end]
    if filters.provider is not None:
        conditions.append(WebhookDelivery.provider == filters.provider)
    if filters.event_type:
        conditions.append(WebhookDelivery.event_type == filters.event_type)
    if filters.status:
        conditions.append(is_any_of(WebhookDelivery.status, filters.status))
    if filters.ignored_because is not None:
        # Only ignored ones have a reason, and an index finds them.
        conditions.append(WebhookDelivery.status == DeliveryStatus.IGNORED)
        conditions.append(WebhookDelivery.ignored_because == filters.ignored_because)
    return conditions


_ROW = select(
    WebhookDelivery.id,
    WebhookDelivery.provider,
    WebhookDelivery.event_type,
    WebhookDelivery.external_id,
    WebhookDelivery.status,
    WebhookDelivery.ignored_because,
    WebhookDelivery.attempts,
    WebhookDelivery.next_attempt_at,
    WebhookDelivery.error,
    WebhookDelivery.created_at,
)

#: The deliveries that an actor can see and that match the filters.
delivery_list = ListOf(
    WebhookDelivery,
    _ROW,
    narrow=lambda filters, actor, now: _conditions(filters, span_of(filters, actor, now)),
    sorts=SORTS,
)

#: The same deliveries with all their values except the body.
delivery_records = ListOf(
    WebhookDelivery,
    _ROW.add_columns(
        WebhookDelivery.external_id.label("event_id"),
        WebhookDelivery.signature_ok,
        WebhookDelivery.correlation_id,
        WebhookDelivery.headers,
        WebhookDelivery.effects,
        func.octet_length(WebhookDelivery.body).label("body_bytes"),
        func.encode(WebhookDelivery.body_sha256, "hex").label("body_sha256"),
        WebhookDelivery.processed_at,
    ),
    narrow=lambda filters, actor, now: _conditions(filters, span_of(filters, actor, now)),
    sorts=SORTS,
)
