"""Exports while storage is full: they wait, say so, and are created once there is room."""

import pytest
from sqlalchemy import Engine, text

from app.declarations.job import WAITS_FOR_STORAGE
from app.models import Organization, User
from tests.data.exports.conftest import Exports, Work, order, take
from tests.support.client import Client
from tests.support.factories import Factories


def _no_space(*_arguments: object) -> None:
    raise OSError(28, "No space left on device")


def test_an_export_waits_for_room_and_says_so(
    client: Client,
    make: Factories,
    organization: Organization,
    manager: User,
    exports: Exports,
    work: Work,
    admin_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.call(organization)
    order(client.sign_in(manager))
    with monkeypatch.context() as patched:
        patched.setattr("app.directory.copied", _no_space)
        work()

    [row] = exports()
    assert (row.status, row.failure) == ("queued", str(WAITS_FOR_STORAGE))
    page = client.get("/exports")
    assert "Waiting" in page.text
    assert str(WAITS_FOR_STORAGE) in page.text
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
    work()

    [row] = exports()
    assert (row.status, row.failure, row.row_count) == ("completed", None, 1)
    assert take(client, client.get("/exports").links["Download"]).html.count("\n") == 2
