"""A sealed and verified audit trail of an organization, and a database owner who tampers with it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine

from app.audit.seals import Sealed, seal_all
from app.audit.verify import ChainStatus, check_chain
from app.config import Settings
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db
from app.models import Organization
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.sealing import wait_for_other_databases

Seal = Callable[[], dict[UUID, Sealed]]
Verify = Callable[[], ChainStatus]
Record = Callable[..., list[UUID]]
Owner = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def settings(app: Flask) -> Iterator[Settings]:
    """The app's settings; the file with the newest seals is removed before and after."""
    settings: Settings = app.config["SETTINGS"]
    settings.audit_heads_path.unlink(missing_ok=True)
    yield settings
    settings.audit_heads_path.unlink(missing_ok=True)


@pytest.fixture
def seal(app: Flask, settings: Settings, admin_engine: Engine) -> Seal:
    """Function that seals all organizations once, as the worker does."""

    def run() -> dict[UUID, Sealed]:
        wait_for_other_databases(admin_engine)
        with app.app_context(), jobs_role():
            return seal_all(Context(actor_label="Schedule"))

    return run


@pytest.fixture
def verify(app: Flask, settings: Settings, organization: Organization) -> Verify:
    """Function that verifies the organization's chain as its auditor would."""

    def run() -> ChainStatus:
        context = Context(organization_id=organization.id, actor_label="Auditor", source="user")
        with app.app_context(), use_context(context):
            status = check_chain(organization.id)
            db.session.rollback()
        return status

    return run


@pytest.fixture
def owner(database: WorkerDatabase) -> Owner:
    """Function that opens a connection of the audit tables' owner, with the triggers of these tables disabled."""

    @contextmanager
    def connect() -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(database.url("app_owner")) as connection:
            for table in ("audit_logs", "audit_seals"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield connection
            for table in ("audit_logs", "audit_seals"):
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return connect


@pytest.fixture
def record(organization: Organization, database: WorkerDatabase) -> Record:
    """Function that adds audit trail entries, one per transaction, and returns their IDs in order.

    Every field of the entries is set. Entries with a `month`, given by its first day, are dated in its middle.
    """

    def add(number: int, *, month: str | None = None, of: UUID | None = None) -> list[UUID]:
        ids = []
        with psycopg.connect(database.url("app_owner"), autocommit=True) as connection:
            for at in range(number):
                with connection.transaction():
                    connection.execute(
                        "SELECT set_context(%s, gen_random_uuid(), 'Ann', 'manager', 'user', '192.0.2.7', 'Browser',"
                        " 'request', 'correlation', NULL, false)",
                        [organization.id],
                    )
                    entry = _append(connection, organization.id, at, of)
                    if month is not None:
                        _date_back(connection, entry, month)
                    ids.append(entry)
        return ids

    return add


@pytest.fixture
def entries(record: Record, seal: Seal, make: Factories) -> list[UUID]:
    """Nine entries in three seals, for tests that tamper with them.

    Entries of another organization are in between.
    """
    ids: list[UUID] = []
    for _ in range(3):
        ids += record(3)
        make.user(make.organization())
        seal()
    return ids


@pytest.fixture
def intact(entries: list[UUID], verify: Verify) -> list[UUID]:
    """Nine entries whose chain was verified to be intact."""
    assert verify().finding is None
    return entries


def _append(connection: psycopg.Connection[Any], organization_id: UUID, number: int, of: UUID | None) -> UUID:
    row = connection.execute(
        "SELECT audit_append(%s, 'task.updated', 'task', coalesce(%s, gen_random_uuid()),"
        " jsonb_build_object('title', %s::text), jsonb_build_object('title', 'Done'), '{\"note\": 1}')",
        [organization_id, of, f"Task {number}"],
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def _date_back(connection: psycopg.Connection[Any], entry: UUID, month: str) -> None:
    """Backdate the entry to the middle of the month."""
    connection.execute("ALTER TABLE audit_logs DISABLE TRIGGER USER")
    connection.execute("UPDATE audit_logs SET created_at = %s::date + interval '14 days' WHERE id = %s", [month, entry])
    connection.execute("ALTER TABLE audit_logs ENABLE TRIGGER USER")
