"""An organization whose manager exports its calls to a file."""

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
    """Function that has a worker run all pending jobs."""
    return lambda: run_worker(app, schedule=(), until_idle=True)


@pytest.fixture
def exports(admin_engine: Engine) -> Exports:
    """Function that returns all exports, oldest first."""

    def read() -> list[Export]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(Export).order_by(Export.created_at)))

    return read


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Trail:
    """Function that returns the audit trail entries of an action, oldest first."""

    def read(action: str) -> list[AuditLog]:
        recorded = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.action == action)
        with Session(admin_engine) as session:
            return list(session.scalars(recorded.order_by(AuditLog.created_at, AuditLog.id)))

    return read


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting limit of two, so that three calls are too many for a direct CSV download."""
    monkeypatch.setattr("app.db.paging.MAX_COUNTED", 2)


def form_of(client: Client, url: str) -> dict[str, Any]:
    """Return the fields that the export button of a long list submits."""
    return client.get(url).fields("/exports")


def order(client: Client, query: str = "", *, status: int = 303, **values: str) -> Page:
    """Request an export of the calls that match `query`, as the button of a long list does."""
    form = {"row_id": "01a1f88e-0000-7000-8000-000000000001", "kind": "calls", "query": query}
    return client.post("/exports", {**form, **values}, status=status)


def take(client: Client, url: str) -> Page:
    """Download a file: read it to its end and close it."""
    page = client.get(url)
    assert page.html
    page.response.close()
    return page
