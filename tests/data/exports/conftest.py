"""A call centre whose manager takes its calls home in a file."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Export, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

Trail = Callable[[str], list[AuditLog]]
Work = Callable[[], None]
Exports = Callable[[], list[Export]]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER, name="Marcus Bell")


@pytest.fixture
def work(app: Flask) -> Work:
    """Has a worker do all that waits."""
    return lambda: run_worker(app, schedule=(), until_idle=True)


@pytest.fixture
def exports(admin_engine: Engine) -> Exports:
    """All exports there are, oldest first."""

    def read() -> list[Export]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(Export).order_by(Export.created_at)))

    return read


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Trail:
    """The audit rows of an action, oldest first."""

    def read(action: str) -> list[AuditLog]:
        recorded = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.action == action)
        with Session(admin_engine) as session:
            return list(session.scalars(recorded.order_by(AuditLog.created_at, AuditLog.id)))

    return read


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are counted to two, so that three calls are too many for a CSV at once."""
    monkeypatch.setattr("app.db.paging.MAX_COUNTED", 2)


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What the button beside a long list sends."""
    return client.get(url).fields("/exports")


def order(client: Client, query: str = "", *, status: int = 303, **values: str) -> Page:
    """Ask for an export of the calls that `query` keeps, as the button of a long list does."""
    form = {"row_id": "01a1f88e-0000-7000-8000-000000000001", "kind": "calls", "query": query}
    return client.post("/exports", {**form, **values}, status=status)


def take(client: Client, url: str) -> Page:
    """Download a file: read it to its end and let go of it."""
    page = client.get(url)
    assert page.html
    page.response.close()
    return page
