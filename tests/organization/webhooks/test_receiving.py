"""Requests of providers: verified, stored once, and answered as docs/webhooks.md says."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.models import AuditLog, Integration, Organization, OrganizationStatus, WebhookDelivery
from app.organization.webhooks import receive_queries
from app.security.requesters import known_requesters
from app.web import webhook_rates
from tests.organization.webhooks.conftest import FORM, JSON, SECRET, Providers
from tests.support.direct_access import Behind
from tests.support.factories import Factories

CALL = b"CallSid=CA1&CallStatus=ringing&From=%2B15125550100"
PAID: dict[str, Any] = {"id": "evt_1", "type": "invoice.paid", "created": 1_796_137_445, "account": "billing-1"}
RESULT: dict[str, Any] = {"event": "task.completed", "task_id": "t1", "company_id": "shunya-1", "result": {}}

#: An address, a body for it, and the answer: status, and the JSON or the text of its body.
VERIFIED: list[tuple[str, bytes | dict[str, Any], int, object]] = [
    ("twilio/voice", CALL, 200, "<Response><Reject/></Response>"),
    ("twilio/dial", CALL, 200, "<Response/>"),
    ("twilio/sms", b"MessageSid=SM1&Body=That%27s+it", 200, "<Response/>"),
    ("twilio/status", CALL, 204, ""),
    ("twilio/recording", b"CallSid=CA1&RecordingSid=RE1", 204, ""),
    ("twilio/message-status", b"MessageSid=SM1&MessageStatus=sent", 204, ""),
    ("vapi", {"message": {"type": "hang", "call": {"id": "c1"}}}, 200, {"status": "ignored"}),
    ("callrail/post-call", {"id": 7, "direction": "inbound"}, 200, {"status": "ignored"}),
    ("callrail/text", {"id": "x"}, 200, {"status": "ignored"}),
    ("shunya", RESULT, 200, {"status": "received"}),
    ("billing", PAID, 200, {"status": "received"}),
]


@pytest.mark.parametrize(("path", "body", "status", "answer"), VERIFIED)
def test_a_verified_request_is_stored_byte_for_byte_and_once(
    providers: Providers, behind: Behind, path: str, body: bytes | dict[str, Any], status: int, answer: object
) -> None:
    response = providers.send(path, body)

    content = response.get_json() if response.is_json else response.get_data(as_text=True)
    assert (response.status_code, content) == (status, answer)
    row = behind.one(WebhookDelivery)
    assert row.organization_id == providers.organization.id
    assert row.provider == path.partition("/")[0]
    assert row.body == (body if isinstance(body, bytes) else json.dumps(body).encode())
    assert (row.signature_ok, row.status) == (True, "received" if answer == {"status": "received"} else "ignored")
    assert (row.ignored_because is None) == (row.status == "received") == (row.next_attempt_at is not None)

    again = providers.send(path, body)
    assert again.status_code == status
    if again.is_json:
        assert again.get_json() == {"status": "duplicate"}
    assert behind.one(WebhookDelivery).id == row.id


def test_its_arrival_leaves_no_entry_in_the_trail(providers: Providers, behind: Behind) -> None:
    providers.send("billing", PAID)

    assert behind.rows(AuditLog, resource_type="webhook_delivery") == []


@pytest.mark.parametrize(("path", "body"), [(path, body) for path, body, _status, _answer in VERIFIED])
def test_another_secret_or_a_changed_body_is_refused_and_its_beginning_stored(
    providers: Providers, behind: Behind, path: str, body: bytes | dict[str, Any]
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    is_form = path.startswith("twilio")
    changed = content + (b"&Extra=" + b"x" * 2_000 if is_form else b" " * 2_000)

    assert providers.send(path, changed, signed=content).status_code == 401
    assert providers.send(path, content, secret="another").status_code == 401

    long, _short = sorted(behind.rows(WebhookDelivery), key=lambda row: -len(row.body))
    assert long.body == changed[:1_024]
    assert (long.signature_ok, long.status, long.ignored_because) == (False, "ignored", "wrong_signature")
    response = providers.send(path, content, secret="another")
    assert response.content_type.startswith("text/xml" if path in ("twilio/voice", "twilio/dial") else JSON)


def test_secrets_are_masked(providers: Providers, behind: Behind, account: Any) -> None:
    behind.change(behind.one(Integration, provider="vapi"), webhook_authentication="bearer")

    sent = providers.send("vapi", {"message": {"type": "hang"}}, headers={"Authorization": f"Bearer {SECRET}"})

    assert sent.status_code == 200
    row = behind.one(WebhookDelivery)
    assert row.headers["authorization"] == "[redacted]"
    assert SECRET not in json.dumps(row.headers)
    assert providers.send("vapi", {"message": {"type": "hang"}}).status_code == 401  # a signature is no token


@pytest.mark.parametrize("path", ["twilio/voice", "vapi", "billing"])
def test_an_unknown_key_is_not_found_and_leaves_no_row(providers: Providers, behind: Behind, path: str) -> None:
    assert providers.send(path, CALL if path.startswith("twilio") else PAID, key="unknown").status_code == 404
    assert behind.rows(WebhookDelivery) == []


def test_the_key_of_another_organization_does_not_open_this_one(
    providers: Providers, make: Factories, behind: Behind
) -> None:
    other = make.organization()
    make.integration(other, provider="callrail", secrets=b"of somebody else", enabled=False)

    assert providers.send("billing", PAID, key=other.webhook_key).status_code == 503
    assert behind.rows(WebhookDelivery) == []


def test_without_a_secret_it_says_so(app: Flask, organization: Organization) -> None:
    response = Providers(app, organization).send("billing", PAID)

    assert (response.status_code, response.get_json()["error"]["code"]) == (503, "WEBHOOKS_NOT_CONFIGURED")


def test_an_event_about_another_account_is_refused(providers: Providers, behind: Behind) -> None:
    for path, body in (("billing", {**PAID, "account": "other"}), ("shunya", {**RESULT, "company_id": ""})):
        response = providers.send(path, body)
        assert (response.status_code, response.get_json()["error"]["code"]) == (403, "OTHER_ORGANIZATION")

    assert {row.ignored_because for row in behind.rows(WebhookDelivery)} == {"other_organization"}


def test_events_of_another_company_at_callrail_are_ignored(providers: Providers, behind: Behind) -> None:
    behind.change(behind.one(Integration, provider="callrail"), company_id="COM1")

    for company in ("COM1", "COM2"):
        providers.send("callrail/post-call", {"resource_id": f"CAL-{company}", "company_resource_id": company})

    reasons = {row.external_id: row.ignored_because for row in behind.rows(WebhookDelivery)}
    assert reasons == {"CAL-COM1:post-call": None, "CAL-COM2:post-call": "other_company"}


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("vapi", b"{" * 33, {}, 400),
        ("vapi", b'{"a":' * 100 + b"1" + b"}" * 100, {}, 400),
        ("vapi", b"[]", {}, 400),
        ("vapi", b"", {}, 400),
        ("vapi", b'{"a": "\xff"}', {}, 400),
        ("vapi", b'{"a": "\\ud800"}', {}, 400),
        ("twilio/sms", b"Body=%FF%FE", {}, 400),
        ("twilio/sms", b"Body=\xc3\xa9", {}, 400),
        ("twilio/sms", b"&".join(b"a=1" for _ in range(1_001)), {}, 400),
        ("vapi", gzip.compress(b"{}", mtime=0), {"Content-Encoding": "gzip"}, 415),
        ("vapi", b"{}", {"Content-Encoding": "br"}, 415),
        ("vapi", b"a=1", {"Content-Type": FORM}, 415),
        ("twilio/sms", b"{}", {"Content-Type": JSON}, 415),
        ("twilio/sms", b"x", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_stored(
    providers: Providers, behind: Behind, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = providers.send(path, body, signed=b"", headers=headers)

    assert response.status_code == status
    assert response.is_json
    assert behind.rows(WebhookDelivery) == []


def test_ten_megabytes_are_accepted_and_eleven_are_not(providers: Providers) -> None:
    large = json.dumps({**PAID, "filler": "x" * 10_000_000}).encode()

    assert providers.send("billing", large).status_code == 200
    assert providers.send("billing", large + b" " * 1_000_000).status_code == 413


def test_nul_bytes_are_stored_as_they_came(providers: Providers, behind: Behind) -> None:
    providers.send("billing", {**PAID, "id": "evt\0 1", "note": "\0"}, headers={"X-Note": "caf\xe9"})

    assert behind.one(WebhookDelivery).external_id == "evt 1"


def test_a_day_keeps_a_few_refused_requests_and_counts_the_rest(
    providers: Providers, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_queries, "MAX_REFUSED", 2)
    for number in range(4):
        assert providers.send("billing", {**PAID, "id": str(number)}, secret="forged").status_code == 401
    assert len(behind.rows(WebhookDelivery)) == 2

    for row in behind.rows(WebhookDelivery):
        behind.change(row, created_at=row.created_at - timedelta(days=1))
    providers.send("billing", PAID, secret="forged")
    assert len(behind.rows(WebhookDelivery)) == 3


def test_forged_requests_leave_room_for_verified_ones_and_calls_are_not_limited(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_rates, "DELIVERIES_PER_MINUTE", 3)
    for number in range(6):
        assert providers.send("billing", {**PAID, "id": str(number)}, secret="forged").status_code == 401

    answers = [providers.send("billing", {**PAID, "id": str(number)}) for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert providers.send("twilio/status", CALL).status_code == 429
    assert providers.send("twilio/voice", CALL).status_code == 200


def test_a_suspended_organization_receives_and_a_deleted_one_is_unknown(
    providers: Providers, behind: Behind, make: Factories
) -> None:
    behind.change(providers.organization, status=OrganizationStatus.SUSPENDED)
    assert providers.send("billing", PAID).status_code == 200

    behind.change(providers.organization, deleted_at=providers.organization.created_at)
    assert providers.send("billing", PAID).status_code == 404


def test_maintenance_closes_the_pages_and_not_the_addresses(providers: Providers, app: Flask) -> None:
    app.test_cli_runner().invoke(args=["maintenance", "on"])
    try:
        assert app.test_client().get("/calls").status_code == 503
        assert providers.send("billing", PAID).status_code == 200
    finally:
        app.test_cli_runner().invoke(args=["maintenance", "off"])


def test_the_organization_of_the_address_is_the_requester(providers: Providers, app: Flask) -> None:
    providers.send("twilio/voice", CALL)

    with app.app_context():
        known = [requester.organization for requester in known_requesters()._known.values()]
    assert providers.organization.id in known


@pytest.fixture
def platform(app: Flask, organization: Organization, monkeypatch: pytest.MonkeyPatch) -> Providers:
    """Providers whose accounts are the platform's."""
    settings: Settings = app.config["SETTINGS"]
    values = {"shunya_webhook_secret": SECRET, "billing_webhook_secret": SECRET}
    changed = Settings.model_validate({**settings.model_dump(), **values})
    monkeypatch.setitem(app.config, "SETTINGS", changed)
    return Providers(app, organization)


