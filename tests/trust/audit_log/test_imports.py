"""Links from an import, its entries and its undo to everything that the import did."""

from collections.abc import Callable
from csv import DictReader
from io import StringIO
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports.outcome_rules import undo_operation
from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.pages import text_of
from tests.trust.audit_log.entries import entries_on, link_on

NewClient = Callable[[], Client]

DID, UNDID = "Everything this import did", "Everything the undo did"
CALLS = lines(
    "Call id,Date,Time,Answered,Talk,From",
    "C1,2026-03-02,09:30,Y,60,+12125550101",
    "C2,2026-03-02,10:30,Y,60,+12125550102",
).encode()


@pytest.fixture
def pages(client: Client, admin: User) -> ImportPages:
    return ImportPages(client.sign_in(admin))


@pytest.fixture
def support(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SUPPORT)


@pytest.fixture
def trail(admin_engine: Engine) -> Callable[[UUID], set[UUID]]:
    """Function that returns the ids of the entries of an operation."""

    def read(operation_id: UUID) -> set[UUID]:
        entries = text("SELECT id FROM audit_logs WHERE operation_id = :id")
        with admin_engine.connect() as connection:
            return set(connection.scalars(entries, {"id": operation_id}))

    return read


def imported(pages: ImportPages) -> UUID:
    return UUID(pages.at.rpartition("/")[2])


def test_an_import_leads_to_everything_it_did(
    app: Flask, pages: ImportPages, trail: Callable[[UUID], set[UUID]]
) -> None:
    done = pages.run(app, CALLS)

    listed = entries_on(pages.client.get(link_on(done, DID)))

    assert set(listed) == trail(imported(pages)) != set()
    assert UNDID not in done.text


def test_so_do_its_entries_and_its_undo(
    app: Flask, pages: ImportPages, admin_engine: Engine, trail: Callable[[UUID], set[UUID]]
) -> None:
    pages.run(app, CALLS)
    undone = pages.take_back(app, "calls.csv")
    import_id = imported(pages)
    did, undid = trail(import_id), trail(undo_operation(import_id))
    with admin_engine.connect() as connection:
        about = connection.scalar(text("SELECT id FROM audit_logs WHERE action = 'import.started'"))

    for page in (undone, *(pages.client.get(f"/audit/{entry}") for entry in (about, min(did), min(undid)))):
        assert set(entries_on(pages.client.get(link_on(page, DID)))) == did
        assert set(entries_on(pages.client.get(link_on(page, UNDID)))) == undid
    assert link_on(pages.client.get(f"/audit/{min(undid)}"), "Open import") == pages.at


def test_support_follows_it_without_the_pages_of_imports(
    app: Flask, pages: ImportPages, new_client: NewClient, support: User, trail: Callable[[UUID], set[UUID]]
) -> None:
    pages.run(app, CALLS)
    did = trail(imported(pages))
    reader = new_client().sign_in(support)

    page = reader.get(f"/audit/{min(did)}")

    assert set(entries_on(reader.get(link_on(page, DID)))) == did
    assert "Open import" not in page.text
    assert pages.at not in page.html


def test_people_who_cannot_read_the_trail_get_no_link_to_it(
    app: Flask, pages: ImportPages, new_client: NewClient, make: Factories, organization: Organization
) -> None:
    pages.run(app, CALLS)

    page = new_client().sign_in(make.user(organization, Role.MANAGER)).get(pages.at)

    assert DID not in page.text


def test_entries_of_other_operations_have_no_link_to_an_import(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    waiting = make.import_of_calls(organization)
    entries = (
        make.entry(organization),
        make.entry(organization, resource_type="import", resource_id=waiting.id, action="import.created"),
        make.entry(organization, operation_id=make.import_of_calls(make.organization()).id),
    )
    client.sign_in(admin)

    for entry in entries:
        assert DID not in client.get(f"/audit/{entry.id}").text


def test_an_undone_import_says_so_beside_its_counts(app: Flask, pages: ImportPages) -> None:
    before = pages.run(app, CALLS)
    assert "Undone" not in text_of(before.one(".//dl[@id='import-counts']"))
    after = pages.take_back(app, "calls.csv")

    listed = pages.client.get("/imports")
    (row,) = DictReader(StringIO(pages.client.get("/imports.csv").html))

    assert "Undone" in text_of(after.one(".//dl[@id='import-counts']"))
    assert "Undone" in text_of(listed.one(".//tbody"))
    assert next(value for name, value in row.items() if name.startswith("Undone")) != ""
