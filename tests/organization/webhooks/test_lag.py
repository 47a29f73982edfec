"""Deliveries that wait for long: people are notified once, and the numbers of the whole app are in its metrics."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.session import jobs_role
from app.models import AuditLog, Notification, Organization, OrganizationStatus, Role, WebhookDelivery
from app.ops.system.metric_queries import database_numbers
from app.organization.webhooks.lag_service import notify_of_lag
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import at_work

Late = Callable[[float], WebhookDelivery]


@pytest.fixture
def late(make: Factories, organization: Organization) -> Late:
    """Function that stores a delivery that has been due for so many minutes."""
    return lambda minutes: make.delivery(organization, next_attempt_at=datetime.now(UTC) - timedelta(minutes=minutes))


@pytest.fixture
def run(app: Flask, organization: Organization) -> Callable[[float], None]:
    """Function that runs the job for the organization, so many minutes from now."""

    def after(minutes: float) -> None:
        with jobs_role(), at_work(app, organization.id):
            notify_of_lag(datetime.now(UTC) + timedelta(minutes=minutes))

    return after


def test_owners_and_admins_are_notified_once_while_deliveries_are_late(
    make: Factories, organization: Organization, behind: Behind, late: Late, run: Callable[[float], None]
) -> None:
    people = {make.user(organization, role).id for role in (Role.OWNER, Role.ADMIN)}
    make.user(organization, Role.SUPPORT)
    late(6)

    run(0)
    late(1)  # another one is the oldest at the next run
    behind.change(behind.rows(WebhookDelivery)[0], next_attempt_at=None, status="dead")
    run(5)
    run(10)

    rows = behind.rows(Notification, kind="deliveries_late")
    assert {row.user_id for row in rows} == people
    assert {(row.count, row.link) for row in rows} == {(1, "/webhooks?status=received,failed")}
    assert "over 5 minutes" in rows[0].text
    assert behind.rows(AuditLog, resource_type="webhook_delivery", action="webhook_delivery.updated") == []


def test_a_later_lag_is_another_one(
    make: Factories, organization: Organization, behind: Behind, late: Late, run: Callable[[float], None]
) -> None:
    make.user(organization, Role.OWNER)
    late(6)

    run(0)
    run(60)

    assert len(behind.rows(Notification, kind="deliveries_late")) == 2


def test_what_is_due_for_less_is_not_late(
    make: Factories, organization: Organization, behind: Behind, late: Late, run: Callable[[float], None]
) -> None:
    make.user(organization, Role.OWNER)
    late(4)
    late(-30)

    run(0)

    assert behind.rows(Notification) == []


def test_the_schedule_skips_organizations_without_late_deliveries(
    make: Factories, organization: Organization, behind: Behind, admin_engine: Engine, late: Late
) -> None:
    def selected() -> list[UUID]:
        with admin_engine.connect() as connection:
            return list(connection.scalars(text("SELECT organizations_with_late_deliveries()")))

    make.delivery(make.organization())
    late(4)
    assert selected() == []

    late(6)
    assert selected() == [organization.id]

    behind.change(organization, status=OrganizationStatus.SUSPENDED)
    assert selected() == []


def test_metrics_count_what_failed_and_how_long_others_wait(
    app: Flask, make: Factories, organization: Organization, behind: Behind, late: Late
) -> None:
    def numbers() -> tuple[Any, Any]:
        with app.app_context():
            values = database_numbers()
        return values["deliveries_dead"], round(values["delivery_lag_seconds"], -2)

    assert numbers() == (0, 0)

    for owner in (organization, make.organization()):
        make.delivery(owner, status="dead", attempts=8)
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    behind.change(make.delivery(organization, status="dead", attempts=8), updated_at=yesterday)
    late(-30)
    assert numbers() == (2, 0)

    late(10)
    assert numbers() == (2, 600)
