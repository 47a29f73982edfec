"""A database from before the app was rearranged (`before/database.sql`), upgraded and used by the current app."""

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from app.db import migrate
from app.db.bootstrap import bootstrap
from app.db.context_signature import store_key
from app.db.embedded import SUPERUSER
from app.extensions import db
from app.factory import create_app
from app.models import ImportKind
from tests.contract.before import reading
from tests.contract.before.records import FOLDER
from tests.support.client import Client
from tests.support.database import SECRET_KEY, WorkerDatabase
from tests.support.factories import PASSWORD
from tests.support.forms_on_pages import signed_in_rules
from tests.support.import_pages import ImportPages
from tests.support.pages import Page, text_of

REVISION = "0028_streams"
OWNER = "olivia@comfort.example"

#: Tables and columns whose rows a migration changes deliberately, each with a comment that gives the reason.
REWRITTEN: frozenset[str] = frozenset()
#: Alembic's own table, and rows that each release brings.
NOT_ROWS_OF_PEOPLE = ("alembic_version", "audit_epoch", "context_keys", "plans", "system_settings")


@pytest.fixture(scope="module")
def old_database(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database with the old rows, at the old revision."""
    old = WorkerDatabase(f"{database.name}_before", database.server)
    admin = database.server.url(SUPERUSER, "postgres")
    bootstrap(admin, old.name)
    migrate.upgrade(old.url("app_owner"), REVISION)
    with psycopg.connect(old.url(SUPERUSER)) as connection:
        connection.execute((FOLDER / "database.sql").read_bytes())
    yield old
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old.name)))


@pytest.fixture(scope="module")
def changed_rows(old_database: WorkerDatabase) -> list[str]:
    """The columns, as `table.column`, whose stored values the upgrade changed.

    A table whose number of rows changed is listed by its name.
    """
    before = contents(old_database)
    migrate.upgrade(old_database.url("app_owner"))
    store_key(old_database.url("app_owner"), SECRET_KEY)
    after = contents(old_database)
    changed = set[str]()
    for table, rows in before.items():
        if len(after.get(table, ())) != len(rows):
            changed.add(table)
        for old, new in zip(rows, after.get(table, ()), strict=False):
            changed |= {f"{table}.{name}" for name, value in old.items() if new.get(name, "gone") != value}
    return sorted(changed)


@pytest.fixture(scope="module")
def upgraded(
    old_database: WorkerDatabase, changed_rows: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The current app on the upgraded database."""
    app = create_app(old_database.settings(tmp_path_factory.mktemp("before")))
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def owner(upgraded: Flask) -> Client:
    """The owner's browser, signed in with the old password."""
    client = Client(upgraded)
    client.post("/login", {"email": OWNER, "password": PASSWORD})
    client.get("/account")
    return client


def contents(database: WorkerDatabase) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table except NOT_ROWS_OF_PEOPLE, in an order that no migration changes."""
    tables = (
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND NOT relispartition AND relname <> ALL (%s)"
    )
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        names = [name for (name,) in connection.execute(tables, [list(NOT_ROWS_OF_PEOPLE)])]
        return {name: [row for (row,) in connection.execute(_rows_of(name))] for name in names}


def _rows_of(table: str) -> sql.Composed:
    rows = "SELECT to_jsonb(t) FROM {} t ORDER BY to_jsonb(t)->>'id', to_jsonb(t)->>'organization_id', t::text"
    return sql.SQL(rows).format(sql.Identifier(table))


def stored(database: WorkerDatabase, query: str) -> Any:
    """Return the only row of a query."""
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        [row] = connection.execute(query.encode()).fetchall()
    return row


def rows_of(page: Page) -> list[str]:
    """Return the text of each row of a page's tables, without the headings of groups."""
    return [text_of(row) for row in page.all(".//main//tbody/tr") if row.get("class") != "group"]


def test_the_upgrade_keeps_every_value(changed_rows: list[str]) -> None:
    assert changed_rows == sorted(REWRITTEN)


def test_every_page_without_arguments_opens(upgraded: Flask, owner: Client) -> None:
    looked = {
        rule.rule: owner.look_at(rule.rule).status
        for rule in signed_in_rules(upgraded)
        if "GET" in (rule.methods or ()) and not rule.arguments
    }
    assert {address: status for address, status in looked.items() if status >= 500} == {}
    assert looked["/calls"] == looked["/audit"] == looked["/trash"] == looked["/imports"] == 200


def test_every_record_that_a_list_leads_to_opens(upgraded: Flask, owner: Client) -> None:
    lists = ("/calls", "/missed-calls", "/appointments", "/leads", "/tasks", "/imports", "/bulk", "/audit", "/trash")
    links = {address for page in (*lists, "/users", "/jobs") for address in owner.get(page).links.values()}
    records = sorted(address for address in links if re.fullmatch(r"/[a-z-]+/[0-9a-f-]{36}", address))

    kinds = {address.split("/")[1] for address in records}
    assert kinds >= {"calls", "imports", "bulk", "audit", "trash", "users", "jobs"}
    assert {address: status for address in records if (status := owner.look_at(address).status) != 200} == {}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Missed in March", ["(212) 555-0103", "(212) 555-0199"]),
        ("My old views", ["(212) 555-0101"]),
        ("Of before: missed_calls", ["(212) 555-0199"]),
        ("Of before: leads", []),
        ("Of before: appointments", ["Robin Ames"]),
        ("Of before: tasks", ["Send the old quote"]),
    ],
)
def test_a_saved_view_shows_what_it_was_saved_for(owner: Client, name: str, rows: list[str]) -> None:
    shown = rows_of(owner.get(owner.get("/saved-views").links[name]))
    assert len(shown) == len(rows)
    assert [row for row, wanted in zip(shown, rows, strict=True) if wanted not in row] == []


