"""Double clicks on the same button: one change, one undo."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.data.bulk import service
from app.data.bulk.selection_queries import Selection
from app.db.ids import uuid7
from app.models import Organization, User
from app.work.calls.bulk import SET_OUTCOME
from app.work.calls.filters import CallFilters
from tests.data.bulk.conftest import Operations
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import both_at_once

pytestmark = pytest.mark.usefixtures("work")


@pytest.fixture
def jobs(admin_engine: Engine) -> Callable[[], list[str]]:
    """Function that returns the names of the queued jobs."""

    def read() -> list[str]:
        with admin_engine.connect() as connection:
            return list(connection.exec_driver_sql("SELECT name FROM jobs").scalars())

    return read


def test_one_form_sent_twice_at_once_is_one_change(
    app: Flask,
    make: Factories,
    organization: Organization,
    manager: User,
    operations: Operations,
    jobs: Callable[[], list[str]],
) -> None:
    make.call(organization)
    selection = Selection(SET_OUTCOME, CallFilters(), None)
    settings = {"outcome": "resolved", "words": {}}
    start = partial(service.start, acting(manager), uuid7(), selection, settings, until=datetime.now(UTC), count=1)

    assert both_at_once(app, organization.id, start, start) == []
    assert len(operations()) == 1
    assert jobs() == ["bulk.run"]


def test_undo_pressed_twice_at_once_undoes_once(
    app: Flask,
    make: Factories,
    organization: Organization,
    manager: User,
    operations: Operations,
    jobs: Callable[[], list[str]],
) -> None:
    undo = partial(service.undo, acting(manager), make.bulk_operation(manager).id)

    assert both_at_once(app, organization.id, undo, undo) == []
    assert [operation.status for operation in operations()] == ["undoing"]
    assert jobs() == ["bulk.undo"]
