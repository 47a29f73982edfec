"""Files of exports: their owner, how long they are retained, and their removal."""

from collections.abc import Callable
from csv import DictReader
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.data.exports.jobs import remove_exports
from app.models import Export, Organization, Role, User
from app.ops.jobs.queue import enqueue
from tests.data.exports.conftest import Exports, Trail, Work, order
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.work import at_work


@pytest.fixture
def made(client: Client, manager: User, exports: Exports, work: Work) -> Export:
    """A finished export of the manager, who is signed in."""
    order(client.sign_in(manager))
    work()
    (export,) = exports()
    return export


def lies_there(app: Flask, export: Export) -> bool:
    folder: Path = app.config["SETTINGS"].storage_dir / str(export.organization_id) / "exports"
    return (folder / f"{export.id}.csv").exists()


def test_it_is_nobody_elses(
    new_client: Callable[[], Client], make: Factories, organization: Organization, made: Export
) -> None:
    client = new_client().sign_in(make.user(organization, Role.OWNER))

    client.get(f"/exports/{made.id}/file", status=404)
    client.post(f"/exports/{made.id}/remove", status=404)
    assert "No exports yet" in client.get("/exports").text


def test_it_is_removed_when_its_owner_says_so(
    app: Flask, client: Client, made: Export, exports: Exports, trail: Trail, work: Work
) -> None:
    client.post(f"/exports/{made.id}/remove")
    client.get(f"/exports/{made.id}/file", status=404)
    client.post(f"/exports/{made.id}/remove")
    work()

    (export,) = exports()
    assert (export.status, export.file_path, export.row_count) == ("removed", None, 0)
    assert not lies_there(app, made)
    assert "File deleted" in client.get("/exports").text
    assert len(trail("export.removed")) == 1


def test_its_time_runs_out(
    app: Flask, client: Client, make: Factories, manager: User, organization: Organization, made: Export, work: Work
) -> None:
    over = make.export_of_calls(manager, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    client.get(f"/exports/{over.id}/file", status=404)
    in_file = [row["Status"] for row in DictReader(client.get("/exports.csv?status=removed").html.splitlines())]
    assert in_file == ["File deleted"], "before the clean-up has come"
    with at_work(app, organization.id):
        enqueue(remove_exports)
    work()

    assert lies_there(app, made), "another file stays"
    page = client.get("/exports?status=removed")
    assert "File deleted" in page.text
    assert len(page.all(".//tbody/tr")) == 1


class TestLimit:
    @pytest.fixture
    def limited(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        for limiter in app.extensions["limiter"]:
            monkeypatch.setattr(limiter, "enabled", True)

    @pytest.mark.usefixtures("limited")
    def test_ten_an_hour_for_each_person(
        self, new_client: Callable[[], Client], make: Factories, organization: Organization, manager: User
    ) -> None:
        client = new_client().sign_in(manager)
        for left in range(9, -1, -1):
            answer = order(client)
            assert answer.headers["X-RateLimit-Remaining"] == str(left)

        refused = order(client, status=429)
        assert refused.headers["Retry-After"]
        order(new_client().sign_in(make.user(organization, Role.ADMIN)), row_id="01a1f88e-0000-7000-8000-000000000002")
