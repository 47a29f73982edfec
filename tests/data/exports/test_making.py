"""Requests for an export, and the file that the worker creates."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.data.exports import service
from app.data.exports.jobs import make_export
from app.db.ids import uuid7
from app.models import Organization, Role, User
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.work.calls.filters import CallFilters
from tests.data.exports.conftest import Exports, Trail, Work, form_of, order, take
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page
from tests.support.work import at_work, both_at_once


def ids_of(page: Page) -> list[str]:
    rows = csv.DictReader(io.StringIO(page.html.removeprefix("\ufeff"), newline=""))
    return [row["Call ID"] for row in rows]


def test_what_is_no_kind_or_no_filter_is_refused_without_its_markup(client: Client, manager: User) -> None:
    form = {"row_id": str(uuid7()), "kind": "calls", "query": ""}
    client.sign_in(manager)

    for wrong in ({"kind": "<b id=hostile>"}, {"query": "<b id=hostile>=1"}, {"query": "sort=<b id=hostile>"}):
        page = client.post("/exports", {**form, **wrong}, status=400)
        assert page.all(".//*[@id='hostile']") == []
    assert "“<b id=hostile>”" in page.text


def test_somebody_unknown_is_said_to_be_so(client: Client, manager: User) -> None:
    client.sign_in(manager)

    assert "isn’t in your organization" in order(client, f"csr={uuid7()}", status=404).text


@pytest.mark.usefixtures("short_lists")
def test_a_long_list_becomes_a_file_of_exactly_what_is_filtered(
    client: Client, make: Factories, organization: Organization, manager: User, work: Work
) -> None:
    missed = [make.call(organization, status="missed", started_at=DAY.replace(hour=hour)) for hour in (7, 8, 9)]
    make.call(organization)
    make.call(make.organization(), status="missed")

    form = form_of(client.sign_in(manager), "/calls?status=missed&sort=startedAt")
    waiting = client.follow(client.post("/exports", form))
    assert "Waiting" in waiting.text
    work()

    page = client.get("/exports")
    assert "Ready" in page.text
    assert page.all(".//tbody//th/a")[0].get("href") == "/calls?status=missed"
    file = take(client, page.links["Download"])
    assert ids_of(file) == [str(call.id) for call in missed]
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"].startswith("attachment; filename=calls-")


def test_formulas_are_text(
    client: Client, make: Factories, organization: Organization, manager: User, work: Work
) -> None:
    make.call(organization, topic="=cmd|' /C calc'!A0")
    order(client.sign_in(manager))
    work()

    assert "'=cmd|" in take(client, client.get("/exports").links["Download"]).html


def test_the_row_and_the_trail_tell_what_was_taken(
    client: Client,
    make: Factories,
    organization: Organization,
    manager: User,
    exports: Exports,
    trail: Trail,
    work: Work,
) -> None:
    make.call(organization, status="missed")
    order(client.sign_in(manager), "status=missed")
    work()

    (export,) = exports()
    assert (export.status, export.row_count, export.rows_total) == ("completed", 1, 1)
    assert export.file_bytes == len(take(client, f"/exports/{export.id}/file").html.encode())
    assert export.expires_at is not None
    assert export.finished_at is not None
    assert (export.expires_at - export.finished_at).days == 7
    (taken,) = trail("calls.exported")
    assert taken.details == {"filters": {"status": "missed"}, "count": 1, "export": str(export.id)}
    assert taken.actor_label == "Marcus Bell"
    assert [entry.resource_id for entry in trail("export.completed")] == [export.id]
    assert [entry.user_id for entry in trail("export.downloaded")] == [manager.id]


def test_the_same_form_sent_twice_is_one_export(client: Client, manager: User, exports: Exports, work: Work) -> None:
    client.sign_in(manager)
    order(client)
    order(client)
    work()

    assert len(exports()) == 1


def test_the_same_form_sent_twice_at_once_is_one_export(
    app: Flask, organization: Organization, manager: User, exports: Exports, admin_engine: Engine
) -> None:
    actor = Actor(
        organization_id=organization.id, user_id=manager.id, name=manager.name, email=manager.email, role=Role.MANAGER
    )
    export_id = uuid7()

    def ask() -> object:
        return service.request_export(actor, export_id, "calls", CallFilters())

    assert both_at_once(app, organization.id, ask, ask) == []
    assert len(exports()) == 1
    with admin_engine.connect() as connection:
        waiting = connection.exec_driver_sql("SELECT count(*) FROM jobs WHERE name = 'exports.run'").scalar_one()
    assert waiting == 1


class TestRefusals:
    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT])
    def test_who_may_not_export_calls_gets_none(
        self, client: Client, make: Factories, organization: Organization, role: Role, exports: Exports
    ) -> None:
        order(client.sign_in(make.user(organization, role)), status=403)

        assert exports() == []

    @pytest.mark.parametrize(
        "values",
        [
            {"query": "colour=red"},
            {"query": "sort=topic"},
            {"kind": "secrets"},
            {"row_id": "7"},
            {"query": "q=" + "x" * 3000},
            {"query": "q=%00"},
            {"query": "status=%00"},
            {"query": "sort=%00"},
        ],
        ids=["filter", "sort", "kind", "id", "length", "NUL", "NUL for a choice", "NUL for a sort"],
    )
    def test_what_is_no_list_makes_no_file(
        self, client: Client, manager: User, exports: Exports, values: dict[str, str]
    ) -> None:
        client.sign_in(manager).post(
            "/exports", {"row_id": str(uuid7()), "kind": "calls", "query": "", **values}, status=400
        )

        assert exports() == []

    def test_who_was_demoted_before_the_worker_came_gets_none(
        self, client: Client, manager: User, exports: Exports, work: Work, admin_engine: Engine, trail: Trail
    ) -> None:
        order(client.sign_in(manager))
        with admin_engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE users SET role = 'csr' WHERE id = '{manager.id}'")
        work()

        (export,) = exports()
        assert (export.status, export.file_path) == ("failed", None)
        assert "exports:create" in (export.failure or "")
        assert trail("calls.exported") == []

    @pytest.mark.parametrize(
        "meanwhile",
        [
            "UPDATE users SET status = 'inactive' WHERE role = 'manager'",
            "UPDATE organizations SET status = 'suspended'",
        ],
        ids=["left", "suspended"],
    )
    def test_who_could_not_sign_in_when_the_worker_came_gets_none(
        self, client: Client, manager: User, exports: Exports, work: Work, admin_engine: Engine, meanwhile: str
    ) -> None:
        order(client.sign_in(manager))
        with admin_engine.begin() as connection:
            connection.exec_driver_sql(meanwhile)
        work()

        (export,) = exports()
        assert (export.status, export.file_path) == ("failed", None)
        assert export.failure == "The account that requested this is no longer active."


def test_what_breaks_half_way_leaves_no_file(
    app: Flask, client: Client, manager: User, exports: Exports, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any) -> Any:
        yield "half a line"
        raise ValueError("in the middle")

    monkeypatch.setattr("app.lists.export.csv_chunks", broken)
    order(client.sign_in(manager))
    work()

    (export,) = exports()
    folder: Path = app.config["SETTINGS"].storage_dir / str(export.organization_id) / "exports"
    assert [path for path in folder.iterdir() if path.suffix == ".csv"] == []


def test_a_job_without_its_person_or_key_does_not_export_what_they_asked_for(
    app: Flask, make: Factories, organization: Organization, manager: User, work: Work, exports: Exports
) -> None:
    make.call(organization)
    waiting = {"status": "queued", "file_path": None, "finished_at": None, "expires_at": None}
    asked = [
        make.export_of_calls(manager, **waiting),
        make.export_of_calls(manager, **waiting, requested_by=None),
        make.export_of_calls(manager, **waiting, requested_by=None, requested_by_label=""),
    ]
    with at_work(app, organization.id):
        for export in asked:
            enqueue(make_export, export_id=str(export.id))

    work()

    assert {export.status for export in exports()} == {"failed"}
    assert {export.failure for export in exports()} == {"The account that requested this is no longer active."}
