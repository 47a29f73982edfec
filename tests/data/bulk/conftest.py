"""Calls of an organization that are changed in bulk."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.declarations import bulk
from app.models import AuditLog, BulkOperation, Call, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

Stored = Callable[[Any], Any]
Trail = Callable[[str], list[AuditLog]]
Operations = Callable[[], list[BulkOperation]]
Work = Callable[[], None]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def colleague(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Tom Okafor")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER, name="Marcus Bell")


@pytest.fixture
def calls(make: Factories, organization: Organization, csr: User) -> list[Call]:
    return [make.call(organization, csr=csr) for _ in range(3)]


@pytest.fixture
def work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Function that has a worker run all pending jobs; even single rows are changed by jobs."""
    monkeypatch.setattr(bulk, "ROWS_AT_ONCE", 0)
    return lambda: run_worker(app, schedule=(), until_idle=True)


@pytest.fixture
def stored(admin_engine: Engine) -> Stored:
    """Function that returns the row as it is in the database now."""

    def read(row: Any) -> Any:
        with Session(admin_engine) as session:
            return session.get(type(row), (row.organization_id, row.id))

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
def operations(admin_engine: Engine) -> Operations:
    """Function that returns all bulk changes, oldest first."""

    def read() -> list[BulkOperation]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(BulkOperation).order_by(BulkOperation.created_at)))

    return read


def address(action: str, *rows: Any, **filters: str) -> str:
    """Return the URL of the page that changes these rows or, without any, all that match `filters`."""
    chosen = [f"row={row.id}" for row in rows] or ["scope=all"]
    return "/bulk/new?" + "&".join(
        [f"action={action}", *chosen, *(f"{name}={value}" for name, value in filters.items())]
    )


def confirm(client: Client, url: str, *, status: int = 303, **values: str) -> Page:
    """Open the page at `url`, set `values` in its form, and submit the form."""
    return client.post(url, {**client.get(url).fields(url), **values}, status=status)


def id_of(page: Page) -> UUID:
    """Return the ID of the bulk change that a response redirects to."""
    return UUID(page.headers["Location"].rpartition("/")[2])
