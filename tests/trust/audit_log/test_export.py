"""Exports of the audit trail: exactly the rows of the list, for users with permission."""

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import AuditLog, Export, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories

FILTERS = ("", "resource_type=task", "action=task.created&sort=createdAt", "q=Gutter", "field=title", "period=today")


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def support(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SUPPORT, name="Sam Support")


@pytest.fixture
def entries(make: Factories, organization: Organization, admin_engine: Engine) -> None:
    """Audit entries about tasks that were created and changed, here and in another organization."""
    for number in range(3):
        make.task(organization, title=f"Gutter {number}")
    make.task(make.organization(), title="Gutter of somebody else")
    with admin_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tasks SET title = '=HYPERLINK(1)', version = version + 1")


def export(app: Flask, client: Client, kind: str, query: str) -> str:
    """Request an export, have the worker create it, and return its contents."""
    export_id = str(uuid7())
    client.post("/exports", {"row_id": export_id, "kind": kind, "query": query})
    run_worker(app, until_idle=True, schedule=())
    page = client.get(f"/exports/{export_id}/file")
    text = page.html
    page.response.close()
    return text


def listed(client: Client, query: str) -> list[str]:
    """Return the IDs of the entries in the list, in order."""
    page = client.get(f"/audit?{query}")
    hrefs = [str(link.get("href")) for link in page.all(".//tbody//th//a")]
    return [href.rpartition("/")[2] for href in hrefs if href.startswith("/audit/")]


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("query", FILTERS)
def test_both_files_hold_exactly_what_the_list_shows(app: Flask, client: Client, support: User, query: str) -> None:
    client.sign_in(support)
    shown = listed(client, query)
    assert shown

    lines = [json.loads(line) for line in export(app, client, "audit_json", query).splitlines()]
    rows = list(csv.DictReader(io.StringIO(export(app, client, "audit", query).removeprefix("\ufeff"), newline="")))

    of_the_list = set(shown)
    assert [line["id"] for line in lines if line["id"] in of_the_list] == shown
    assert [row["Entry ID"] for row in rows if row["Entry ID"] in of_the_list] == shown
    # The only later entries are about the requested files.
    since = {line["resource"]["type"] for line in lines if line["id"] not in of_the_list}
    assert since <= {"export"}


@pytest.mark.usefixtures("entries")
def test_values_are_whole_and_formulas_are_text(app: Flask, client: Client, support: User) -> None:
    client.sign_in(support)

    [changed, *_] = [json.loads(line) for line in export(app, client, "audit_json", "action=task.updated").splitlines()]
    text = export(app, client, "audit", "action=task.updated")

    assert changed["after"]["title"] == "=HYPERLINK(1)"
    assert changed["before"]["title"].startswith("Gutter")
    assert "\n=" not in text
    assert ",=" not in text


def test_the_trail_tells_that_it_was_asked_for_made_and_taken(
    app: Flask, client: Client, support: User, admin_engine: Engine
) -> None:
    export(app, client.sign_in(support), "audit", "resource_type=task")

    with Session(admin_engine) as session:
        told = {
            entry.action: entry for entry in session.scalars(select(AuditLog).where(AuditLog.user_id == support.id))
        }
        [made] = session.scalars(select(Export)).all()
    assert {"export.created", "export.completed", "audit.exported", "export.downloaded"} <= told.keys()
    assert told["audit.exported"].details == {
        "filters": {"resource_type": "task"},
        "count": 0,
        "export": str(made.id),
    }


def test_the_button_beside_the_list_asks_for_what_is_filtered(
    app: Flask, client: Client, support: User, admin_engine: Engine
) -> None:
    page = client.sign_in(support).get("/audit?action=session.started")
    forms = [page.fields_of(form) for form in page.all(".//form[@action='/exports']")]

    assert [form["kind"] for form in forms] == ["audit", "audit_json"]
    assert [form["query"] for form in forms] == ["action=session.started"] * 2


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC, Role.ADMIN, Role.OWNER])
    def test_those_who_read_the_trail_and_may_export(
        self, app: Flask, client: Client, make: Factories, organization: Organization, role: Role
    ) -> None:
        assert export(app, client.sign_in(make.user(organization, role)), "audit", "")

    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.MANAGER])
    @pytest.mark.parametrize("kind", ["audit", "audit_json"])
    def test_nobody_else(
        self, client: Client, make: Factories, organization: Organization, role: Role, kind: str, admin_engine: Engine
    ) -> None:
        client.sign_in(make.user(organization, role))
        client.post("/exports", {"row_id": str(uuid7()), "kind": kind, "query": ""}, status=403)

        with Session(admin_engine) as session:
            assert session.scalars(select(Export)).all() == []

    def test_support_exports_nothing_else(self, client: Client, support: User) -> None:
        client.sign_in(support).post("/exports", {"row_id": str(uuid7()), "kind": "calls", "query": ""}, status=403)

    def test_the_file_is_nobody_elses(
        self, app: Flask, client: Client, make: Factories, support: User, organization: Organization, exports: Any
    ) -> None:
        export(app, client.sign_in(support), "audit", "")
        [made] = exports()
        client.sign_in_by_form(make.user(organization, Role.OWNER)).get(f"/exports/{made.id}/file", status=404)


@pytest.fixture
def exports(admin_engine: Engine) -> Any:
    """Function that returns all exports."""

    def read() -> list[Export]:
        with Session(admin_engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Export)))

    return read
