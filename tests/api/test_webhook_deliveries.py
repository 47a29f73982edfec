"""Webhook deliveries in the JSON API: the list, one with its body, and its replay."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from app.models import AuditLog, Organization, Role, WebhookDelivery
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.api_lists import ids_in
from tests.support.direct_access import Behind
from tests.support.factories import Factories

FIELDS = {
    *("id", "provider", "eventType", "eventId", "signatureOk", "status", "ignoredBecause", "attempts"),
    *("nextAttemptAt", "error", "correlationId", "headers", "effects", "bodyBytes", "bodySha256"),
    *("processedAt", "createdAt"),
}


@pytest.fixture
def as_admin(new_api: NewApi, make: Factories, organization: Organization) -> ApiClient:
    return new_api(make.user(organization, Role.ADMIN))


def test_a_delivery_has_all_but_its_body(as_admin: ApiClient, make: Factories, organization: Organization) -> None:
    effect = {"resource_type": "call", "resource_id": str(make.call(organization).id), "action": "call.updated"}
    delivery = make.delivery(
        organization,
        status="processed",
        processed_at=datetime(2026, 3, 1, tzinfo=UTC),
        headers={"authorization": "[redacted]"},
        effects=[effect],
    )

    record = data_of(as_admin.get(f"/webhook-deliveries/{delivery.id}"), "webhookDelivery")

    assert set(record) == FIELDS
    assert record["effects"] == [
        {"resourceType": "call", "resourceId": effect["resource_id"], "action": "call.updated"}
    ]
    assert (record["headers"], record["eventId"]) == ({"authorization": "[redacted]"}, delivery.external_id)
    assert (record["bodyBytes"], record["bodySha256"]) == (len(delivery.body), delivery.body_sha256.hex())


def test_the_list_has_the_filters_of_the_page(as_admin: ApiClient, make: Factories, organization: Organization) -> None:
    dead = make.delivery(organization, status="dead", attempts=8)
    ignored = make.delivery(organization, provider="vapi", status="ignored", ignored_because="names_no_call")
    make.delivery(make.organization())

    assert ids_in(as_admin, "/webhook-deliveries") == [str(ignored.id), str(dead.id)]
    assert ids_in(as_admin, "/webhook-deliveries?status=dead,failed") == [str(dead.id)]
    assert ids_in(as_admin, "/webhook-deliveries?provider=vapi&ignoredBecause=names_no_call") == [str(ignored.id)]
    assert ids_in(as_admin, "/webhook-deliveries?eventType=hang") == []


@pytest.mark.parametrize(
    ("body", "text", "base64"),
    [("{“a”}".encode(), "{“a”}", None), (b"\xff\0", None, b64encode(b"\xff\0").decode()), (b"", "", None)],
)
def test_a_body_is_text_if_it_can_be(
    as_admin: ApiClient,
    make: Factories,
    organization: Organization,
    behind: Behind,
    body: bytes,
    text: str | None,
    base64: str | None,
) -> None:
    delivery = make.delivery(organization, body=body)

    assert data_of(as_admin.get(f"/webhook-deliveries/{delivery.id}/body")) == {"text": text, "base64": base64}
    assert behind.one(AuditLog, action="webhook_delivery.downloaded").resource_id == delivery.id


def test_a_delivery_is_replayed_once(
    as_admin: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    delivery = make.delivery(organization, status="dead", attempts=8)
    path = f"/webhook-deliveries/{delivery.id}/replay"

    record = data_of(as_admin.post(path), "webhookDelivery")
    assert (record["status"], record["attempts"]) == ("received", 0)
    assert error_of(as_admin.post(path), status=409)["code"] == "RESOURCE_CONFLICT"
    assert len(behind.rows(AuditLog, action="webhook_delivery.replayed")) == 1


def test_support_reads_and_others_find_nothing(
    new_api: NewApi, make: Factories, organization: Organization, behind: Behind
) -> None:
    delivery = make.delivery(organization, status="dead")
    support = new_api(make.user(organization, Role.SUPPORT))
    stranger = new_api(make.user(make.organization(), Role.ADMIN))

    assert support.get(f"/webhook-deliveries/{delivery.id}").status_code == 200
    error_of(support.post(f"/webhook-deliveries/{delivery.id}/replay"), status=403)
    for path in (f"/webhook-deliveries/{delivery.id}", f"/webhook-deliveries/{delivery.id}/body"):
        error_of(stranger.get(path), status=404)
    error_of(stranger.post(f"/webhook-deliveries/{delivery.id}/replay"), status=404)
    assert behind.one(WebhookDelivery).status == "dead"
