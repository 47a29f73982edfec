"""Resource declarations of webhook deliveries and provider tasks."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
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
)

PROVIDER_TASK = Resource(
    name="provider_task",
    model=ProviderTask,
    words=Words(_l("provider task"), _l("provider tasks")),
    icon="hourglass",
    scope=Scope((Permission.WEBHOOKS_READ,), own_rows.nothing),
    is_audited=False,
)
