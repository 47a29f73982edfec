"""Concurrent claims of the next caller."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.config import Settings
from app.db.embedded import SUPERUSER
from app.extensions import db
from app.factory import create_app
from app.models import Organization, User
from app.work.missed_calls.queries import next_unclaimed
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.work.missed_calls.conftest import Now, Waiting

AT_ONCE = 50


@pytest.fixture
def wide_app(database: WorkerDatabase, clean_database: None, tmp_path: Path) -> Iterator[Flask]:
    """An app with a thread and a database connection for each of the requests."""
    values = {"web_threads": AT_ONCE + 10, "pool_size": AT_ONCE + 30, "pool_wait_seconds": 30}
    app = create_app(Settings.model_validate({**database.settings(tmp_path).model_dump(), **values}))
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_fifty_at_once_get_one_each(
    wide_app: Flask, make: Factories, organization: Organization, waiting: Waiting, now: Now
) -> None:
    entries = [waiting() for _ in range(AT_ONCE)]
    people = [make.user(organization) for _ in range(AT_ONCE)]
    clients = [Client(wide_app).sign_in(person) for person in people]
    begin = Barrier(AT_ONCE, timeout=60)

    def claim(client: Client) -> None:
        begin.wait()
        client.post("/missed-calls/claim-next", status=303)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(claim, clients))

    assert sorted(now(entry).claimed_by for entry in entries) == sorted(person.id for person in people)


def test_fifty_open_transactions_hold_one_each(
    app: Flask, database: WorkerDatabase, organization: Organization, csr: User, waiting: Waiting
) -> None:
    entries = [waiting() for _ in range(AT_ONCE)]
    all_hold = Barrier(AT_ONCE, timeout=60)
    with at_work(app, organization.id):
        query = next_unclaimed(acting(csr), datetime.now(UTC))
    engine = create_engine(database.url(SUPERUSER), pool_size=AT_ONCE, max_overflow=0)

    def hold(_number: int) -> UUID | None:
        with Session(engine) as session, session.begin():
            entry = session.scalars(query).one_or_none()
            all_hold.wait()
            return entry.id if entry else None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        held = list(pool.map(hold, range(AT_ONCE)))
    engine.dispose()

    assert set(held) == {entry.id for entry in entries}