def test_the_platforms_accounts_send_no_key(
    platform: Providers, make: Factories, behind: Behind, organization: Organization
) -> None:
    other = make.organization()
    make.provider_task(make.call(organization), external_task_id="t1")

    assert platform.send("billing", {**PAID, "account": str(organization.id)}, key="").status_code == 200
    assert platform.send("shunya", {**RESULT, "company_id": str(organization.id)}, key="").status_code == 200

    assert {row.organization_id for row in behind.rows(WebhookDelivery)} == {organization.id}
    for path, body in (
        ("billing", {**PAID, "id": "2", "account": "unknown"}),
        ("shunya", {**RESULT, "task_id": "t2", "company_id": str(organization.id)}),
        ("shunya", {**RESULT, "company_id": str(other.id)}),
    ):
        assert platform.send(path, body, key="").status_code == 404
        assert platform.send(path, body, key="", secret="forged").status_code == 401
    assert len(behind.rows(WebhookDelivery)) == 2


def test_a_task_of_two_organizations_names_neither(
    platform: Providers, make: Factories, behind: Behind, organization: Organization
) -> None:
    for owner in (organization, make.organization()):
        make.provider_task(make.call(owner), external_task_id="t1")

    assert platform.send("shunya", {**RESULT, "company_id": str(organization.id)}, key="").status_code == 404


def test_the_platforms_account_serves_the_addresses_with_a_key(
    platform: Providers, behind: Behind, organization: Organization, make: Factories
) -> None:
    other = make.organization()

    assert platform.send("billing", {**PAID, "account": str(organization.id)}).status_code == 200
    assert platform.send("billing", {**PAID, "account": str(organization.id)}, key=other.webhook_key).status_code == 403
