"""A company on the professional plan with its owner, a neighbour with the same, and ways to look behind the app."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import AuditLog, Notification, Organization, PlanCode, Role, Subscription, Task, User
from tests.support.factories import Factories
from tests.support.work import at_work

Trail = Callable[[str], list[AuditLog]]
Look = Callable[[], Any]
Work = Callable[[Callable[[], object]], None]

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
END = START + timedelta(days=31)
#: What the professional plan allows.
PROFESSIONAL: dict[str, Any] = {
    "call_minutes_quota": 10_000,
    "team_members_quota": 100,
    "phone_numbers_quota": 25,
    "storage_quota_bytes": 100 * 1024**3,
}


def _company(make: Factories, **values: Any) -> Organization:
    organization = make.organization(**PROFESSIONAL, created_at=START, **values)
    make.subscription(organization, plan=PlanCode.PROFESSIONAL, current_period_start=START, current_period_end=END)
    return organization


@pytest.fixture
def organization(make: Factories) -> Organization:
    """The company; beside it a neighbour with the same, which nothing here may touch."""
    neighbour = _company(make)
    make.user(neighbour, Role.OWNER)
    return _company(make, name="Blue Ridge Air")


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.OWNER, name="Olga Owner")


@pytest.fixture
def work(app: Flask, organization: Organization) -> Work:
    """`work(lambda: …)`: in a transaction for the company, committed."""

    def run(what: Callable[[], object]) -> None:
        with at_work(app, organization.id):
            what()

    return run


@pytest.fixture
def subscription(admin_engine: Engine, organization: Organization) -> Callable[[], Subscription]:
    """`subscription()`: as it is stored now."""

    def read() -> Subscription:
        with Session(admin_engine) as session:
            return session.scalars(select(Subscription).filter_by(organization_id=organization.id)).one()

    return read


@pytest.fixture
def rows(admin_engine: Engine, organization: Organization) -> Callable[..., Sequence[Any]]:
    """`rows(Task)`: those of the company, oldest first."""

    def read(model: Any, **values: Any) -> Sequence[Any]:
        with Session(admin_engine) as session:
            found = select(model).filter_by(organization_id=organization.id, **values).order_by(model.id)
            return session.scalars(found).all()

    return read


@pytest.fixture
def trail(rows: Callable[..., Sequence[Any]]) -> Trail:
    """`trail("payment.failed")`: the audit rows of an action, oldest first."""
    return lambda action: list(rows(AuditLog, action=action))


@pytest.fixture
def told(admin_engine: Engine, organization: Organization) -> Look:
    """`told()`: (name, text) of the notifications, oldest first."""

    def read() -> list[tuple[str, str]]:
        notices = (
            select(User.name, Notification.text)
            .join(Notification, Notification.user_id == User.id)
            .where(Notification.organization_id == organization.id)
            .order_by(Notification.id)
        )
        with Session(admin_engine) as session:
            return [(name, words) for name, words in session.execute(notices)]

    return read


@pytest.fixture
def tasks(rows: Callable[..., Sequence[Any]]) -> Callable[[], Sequence[Task]]:
    return lambda: rows(Task)


@pytest.fixture
def quotas(admin_engine: Engine, organization: Organization) -> Callable[[], dict[str, int]]:
    """`quotas()`: the limits of the company."""

    def read() -> dict[str, int]:
        columns = ", ".join(PROFESSIONAL)
        with admin_engine.connect() as connection:
            row = connection.execute(
                text(f"SELECT {columns} FROM organizations WHERE id = :id"), {"id": organization.id}
            ).one()
        return dict(row._mapping)

    return read


@pytest.fixture
def usage(admin_engine: Engine, organization: Organization) -> Callable[[], dict[str, Any]]:
    """`usage()`: the counters of the company and what it was warned of."""

    def read() -> dict[str, Any]:
        with admin_engine.connect() as connection:
            row = connection.execute(
                text("SELECT * FROM organization_usage WHERE organization_id = :id"), {"id": organization.id}
            ).one()
        return dict(row._mapping)

    return read
