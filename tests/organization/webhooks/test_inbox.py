"""Pages of deliveries: the list with its filters, and one delivery with its body, headers and effects."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import AuditLog, Organization, Provider, Role, WebhookDelivery
from app.organization.webhooks.body_rules import MAX_DISPLAYED_BYTES, displayed_body, displayed_headers
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import text_of
from tests.support.plans import recorded_plans
from tests.support.queries import recorded_queries


@pytest.fixture
def admin(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.ADMIN))


def store(make: Factories, organization: Organization, body: bytes, **values: Any) -> WebhookDelivery:
    """Store a delivery with a body and its digest."""
    return make.delivery(
        organization, **{"provider": "vapi", "body": body, "body_sha256": sha256(body).digest(), **values}
    )


def address_of(delivery: WebhookDelivery) -> str:
    return f"/webhook-deliveries/{delivery.id}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"voice", "hang", "invoice.paid"}),
        ("provider=vapi", {"hang"}),
        ("event_type=voice", {"voice"}),
        ("event_type=voic", set()),
        ("status=dead", {"voice"}),
        ("status=received,failed", {"invoice.paid"}),
        ("ignored_because=names_no_call", {"hang"}),
        ("ignored_because=unused_event", set()),
        ("from=2026-03-01&to=2026-03-01", {"voice"}),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    admin: Client, make: Factories, organization: Organization, query: str, expected: set[str]
) -> None:
    long_ago = datetime(2026, 3, 1, 18, tzinfo=UTC)
    make.delivery(organization, status="dead", error="The disk was full.", created_at=long_ago)
    make.delivery(organization, provider="vapi", event_type="hang", status="ignored", ignored_because="names_no_call")
    make.delivery(organization, provider="billing", event_type="invoice.paid")
    make.delivery(make.organization(), event_type="strange")

    page = admin.get(f"/webhooks?{query}")

    assert {text_of(link) for link in page.all(".//tbody//th/a")} == expected


def test_a_row_names_status_reason_and_error(admin: Client, make: Factories, organization: Organization) -> None:
    make.delivery(organization, status="dead", attempts=8, error="The disk was full.")
    make.delivery(organization, status="ignored", ignored_because="names_no_call")

    rows = [text_of(row) for row in admin.get("/webhooks").all(".//tbody/tr")]

    assert "The event names no call" in rows[0]
    assert "The disk was full." in rows[1]


def test_the_list_pages_by_key_in_few_statements(
    app: Flask, admin: Client, make: Factories, organization: Organization
) -> None:
    with make.batch():
        for _ in range(51):
            make.delivery(organization)
    first = admin.get("/webhooks")

    with app.app_context(), recorded_queries(db.engine) as statements:
        second = admin.get(first.links["Older"])

    assert (len(first.all(".//tbody/tr")), len(second.all(".//tbody/tr"))) == (50, 1)
    assert len(statements) <= 8


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "idx_webhook_deliveries_date"),
        ("status=dead", "idx_webhook_deliveries_status_date"),
        ("ignored_because=names_no_call", "idx_webhook_deliveries_status_date"),
        ("provider=billing", "idx_webhook_deliveries_provider_date"),
        ("event_type=voice", "idx_webhook_deliveries_type_date"),
    ],
)
def test_an_index_returns_the_rows_in_their_order(app: Flask, admin: Client, query: str, index: str) -> None:
    with app.app_context(), recorded_plans(db.engine, "bitmapscan") as plans:
        admin.get(f"/webhooks?{query}")

    plan = next(plan for plan in plans if " on webhook_deliveries" in plan)
    assert index in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    ("role", "reading", "replaying"), [(Role.MANAGER, 403, 403), (Role.SUPPORT, 200, 403), (Role.ADMIN, 200, 303)]
)
def test_support_reads_and_admins_replay(
    client: Client, make: Factories, organization: Organization, role: Role, reading: int, replaying: int
) -> None:
    delivery = make.delivery(organization, status="dead")
    client.sign_in(make.user(organization, role))

    for address in ("/webhooks", address_of(delivery), f"{address_of(delivery)}/file"):
        assert client.status_of("GET", address) == reading
    if reading == 200:
        has_button = bool(client.get(address_of(delivery)).all(f".//form[@action='{address_of(delivery)}/replay']"))
        assert has_button == (replaying == 303)
    assert client.status_of("POST", f"{address_of(delivery)}/replay") == replaying


def test_nothing_of_another_organization_is_found(admin: Client, make: Factories) -> None:
    strange = address_of(make.delivery(make.organization(), status="dead"))

    assert admin.status_of("GET", strange) == admin.status_of("GET", f"{strange}/file") == 404
    assert admin.status_of("POST", f"{strange}/replay") == 404


def test_a_page_has_the_facts_and_shows_a_body_as_text(
    admin: Client, make: Factories, organization: Organization
) -> None:
    body = json.dumps({"message": {"type": "hang", "note": "<script>alert(1)</script>\u202e"}}).encode()
    delivery = store(
        make,
        organization,
        body,
        event_type="hang",
        external_id="c1:hang:17",
        correlation_id="correlation-1",
        status="ignored",
        ignored_because="names_no_call",
        headers={"authorization": "[redacted]", "x-note": "<b>bold</b>"},
    )

    page = admin.get(address_of(delivery))

    for text in ("c1:hang:17", "correlation-1", "The event names no call", "[redacted]", "<b>bold</b>"):
        assert text in page.text
    [element] = page.all(".//p[@data-body]")
    assert '"note": "<script>alert(1)</script>\\u202e"' in (element.text or "")


def test_a_form_is_a_table(admin: Client, make: Factories, organization: Organization) -> None:
    delivery = store(make, organization, b"CallSid=CA1&From=%2B15125550100&Digits=1&Digits=2", provider="twilio")

    rows = [text_of(row) for row in admin.get(address_of(delivery)).all(".//*[@id='body-table']//tbody/tr")]

    assert rows == ["CallSid CA1", "From +15125550100", "Digits 1", "Digits 2"]


def test_only_the_beginning_of_a_long_body_is_shown_and_all_of_it_downloaded(
    admin: Client, make: Factories, organization: Organization, behind: Behind
) -> None:
    body = json.dumps({"filler": "x" * MAX_DISPLAYED_BYTES, "end": "the end"}).encode()
    delivery = store(make, organization, body)

    page = admin.get(address_of(delivery))
    [element] = page.all(".//p[@data-body]")
    assert element.text == body[:MAX_DISPLAYED_BYTES].decode()
    assert "Only the beginning is shown" in page.text

    file = admin.get(f"{address_of(delivery)}/file")
    assert file.html == body.decode()
    assert file.headers["Content-Disposition"] == f'attachment; filename="vapi-{delivery.id}.txt"'
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    [entry] = behind.rows(AuditLog, action="webhook_delivery.downloaded")
    assert entry.resource_id == delivery.id


def test_a_page_says_why_a_body_is_short_or_missing(admin: Client, make: Factories, organization: Organization) -> None:
    forged = store(
        make, organization, b'{"a":', signature_ok=False, status="ignored", ignored_because="wrong_signature"
    )
    emptied = make.delivery(organization, status="processed", processed_at=datetime.now(UTC), body=b"")

    page = admin.get(address_of(forged))
    assert "Only its first 1,024 bytes are stored" in page.text
    assert "The signature is missing or wrong" in page.text
    page = admin.get(address_of(emptied))
    assert "The body is no longer stored" in page.text
    for delivery in (forged, emptied):
        assert not admin.get(address_of(delivery)).all(f".//form[@action='{address_of(delivery)}/replay']")


def test_effects_link_to_records_that_the_reader_can_open(
    client: Client, make: Factories, organization: Organization
) -> None:
    call, gone, subscription = make.call(organization), make.call(make.organization()), make.subscription(organization)
    effects = [
        {"resource_type": "call", "resource_id": str(call.id), "action": "call.updated"},
        {"resource_type": "call", "resource_id": str(gone.id), "action": "call.updated"},
        {"resource_type": "thing", "resource_id": str(gone.id), "action": "thing.updated"},
        {"resource_type": "subscription", "resource_id": str(subscription.id), "action": "payment.failed"},
    ]
    delivery = make.delivery(organization, status="processed", processed_at=datetime.now(UTC), effects=effects)
    client.sign_in(make.user(organization, Role.ADMIN))

    links = [link.get("href") for link in client.get(address_of(delivery)).all(".//*[@aria-labelledby='effects']//a")]

    assert links == [f"/calls/{call.id}", "/organization/billing"]


def test_waiting_deliveries_say_when_they_are_tried(admin: Client, make: Factories, organization: Organization) -> None:
    later = datetime.now(UTC) + timedelta(minutes=30)
    delivery = make.delivery(
        organization, status="failed", attempts=3, next_attempt_at=later, error="The database was down."
    )

    page = admin.get(address_of(delivery))

    assert "The database was down." in page.text
    assert "Retrying" in page.text


@pytest.mark.parametrize(
    ("provider", "body", "is_whole", "text"),
    [
        (Provider.VAPI, b'{"a":[1]}', True, '{\n  "a": [\n    1\n  ]\n}'),
        (Provider.VAPI, b'{"a":[1]}', False, '{"a":[1]}'),
        (Provider.VAPI, b"not json \xff", True, "not json \ufffd"),
        (Provider.TWILIO, b"a=%FF", True, "a=%FF"),
        (Provider.TWILIO, b"", True, ""),
        (Provider.VAPI, b"a\0b\r\nc", False, "a\ufffdb\nc"),
    ],
)
def test_a_body_that_cannot_be_read_is_shown_as_it_is(
    provider: Provider, body: bytes, is_whole: bool, text: str
) -> None:
    displayed = displayed_body(provider, body, is_whole=is_whole)

    assert (displayed.text, displayed.parameters) == (text, ())


def test_headers_are_sorted() -> None:
    assert displayed_headers({"b": "2", "a": "1"}) == [("a", "1"), ("b", "2")]
