"""Resource declarations of webhook deliveries and provider tasks."""

from flask_babel import lazy_gettext as _l

from app.declarations.field import Choice, Column, Field, Moment, Number, Priority
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered, not_returned, returned_as
from app.models import DeliveryStatus, IgnoredReason, Provider, ProviderTask, WebhookDelivery
from app.organization.webhooks.filters import DeliveryFilters
from app.organization.webhooks.queries import SORTS, delivery_list
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

DELIVERY_LIST = Listed(
    name="webhook_deliveries",
    label=_l("Webhook deliveries"),
    endpoint="webhooks.index",
    permission=Permission.WEBHOOKS_READ,
    filters=DeliveryFilters,
    query=delivery_list,
    sorts=SORTS,
    bar_label=_l("Filter deliveries"),
    pickers=("provider", "event_type", "status", "ignored_because"),
    also_offered={"status": (("received,failed", _l("Waiting")),)},
    days=FROM_TO,
    keeps_views=False,
)

WEBHOOK_DELIVERY = Resource(
    name="webhook_delivery",
    model=WebhookDelivery,
    words=Words(_l("webhook delivery"), _l("webhook deliveries")),
    icon="webhook",
    title=lambda: WebhookDelivery.event_type,
    page=("webhooks.show", "delivery_id"),
    page_permission=Permission.WEBHOOKS_READ,
    scope=Scope((Permission.WEBHOOKS_READ,), own_rows.nothing),
    listed=DELIVERY_LIST,
    stored=(
        returned_as("event_id", "external_id"),
        not_returned("It can have ten megabytes, so an operation of its own returns it.", "body"),
        not_returned("It only tells the app that people were notified of the wait.", "delayed_at"),
        not_entered(
            "The provider sends it, and the app records what it did with it.",
            "provider",
            "event_type",
            "headers",
            "body",
            "body_sha256",
            "correlation_id",
            "signature_ok",
            "ignored_because",
            "status",
            "attempts",
            "next_attempt_at",
            "error",
            "processed_at",
            "delayed_at",
            "effects",
        ),
    ),
    fields=(
        Field("event_type", _l("Event type"), column=Column(is_fixed=True)),
        Field("provider", _l("Provider"), Choice(Provider), Column()),
        Field(
            "status",
            _l("Status"),
            Choice(
                DeliveryStatus,
                {"received": "info", "processed": "good", "failed": "warn", "dead": "bad", "ignored": "plain"},
            ),
            Column(),
            recorded=(),
        ),
        Field(
            "ignored_because",
            _l("Reason"),
            Choice(IgnoredReason),
            Column(Priority.WIDER),
        ),
        Field("attempts", _l("Attempts"), Number(), Column(Priority.WIDER), recorded=()),
        Field("error", _l("Error"), column=Column(Priority.WIDEST), recorded=()),
        Field("created_at", _l("Received"), Moment("relative"), Column(Priority.WIDE, is_whole=True), recorded=()),
    ),
)

PROVIDER_TASK = Resource(
    name="provider_task",
    model=ProviderTask,
    words=Words(_l("provider task"), _l("provider tasks")),
    icon="hourglass",
    scope=Scope((Permission.WEBHOOKS_READ,), own_rows.nothing),
    is_audited=False,
    stored=(
        not_entered(
            "The app records what it asked a provider to do.",
            "subject_type",
            "subject_id",
            "kind",
            "external_task_id",
            "status",
            "attempts",
            "next_attempt_at",
            "error",
            "processed_output_hash",
        ),
    ),
)
