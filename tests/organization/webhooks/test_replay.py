"""Replays: of one delivery or of all that match, once each, and only of what can be processed again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import Conflict, Forbidden
from app.models import AuditLog, Job, Organization, PaymentEvent, Role, WebhookDelivery
from app.ops.jobs.worker import run_worker
from app.organization.webhooks import replay_service
from app.organization.webhooks.filters import DeliveryFilters
from tests.organization.webhooks.conftest import Handle, Process, Providers
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import both_at_once

DEAD = {"status": "dead", "attempts": 8, "error": "The disk was full."}
DONE = {"status": "processed", "attempts": 1, "processed_at": datetime(2026, 3, 1, tzinfo=UTC)}


@pytest.fixture
def admin(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.ADMIN, name="Ada Admin"))


def replay_address(delivery: WebhookDelivery) -> str:
    return f"/webhook-deliveries/{delivery.id}/replay"


@pytest.mark.parametrize(
    "values",
    [
        DEAD,
        {**DONE, "effects": [{"resource_type": "call", "resource_id": "…", "action": "call.updated"}]},
        {"status": "failed", "attempts": 3, "next_attempt_at": datetime(2030, 1, 1, tzinfo=UTC), "error": "No."},
        {"status": "ignored", "ignored_because": "unused_event"},
    ],
    ids=["dead", "processed", "failed", "ignored"],
)
def test_a_delivery_is_due_again_from_its_first_attempt(
    admin: Client, make: Factories, organization: Organization, behind: Behind, values: dict[str, Any]
) -> None:
    delivery = make.delivery(organization, **values)

    admin.post(replay_address(delivery))

    row = behind.one(WebhookDelivery)
    assert (row.status, row.attempts, row.error, row.ignored_because) == ("received", 0, None, None)
    assert row.processed_at is None
    assert row.next_attempt_at
    assert row.next_attempt_at <= datetime.now(UTC)
    assert row.effects == values.get("effects", [])
    [entry] = behind.rows(AuditLog, action="webhook_delivery.replayed")
    assert (entry.resource_id, entry.actor_label) == (delivery.id, "Ada Admin")
    assert entry.details == {"status": values["status"]}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "already waiting"),
        ({**DEAD, "body": b""}, "no longer stored"),
        ({"status": "ignored", "ignored_because": "wrong_signature", "signature_ok": False}, "verified"),
    ],
    ids=["received", "emptied", "forged"],
)
def test_what_cannot_be_processed_again_is_refused(
    admin: Client, make: Factories, organization: Organization, behind: Behind, values: dict[str, Any], sentence: str
) -> None:
    delivery = make.delivery(organization, **values)

    page = admin.post(replay_address(delivery), status=409)

    assert sentence in page.text
    assert behind.rows(AuditLog, action="webhook_delivery.replayed") == []
    assert behind.one(WebhookDelivery).status == delivery.status


def test_the_worker_is_notified(
    admin: Client, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    delivery = make.delivery(organization, **DEAD)
    with admin_engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        connection.execute(text("LISTEN webhook_deliveries"))
        connection.commit()

        admin.post(replay_address(delivery))

        assert [notice.channel for notice in driver.notifies(timeout=10, stop_after=1)] == ["webhook_deliveries"]


def test_of_two_who_replay_at_once_one_is_told(
    app: Flask, make: Factories, organization: Organization, behind: Behind
) -> None:
    delivery = make.delivery(organization, **DEAD)
    again = partial(replay_service.replay, acting(make.user(organization, Role.ADMIN)), delivery.id)

    assert [type(error) for error in both_at_once(app, organization.id, again, again)] == [Conflict]
    assert len(behind.rows(AuditLog, action="webhook_delivery.replayed")) == 1


def test_a_payment_that_is_replayed_counts_once(
    providers: Providers, make: Factories, behind: Behind, client: Client, process: Process
) -> None:
    make.subscription(providers.organization)
    client.sign_in(make.user(providers.organization, Role.OWNER))
    event = {"id": "evt_1", "type": "invoice.payment_failed", "created": 1_796_137_445, "account": "billing-1"}
    providers.send("billing", event)
    process()
    first = behind.one(WebhookDelivery)

    client.post(replay_address(first))
    process()

    row = behind.one(WebhookDelivery)
    assert (row.status, row.attempts) == ("processed", 1)
    assert row.effects == first.effects
    assert len(behind.rows(PaymentEvent)) == 1


def test_what_is_ignored_again_keeps_its_reason(
    providers: Providers, admin: Client, behind: Behind, process: Process
) -> None:
    providers.send("twilio/status", b"CallSid=CA1&CallStatus=completed")
    providers.send("callrail/text", {"id": "c1"})
    for row in behind.rows(WebhookDelivery):
        admin.post(replay_address(row))
    process()

    reasons = {row.provider: (row.status, row.ignored_because) for row in behind.rows(WebhookDelivery)}
    assert reasons == {"twilio": ("ignored", "calls_not_processed"), "callrail": ("ignored", "texts_not_processed")}


def test_a_replay_waits_for_the_attempt_that_is_under_way(
    app: Flask,
    make: Factories,
    organization: Organization,
    behind: Behind,
    handled: Callable[[Handle], None],
    process: Process,
) -> None:
    delivery = make.delivery(organization, provider="billing", event_type="invoice.paid", body=b"{}", status="failed",
                             next_attempt_at=datetime(2026, 3, 1, tzinfo=UTC))  # fmt: skip
    handled(lambda _event: ())
    again = partial(replay_service.replay, acting(make.user(organization, Role.ADMIN)), delivery.id)

    assert both_at_once(app, organization.id, again, process) == []
    process()

    assert behind.one(WebhookDelivery).status == "processed"
    assert len(behind.rows(AuditLog, action="webhook_delivery.replayed")) == 1


def test_all_that_match_are_replayed_by_a_job(
    app: Flask,
    admin: Client,
    make: Factories,
    organization: Organization,
    behind: Behind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replay_service, "_ROWS_A_STEP", 2)
    for _ in range(3):
        make.delivery(organization, **DEAD)
    make.delivery(organization, **{**DEAD, "body": b""})
    other = make.delivery(organization, provider="vapi", **DEAD)
    strange = make.delivery(make.organization(), **DEAD)

    address = "/webhook-deliveries/replay?provider=twilio&status=dead"
    page = admin.get(address)
    assert "3 deliveries" in page.text
    later = make.delivery(organization, **DEAD, created_at=datetime.now(UTC) + timedelta(hours=1))
    progress = admin.follow(admin.post(address, page.fields(address)))
    assert "Replay webhook deliveries" in progress.text
    run_worker(app, schedule=(), until_idle=True)

    assert behind.one(Job).status == "done"
    waiting = {row.id for row in behind.rows(WebhookDelivery) if row.status != "received"}
    assert {other.id, strange.id, later.id} <= waiting
    assert len(behind.rows(AuditLog, action="webhook_delivery.replayed")) == 3
    assert "None of the deliveries" in admin.get("/webhook-deliveries/replay?provider=shunya").text


def test_too_many_are_not_replayed(
    admin: Client, make: Factories, organization: Organization, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("replay_rules", "replay_service", "replay_views"):
        monkeypatch.setattr(f"app.organization.webhooks.{module}.MAX_REPLAYED", 1)
    for _ in range(2):
        make.delivery(organization, **DEAD)

    page = admin.get("/webhook-deliveries/replay?status=dead")
    assert "Narrow the filters first" in page.text
    admin.post("/webhook-deliveries/replay?status=dead", status=409)
    assert behind.rows(Job) == []


def test_a_person_who_lost_the_permission_replays_nothing(
    app: Flask, make: Factories, organization: Organization, behind: Behind
) -> None:
    make.delivery(organization, **DEAD)
    support = acting(make.user(organization, Role.SUPPORT))

    for attempt in (
        lambda: replay_service.replay(support, behind.one(WebhookDelivery).id),
        lambda: replay_service.replay_matching(support, DeliveryFilters(), datetime.now(UTC)),
    ):
        assert [type(error) for error in both_at_once(app, organization.id, attempt)] == [Forbidden]
