"""The worker's thread for deliveries: woken at once, and killed in the middle."""

import asyncio
import signal
import threading
from datetime import UTC, datetime

from flask import Flask

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.declarations.consumer import Consumer
from app.models import AuditLog, PaymentEvent, Role, WebhookDelivery
from app.ops.jobs.consuming import consume
from app.organization.webhooks.process_rules import CHANNEL
from app.organization.webhooks.process_service import process_due
from tests.organization.webhooks.conftest import Providers
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.processes import started

PATIENCE_SECONDS = 60.0


def payments(providers: Providers, make: Factories, count: int) -> None:
    """Send so many failed payments of an organization with a plan."""
    make.subscription(providers.organization)
    make.user(providers.organization, Role.OWNER)
    for number in range(count):
        event = {"id": f"evt_{number}", "type": "invoice.payment_failed", "created": 1_796_137_445 + number}
        assert providers.send("billing", {**event, "account": "billing-1"}).status_code == 200


def test_a_new_delivery_wakes_it(app: Flask, providers: Providers, make: Factories, behind: Behind) -> None:
    idle, stopping = threading.Semaphore(0), asyncio.Event()

    def run(is_stopping: object) -> None:
        process_due()
        idle.release()

    async def work() -> None:
        stop = asyncio.create_task(asyncio.to_thread(stopped.wait))
        task = asyncio.create_task(consume(app, Consumer(CHANNEL, run, interval_seconds=600), stopping))
        await stop
        stopping.set()
        task.cancel()

    stopped = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    try:
        assert idle.acquire(timeout=PATIENCE_SECONDS)  # it is listening, and found nothing to do
        payments(providers, make, 1)
        assert idle.acquire(timeout=PATIENCE_SECONDS)
        assert behind.one(WebhookDelivery).status == "processed"
    finally:
        stopped.set()
        thread.join(timeout=PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_killed_among_twenty_it_loses_and_doubles_nothing(
    app: Flask, providers: Providers, make: Factories, behind: Behind
) -> None:
    payments(providers, make, 20)

    with started(app, "tests.organization.webhooks.dying") as process:
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert len(behind.rows(PaymentEvent)) == 6
    with app.app_context(), jobs_role(), use_context(Context()):
        process_due()
        interrupted = behind.one(WebhookDelivery, status="received")
        assert interrupted.attempts == 1
        behind.change(interrupted, next_attempt_at=datetime.now(UTC))
        process_due()

    assert {row.status for row in behind.rows(WebhookDelivery)} == {"processed"}
    assert len(behind.rows(PaymentEvent)) == len(behind.rows(AuditLog, action="payment.failed")) == 20
