"""Failed and successful payments: each report counts once, in whatever order the reports arrive."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import ValidationFailed
from app.extensions import db
from app.factory import create_app
from app.models import Invoice, Organization, PaymentEvent, Subscription, User
from app.organization.billing.payment_service import Bill, payment_failed, payment_succeeded
from tests.organization.billing.conftest import END, START, Look, Trail, Work
from tests.support.database import WorkerDatabase
from tests.support.work import both_at_once

Now = Callable[[], Subscription]
Rows = Callable[..., Sequence[Any]]

#: More than the app's own pool has connections.
AT_ONCE = 20
BILL = Bill("SB-77", Decimal("499.00"), "USD", START, END, START)


def day(number: int) -> datetime:
    """Return the time `number` days after the start of the period."""
    return START + timedelta(days=number)


@pytest.fixture
def wide_app(app: Flask, database: WorkerDatabase, tmp_path: Path) -> Iterator[Flask]:
    """The app with a connection for each concurrent request."""
    wide = create_app(database.settings(tmp_path).model_copy(update={"pool_size": AT_ONCE + 1}))
    yield wide
    with wide.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def failed(work: Work, organization: Organization) -> Callable[..., None]:
    """Function that reports a failed payment: `failed("evt_1", 3)` for three days into the period."""
    return lambda event, number=1, **more: work(
        lambda: payment_failed(organization.id, event, occurred_at=day(number), **more)
    )


@pytest.fixture
def paid(work: Work, organization: Organization) -> Callable[..., None]:
    """Function that reports a paid invoice: `paid("evt_2", 4)` for four days into the period."""
    return lambda event, number=1, **more: work(
        lambda: payment_succeeded(organization.id, event, occurred_at=day(number), **more)
    )


def test_the_third_failure_makes_it_past_due(
    owner: User, failed: Callable[..., None], subscription: Now, trail: Trail, told: Look
) -> None:
    for number in (1, 2):
        failed(f"evt_{number}", number)
    assert (subscription().status, subscription().retry_count) == ("active", 2)

    failed("evt_3", 3)

    now = subscription()
    assert (now.status, now.retry_count, now.payment_failed_at is not None) == ("past_due", 3, True)
    assert [entry.details["retry_count"] for entry in trail("payment.failed")] == [1, 2, 3]
    assert told() == [(owner.name, "A payment for your subscription failed.")] * 3


def test_the_same_event_counts_once(
    owner: User, failed: Callable[..., None], subscription: Now, trail: Trail, told: Look
) -> None:
    for _ in range(3):
        failed("evt_1")

    assert subscription().retry_count == 1
    assert (len(trail("payment.failed")), len(told())) == (1, 1)


def test_twenty_at_once_count_once(
    wide_app: Flask, organization: Organization, owner: User, subscription: Now, trail: Trail, rows: Rows
) -> None:
    news = partial(payment_failed, organization.id, "evt_1", occurred_at=day(1), bill=BILL)

    assert both_at_once(wide_app, organization.id, *[news] * AT_ONCE) == []
    assert subscription().retry_count == 1
    assert (len(trail("payment.failed")), len(rows(PaymentEvent)), len(rows(Invoice))) == (1, 1, 1)


def test_twenty_different_ones_all_count(
    wide_app: Flask, organization: Organization, owner: User, subscription: Now
) -> None:
    news = [partial(payment_failed, organization.id, f"evt_{n}", occurred_at=day(1)) for n in range(AT_ONCE)]

    assert both_at_once(wide_app, organization.id, *news) == []
    assert (subscription().retry_count, subscription().status) == (AT_ONCE, "past_due")


def test_the_neighbour_may_have_an_event_of_the_same_name(
    app: Flask, owner: User, failed: Callable[..., None], admin_engine: Engine, organization: Organization
) -> None:
    failed("evt_1")

    with admin_engine.connect() as connection:
        counts = connection.scalars(text("SELECT retry_count FROM subscriptions ORDER BY retry_count")).all()
    assert counts == [0, 1]


def test_a_paid_invoice_settles_it(
    owner: User,
    failed: Callable[..., None],
    paid: Callable[..., None],
    subscription: Now,
    trail: Trail,
    rows: Rows,
) -> None:
    for number in (1, 2, 3):
        failed(f"evt_{number}", number, bill=BILL)
    paid("evt_4", 4, bill=BILL)

    now = subscription()
    assert (now.status, now.retry_count, now.payment_failed_at) == ("active", 0, None)
    [invoice] = rows(Invoice)
    assert (invoice.number, invoice.status, invoice.paid_at) == ("SB-77", "paid", day(4))
    assert len(trail("payment.succeeded")) == 1


def test_a_payment_of_somebody_who_owes_nothing_is_recorded(
    paid: Callable[..., None], subscription: Now, trail: Trail
) -> None:
    before = subscription().version
    paid("evt_1")

    assert subscription().version == before
    [entry] = trail("payment.succeeded")
    assert entry.resource_id == subscription().id


EVENTS = (("failed", 1), ("failed", 2), ("paid", 3), ("failed", 4))


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_any_order_of_news_ends_the_same(
    order: tuple[int, ...],
    owner: User,
    failed: Callable[..., None],
    paid: Callable[..., None],
    subscription: Now,
    rows: Rows,
) -> None:
    for place in order:
        kind, number = EVENTS[place]
        bill = BILL if number <= 3 else None
        (failed if kind == "failed" else paid)(f"evt_{number}", number, bill=bill)

    now = subscription()
    assert (now.status, now.retry_count, now.payment_failed_at is not None) == ("active", 1, True)
    [invoice] = rows(Invoice)
    assert (invoice.status, invoice.paid_at) == ("paid", day(3))


def test_late_news_of_an_early_payment_leaves_what_failed_since(
    owner: User, failed: Callable[..., None], paid: Callable[..., None], subscription: Now
) -> None:
    for number in (2, 3, 4):
        failed(f"evt_{number}", number)
    paid("evt_1", 1)

    assert (subscription().status, subscription().retry_count) == ("past_due", 3)


def test_a_bill_that_is_none_leaves_nothing(
    work: Work, organization: Organization, rows: Rows, subscription: Now
) -> None:
    wrong = Bill("SB-78", Decimal(1), "dollars", START, END, START)

    with pytest.raises(ValidationFailed):
        work(lambda: payment_failed(organization.id, "evt_1", occurred_at=day(1), bill=wrong))

    assert (rows(Invoice), rows(PaymentEvent), subscription().retry_count) == ([], [], 0)
