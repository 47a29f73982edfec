"""A company on the professional plan with its owner, and direct access to its rows."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import AuditLog, Notification, Organization, PlanCode, Role, Subscription, Task, User, UserStatus
from app.organization.billing import service
from app.organization.billing.downgrade_service import apply_due_downgrade
from app.people.users.handover_rules import Successors
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work

Trail = Callable[[str], list[AuditLog]]
Look = Callable[[], Any]
Now = Callable[[], Subscription]
Work = Callable[[Callable[[], object]], None]

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
END = START + timedelta(days=31)
#: Limits of the professional plan.
PROFESSIONAL: dict[str, Any] = {
    "call_minutes_quota": 10_000,
    "team_members_quota": 100,
    "phone_numbers_quota": 25,
    "storage_quota_bytes": 100 * 1024**3,
}

STARTER_SEATS = 25
STARTER: dict[str, Any] = {
    "call_minutes_quota": 1_000,
    "team_members_quota": STARTER_SEATS,
    "phone_numbers_quota": 5,
    "storage_quota_bytes": 10 * 1024**3,
}


def _company(make: Factories, **values: Any) -> Organization:
    organization = make.organization(**PROFESSIONAL, created_at=START, **values)
    make.subscription(organization, plan=PlanCode.PROFESSIONAL, current_period_start=START, current_period_end=END)
    return organization


@pytest.fixture
def organization(make: Factories) -> Organization:
    """The company, next to an identical one that must remain unchanged."""
    neighbour = _company(make)
    make.user(neighbour, Role.OWNER)
    return _company(make, name="Blue Ridge Air")


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.OWNER, name="Olga Owner")


@pytest.fixture
def work(app: Flask, organization: Organization) -> Work:
    """Function that calls its argument in a committed transaction of the company: `work(lambda: …)`."""

    def run(what: Callable[[], object]) -> None:
        with at_work(app, organization.id):
            what()

    return run


@pytest.fixture
def subscription(admin_engine: Engine, organization: Organization) -> Callable[[], Subscription]:
    """Function that returns the subscription as it is stored now."""

    def read() -> Subscription:
        with Session(admin_engine) as session:
            return session.scalars(select(Subscription).filter_by(organization_id=organization.id)).one()

    return read


@pytest.fixture
def rows(admin_engine: Engine, organization: Organization) -> Callable[..., Sequence[Any]]:
    """Function that returns the company's rows of a model, oldest first: `rows(Task)`."""

    def read(model: Any, **values: Any) -> Sequence[Any]:
        with Session(admin_engine) as session:
            found = select(model).filter_by(organization_id=organization.id, **values).order_by(model.id)
            return session.scalars(found).all()

    return read


@pytest.fixture
def trail(rows: Callable[..., Sequence[Any]]) -> Trail:
    """Function that returns the audit entries of an action, oldest first: `trail("payment.failed")`."""
    return lambda action: list(rows(AuditLog, action=action))


@pytest.fixture
def told(admin_engine: Engine, organization: Organization) -> Look:
    """Function that returns (recipient, text) of the notifications, oldest first."""

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
    """Function that returns the quotas of the company."""

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
    """Function that returns the company's usage counters and the levels at which it was warned."""

    def read() -> dict[str, Any]:
        with admin_engine.connect() as connection:
            row = connection.execute(
                text("SELECT * FROM organization_usage WHERE organization_id = :id"), {"id": organization.id}
            ).one()
        return dict(row._mapping)

    return read


@pytest.fixture
def change(admin_engine: Engine, organization: Organization) -> Callable[..., None]:
    """Function that changes the stored subscription bypassing the app: `change(status="past_due")`."""

    def run(**values: Any) -> None:
        columns = ", ".join(f"{name} = :{name}" for name in values)
        with admin_engine.begin() as connection:
            connection.execute(
                text(f"UPDATE subscriptions SET {columns} WHERE organization_id = :id"),
                {"id": organization.id, **values},
            )

    return run


@pytest.fixture
def team(make: Factories, organization: Organization, owner: User) -> list[User]:
    """Active users who, with the owner, exceed the seats of the starter plan by two.

    An inactive user takes no seat.
    """
    make.user(organization, status=UserStatus.INACTIVE)
    return [make.user(organization) for _ in range(STARTER_SEATS + 1)]


@pytest.fixture
def schedule(work: Work, owner: User, subscription: Now) -> Callable[..., None]:
    """Function that schedules the starter plan for the end of the period.

    `schedule(*users)` names the users who leave.
    """

    def run(*users: User, version: int | None = None, takers: Successors | None = None) -> None:
        version = subscription().version if version is None else version
        ids = [user.id for user in users]
        asked = partial(service.schedule_downgrade, acting(owner), PlanCode.STARTER, ids)
        work(lambda: asked(takers=takers or {}, version=version))

    return run


@pytest.fixture
def apply(work: Work, organization: Organization) -> Callable[[], None]:
    """Function that applies the downgrade that is due at the end of the period, as the job does."""
    return lambda: work(lambda: apply_due_downgrade(organization.id, END))
