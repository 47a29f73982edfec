"""Resource declarations of webhook deliveries and provider tasks."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered
from app.models import ProviderTask, WebhookDelivery
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

WEBHOOK_DELIVERY = Resource(
    name="webhook_delivery",
    model=WebhookDelivery,
    words=Words(_l("webhook delivery"), _l("webhook deliveries")),
    icon="webhook",
    title=lambda: WebhookDelivery.event_type,
    scope=Scope((Permission.WEBHOOKS_READ,), own_rows.nothing),
    stored=(
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
            "effects",
        ),
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
