"""The JSON API of webhook deliveries; provider tasks have none."""

from app.declarations.api import Action, Api, NoApi, Operation
from app.errors import Conflict
from app.organization.webhooks.body_service import body_record
from app.organization.webhooks.queries import delivery_records
from app.organization.webhooks.replay_service import replay
from app.organization.webhooks.resource import PROVIDER_TASK, WEBHOOK_DELIVERY
from app.organization.webhooks.schemas import DeliveryBodyRecord, WebhookDeliveryRecord
from app.security.permissions import Permission

DELIVERIES = Api(
    WEBHOOK_DELIVERY,
    path="webhook-deliveries",
    key="webhookDelivery",
    records=delivery_records,
    record=WebhookDeliveryRecord,
    read=Permission.WEBHOOKS_READ,
    actions=(Action(Permission.WEBHOOKS_REPLAY, replay, verb="replay", errors=(Conflict,)),),
)

BODY = Operation(
    name="getWebhookDeliveryBody",
    method="GET",
    path="webhook-deliveries/{webhook_delivery_id}/body",
    run=body_record,
    summary="Get the body of a webhook delivery as it arrived",
    permissions=(Permission.WEBHOOKS_READ,),
    answer=DeliveryBodyRecord,
)

API = (
    DELIVERIES,
    BODY,
    NoApi(PROVIDER_TASK, "The app only uses it internally."),
)
