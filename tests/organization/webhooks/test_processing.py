"""Processing of deliveries: once each, in order, and again after a failure."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context, current_context, use_context
from app.db.session import jobs_role
from app.declarations.delivery import DeliveredEvent, DeliveryIgnored, Effect
from app.errors import Conflict
from app.extensions import db
from app.models import (
    AuditLog,
    IgnoredReason,
    Invoice,
    Job,
    Notification,
    Organization,
    OrganizationStatus,
    PaymentEvent,
    Role,
    Subscription,
    WebhookDelivery,
)
from app.organization.webhooks.process_rules import MAX_ATTEMPTS, wait_after
from app.organization.webhooks.process_service import process_due
from tests.organization.webhooks.conftest import Handle, Process, Providers
from tests.support.direct_access import Behind
from tests.support.factories import Factories

START = datetime(2026, 11, 1, tzinfo=UTC)
UPDATED = b'{"id": "evt_1", "type": "customer.updated", "created": 1, "account": "billing-1"}'
INVOICE = {
    "number": "INV-1",
    "amount": "129.00",
    "currency": "USD",
    "period_start": "2026-12-01T00:00:00Z",
    "period_end": "2027-01-01T00:00:00Z",
    "issued_at": "2026-12-01T00:00:00Z",
}


def payment(event_id: str, kind: str = "invoice.paid", day: int = 0, **values: Any) -> dict[str, Any]:
    """Return an event of the payment provider, so many days after START."""
    created = int((START + timedelta(days=day)).timestamp())
    return {"id": event_id, "type": kind, "created": created, "account": "billing-1", **values}


@pytest.fixture
def subscribed(make: Factories, providers: Providers) -> Providers:
    make.subscription(providers.organization)
    make.user(providers.organization, Role.OWNER)
    return providers


def statuses(behind: Behind) -> list[str]:
    return [row.status for row in sorted(behind.rows(WebhookDelivery), key=lambda row: row.created_at)]


def test_a_payment_takes_effect_once_and_leaves_one_entry(
    subscribed: Providers, behind: Behind, process: Process
) -> None:
    event = payment("evt_1", "invoice.payment_failed", data={"invoice": INVOICE})
    for _ in range(3):
        subscribed.send("billing", event, headers={"X-Correlation-ID": "correlation-1"})
    process()
    process()

    row, subscription = behind.one(WebhookDelivery), behind.one(Subscription)
    assert (row.status, row.attempts, row.next_attempt_at, row.error) == ("processed", 1, None, None)
    effect = {"resource_type": "subscription", "resource_id": str(subscription.id), "action": "payment.failed"}
    assert row.effects == [effect]
    assert (subscription.retry_count, behind.one(Invoice).number) == (1, "INV-1")
    [entry] = behind.rows(AuditLog, action="payment.failed")
    assert (entry.actor_label, entry.source, entry.correlation_id) == ("Billing", "external", "correlation-1")
    assert behind.rows(Job) == []
    assert len(behind.rows(PaymentEvent)) == 1


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_payments_in_every_order_and_repeated_lead_to_one_state(
    subscribed: Providers, behind: Behind, process: Process, order: Sequence[int]
) -> None:
    failed = "invoice.payment_failed"
    events = [payment("1", failed, 1), payment("2", failed, 2), payment("3", day=3), payment("4", failed, 4)]
    for number in (*order, *order):
        subscribed.send("billing", events[number])
        process()

    subscription = behind.one(Subscription)
    assert (subscription.status, subscription.retry_count) == ("active", 1)
    actions = sorted(entry.action for entry in behind.rows(AuditLog) if entry.action.startswith("payment."))
    assert actions == ["payment.failed"] * 3 + ["payment.succeeded"]


@pytest.mark.parametrize(
    "changes",
    [
        {"created": "yesterday"},
        {"created": 1e300},
        {"data": {"invoice": "INV-1"}},
        {"data": {"invoice": {**INVOICE, "amount": "NaN"}}},
        {"data": {"invoice": {**INVOICE, "amount": "-5"}}},
        {"data": {"invoice": {**INVOICE, "currency": "dollars"}}},
        {"data": {"invoice": {**INVOICE, "period_end": "2026-01-01T00:00:00"}}},
        {"data": {"invoice": {**INVOICE, "number": "\0"}}},
    ],
)
def test_a_payment_that_cannot_be_read_fails_in_words_and_changes_nothing(
    subscribed: Providers, behind: Behind, process: Process, changes: dict[str, Any]
) -> None:
    subscribed.send("billing", {**payment("evt_1"), **changes})
    process()

    row = behind.one(WebhookDelivery)
    assert (row.status, row.attempts) == ("failed", 1)
    assert row.error
    assert "Something broke" not in row.error
    assert behind.rows(PaymentEvent) == []


def test_deliveries_run_in_the_order_of_their_arrival_and_organizations_take_turns(
    app: Flask,
    make: Factories,
    organization: Organization,
    process: Process,
    handled: Callable[[Handle], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.organization.webhooks.process_service.DELIVERIES_PER_TURN", 2)
    other = make.organization()
    for owner, count in ((organization, 3), (other, 1)):
        for number in range(count):
            make.delivery(owner, provider="billing", event_type="invoice.paid", body=b"{}", external_id=f"{number}")
    order: list[tuple[bool, str]] = []

    def handle(event: DeliveredEvent) -> Sequence[Effect]:
        order.append((event.organization_id == organization.id, event.id))
        return ()

    handled(handle)
    process()

    assert order == [(True, "0"), (True, "1"), (False, "0"), (True, "2")]


def test_a_failure_is_tried_again_and_holds_up_no_other(
    make: Factories, organization: Organization, behind: Behind, process: Process, handled: Callable[[Handle], None]
) -> None:
    broken, fine = (
        make.delivery(organization, provider="billing", event_type="invoice.paid", body=b"{}", external_id=name)
        for name in ("broken", "fine")
    )
    owner = make.user(organization, Role.OWNER)

    def handle(event: DeliveredEvent) -> Sequence[Effect]:
        if event.id == "broken":
            make_change()
            raise Conflict("invoice")
        return ()

    def make_change() -> None:
        db.session.get_one(Organization, organization.id).name = "Changed"
        db.session.flush()

    handled(handle)
    process()
    assert behind.one(WebhookDelivery, id=fine.id).status == "processed"
    for attempts in range(1, MAX_ATTEMPTS + 1):
        row = behind.one(WebhookDelivery, id=broken.id)
        assert row.attempts == attempts
        if attempts < MAX_ATTEMPTS:
            assert row.status == "failed"
            assert row.next_attempt_at
            assert row.next_attempt_at > datetime.now(UTC)
            behind.change(row, next_attempt_at=START)
            process()

    row = behind.one(WebhookDelivery, id=broken.id)
    assert (row.status, row.next_attempt_at) == ("dead", None)
    assert behind.one(Organization, id=organization.id).name == organization.name
    [notification] = behind.rows(Notification, user_id=owner.id)
    assert (notification.kind, notification.link) == ("delivery_dead", f"/webhook-deliveries/{broken.id}")


def test_waits_grow_to_an_hour() -> None:
    for attempts, seconds in ((1, 10), (2, 40), (3, 160), (4, 640), (5, 2_560), (6, 3_600), (8, 3_600)):
        assert seconds / 2 <= wait_after(attempts).total_seconds() <= seconds


def test_what_turns_out_to_have_no_effect_is_ignored(
    make: Factories, organization: Organization, behind: Behind, process: Process, handled: Callable[[Handle], None]
) -> None:
    def handle(_event: DeliveredEvent) -> Sequence[Effect]:
        raise DeliveryIgnored(IgnoredReason.UNKNOWN_TASK)

    make.delivery(organization, provider="billing", event_type="invoice.paid", body=b"{}")
    make.delivery(organization, provider="billing", event_type="customer.updated", body=UPDATED)
    handled(handle)
    process()

    reasons = {row.event_type: row.ignored_because for row in behind.rows(WebhookDelivery)}
    assert reasons == {"invoice.paid": "unknown_task", "customer.updated": "unused_event"}


def test_those_of_a_suspended_organization_wait(subscribed: Providers, behind: Behind, process: Process) -> None:
    behind.change(subscribed.organization, status=OrganizationStatus.SUSPENDED)
    subscribed.send("billing", payment("evt_1"))
    process()
    assert statuses(behind) == ["received"]

    behind.change(subscribed.organization, status=OrganizationStatus.ACTIVE)
    process()
    assert statuses(behind) == ["processed"]


def test_an_attempt_counts_even_if_the_worker_does_not_survive_it(
    make: Factories, organization: Organization, behind: Behind, process: Process, handled: Callable[[Handle], None]
) -> None:
    class Killed(BaseException):
        pass

    def handle(_event: DeliveredEvent) -> Sequence[Effect]:
        raise Killed

    make.delivery(organization, provider="billing", event_type="invoice.paid", body=b"{}")
    handled(handle)
    with pytest.raises(Killed):
        process()

    row = behind.one(WebhookDelivery)
    assert (row.status, row.attempts) == ("received", 1)
    assert row.next_attempt_at
    assert row.next_attempt_at > datetime.now(UTC)


def test_two_workers_at_once_process_each_once(
    app: Flask, make: Factories, organization: Organization, handled: Callable[[Handle], None], behind: Behind
) -> None:
    for number in range(6):
        make.delivery(organization, provider="billing", event_type="invoice.paid", body=b"{}", external_id=f"{number}")
    at_work = threading.Barrier(2, timeout=20)
    order: list[str] = []

    def handle(event: DeliveredEvent) -> Sequence[Effect]:
        order.append(event.id)
        assert current_context().organization_id == organization.id
        return ()

    def work() -> None:
        with app.app_context(), jobs_role(), use_context(Context()):
            at_work.wait()
            process_due()

    handled(handle)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with app.app_context(), jobs_role(), use_context(Context()):
        process_due()  # a worker that found the organization taken comes again at its next interval

    assert order == [str(number) for number in range(6)]
    assert set(statuses(behind)) == {"processed"}