def test_chosen_columns_stay_chosen(owner: Client) -> None:
    heads = [text_of(head) for head in owner.get("/calls").all(".//main//thead//th")]
    assert heads == ["Select", "Caller", "Status", "Outcome"]


def test_a_job_that_waited_is_done(upgraded: Flask, owner: Client, old_database: WorkerDatabase) -> None:
    reading.work(upgraded)

    waited = "SELECT id, status FROM exports WHERE created_at = (SELECT max(created_at) FROM exports)"
    row_id, status = stored(old_database, waited)
    assert status == "completed"
    assert stored(old_database, "SELECT status, tries FROM jobs WHERE name = 'exports.run'") == ("done", 1)
    file = owner.get(f"/exports/{row_id}/file")
    assert [line.split(",")[3] for line in file.html.splitlines()[1:]] == ["+12125550103", "+12125550199"]
    file.response.close()


@pytest.mark.parametrize(
    ("kind", "file", "mapping", "unchanged"),
    [
        (ImportKind.CALLS, "calls.csv", "Old telephone system", 3),
        (ImportKind.CALLS, "calls-without-ids.csv", "Old telephone system, no ids", 2),
        (ImportKind.CONTACTS, "contacts.csv", "Old address book", 2),
    ],
)
def test_a_file_of_before_brings_nothing_new_with_the_mapping_that_was_saved(
    upgraded: Flask,
    owner: Client,
    old_database: WorkerDatabase,
    kind: ImportKind,
    file: str,
    mapping: str,
    unchanged: int,
) -> None:
    saved = stored(old_database, f"SELECT id FROM import_mappings WHERE name = '{mapping}'")[0]
    pages = ImportPages(owner)
    pages.upload(FOLDER / file, file, kind)
    chosen = owner.get(f"{pages.at}/mapping?saved={saved}")
    pages.start(owner.follow(pages.map(chosen)))
    reading.work(upgraded)

    counts = "rows_total, rows_created, rows_updated, rows_unchanged, rows_rejected"
    done = stored(old_database, f"SELECT status, {counts} FROM imports WHERE id = '{pages.at.rpartition('/')[2]}'")
    assert done == ("completed", unchanged, 0, 0, unchanged, 0)


def test_what_was_in_the_trash_comes_back(owner: Client, old_database: WorkerDatabase) -> None:
    task, batch = stored(old_database, "SELECT id, deletion_batch_id FROM tasks WHERE title = 'Order the old filters'")
    assert "Order the old filters" not in owner.get("/tasks").text
    assert f"/trash/{batch}" in owner.get("/trash").links.values()
    address = f"/trash/{batch}/restore"
    owner.post(address, {**owner.get(address).fields(address), "step": "restore"})

    assert "Order the old filters" in owner.get("/tasks").text
    owner.post(f"/tasks/{task}/delete")  # restores the state that the other tests expect


def test_the_trail_of_before_is_told_in_words(owner: Client, old_database: WorkerDatabase) -> None:
    changed = "SELECT resource_id FROM audit_logs WHERE action = 'call.updated' AND after ->> 'outcome' = 'spam'"
    [call] = stored(old_database, changed)
    [told] = rows_of(owner.get(f"/audit?resource_id={call}&action=call.updated"))

    assert "Changed: call" in told
    assert "Olivia Hart" in told
    assert "Outcome" in told


def test_the_trail_of_before_is_still_proven(upgraded: Flask) -> None:
    result = upgraded.test_cli_runner().invoke(args=["audit", "verify", "--organization", "comfort-heating", "--json"])

    [facts] = json.loads(result.output)
    assert result.exit_code == 0, result.output
    assert facts["finding"] is None
    assert facts["seals"] > 0
