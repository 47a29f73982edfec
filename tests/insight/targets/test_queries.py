"""Targets that apply to a period, and the month from which they are taken."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.insight.metrics import csr_definitions as csr
from app.insight.metrics.metric import Metric
from app.insight.targets.definitions import is_reached
from app.insight.targets.queries import targets_of
from app.models import Organization, Role, User
from app.periods import Period, resolve_period
from app.security.actor import Actor
from tests.support.factories import Factories

NOW = datetime(2026, 3, 18, 16, tzinfo=UTC)
ZONE = "America/New_York"


@contextmanager
def asking(app: Flask, user: User) -> Iterator[Actor]:
    """Run the block as this user, as the app does for a request."""
    actor = Actor(
        organization_id=user.organization_id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=Role(user.role),
        timezone=ZONE,
    )
    with app.test_request_context(), use_context(Context(organization_id=user.organization_id)):
        yield actor


def days(first: date, last: date) -> Period:
    return resolve_period("custom", now=NOW, timezone=ZONE, first_day=first, last_day=last)


@pytest.fixture
def maya(make: Factories, organization: Organization) -> User:
    """A CSR whose own targets for March equal the company's; the company also has one for April.

    A deleted target and one of another organization must not be found.
    """
    maya = make.user(organization, role=Role.CSR)
    for whose in (None, maya.id):
        make.target(organization, user_id=whose, value=Decimal("0.7"))
        make.target(organization, user_id=whose, metric="appointments_booked", value=Decimal(40))
        make.target(organization, user_id=whose, metric="average_deal", value=Decimal(900))
    make.target(organization, month=date(2026, 4, 1), value=Decimal("0.8"))
    make.deletion(make.target(organization, metric="miss_rate"))
    make.target(make.organization(), metric="win_rate")
    return maya


RATE, DEAL = ("booking_rate", Decimal("0.7")), ("average_deal", Decimal(900))
COUNT = ("appointments_booked", Decimal(40))


@pytest.mark.parametrize(
    ("period", "found"),
    [
        (resolve_period("month", now=NOW, timezone=ZONE), [RATE, COUNT, DEAL]),
        (days(date(2026, 3, 1), date(2026, 3, 31)), [RATE, COUNT, DEAL]),
        (days(date(2026, 3, 1), date(2026, 3, 30)), [RATE, DEAL]),
        (days(date(2026, 2, 1), date(2026, 3, 31)), [RATE, DEAL]),
        (resolve_period("last_7", now=NOW, timezone=ZONE), [RATE, DEAL]),
        (days(date(2026, 3, 20), date(2026, 4, 2)), [("booking_rate", Decimal("0.8"))]),
        (days(date(2026, 2, 1), date(2026, 2, 28)), []),
    ],
)
def test_they_are_of_the_month_of_the_last_day_and_sums_of_whole_months(
    app: Flask,
    make: Factories,
    organization: Organization,
    maya: User,
    period: Period,
    found: Sequence[tuple[str, Decimal]],
) -> None:
    manager = make.user(organization, role=Role.MANAGER)
    with asking(app, manager) as actor:
        targets = targets_of(actor, period)

    assert sorted((name, value) for (name, whose), value in targets.items() if whose is None) == sorted(found)
    own = [(name, value) for (name, whose), value in targets.items() if whose == maya.id]
    assert sorted(own) == sorted(one for one in found if one[1] != Decimal("0.8"))


def test_a_csr_sees_their_own_only_by_one_statement(
    app: Flask,
    make: Factories,
    organization: Organization,
    maya: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    make.target(organization, user_id=make.user(organization).id)
    with asking(app, maya) as actor:
        targets_of(actor, resolve_period("month", now=NOW, timezone=ZONE))
        with queries() as sent:
            targets = targets_of(actor, resolve_period("month", now=NOW, timezone=ZONE))

    assert {whose for _name, whose in targets} == {maya.id}
    assert len(targets) == 3
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("metric", "value", "target", "reached"),
    [
        (csr.BOOKING_RATE, Decimal("0.75"), "0.75", True),
        (csr.BOOKING_RATE, Decimal("0.7495"), "0.75", True),  # both are displayed as 75.0%
        (csr.BOOKING_RATE, Decimal("0.7494"), "0.75", False),
        (csr.MISS_RATE, Decimal("0.05"), "0.05", True),
        (csr.MISS_RATE, Decimal("0.06"), "0.05", False),
        (csr.APPOINTMENTS_BOOKED, 39, "40", False),
        (csr.BOOKING_RATE, None, "0.75", None),
    ],
)
def test_a_target_is_reached_as_both_are_read(
    metric: Metric, value: Decimal | int | None, target: str, reached: bool | None
) -> None:
    assert is_reached(metric.name, value, Decimal(target)) is reached
