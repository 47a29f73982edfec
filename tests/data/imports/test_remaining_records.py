"""Records that an undo of an import leaves in place, listed before and after, as a page and a file."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.extensions import db
from app.models import (
    Call,
    ContactCard,
    Import,
    ImportedRow,
    ImportKind,
    Notification,
    Organization,
    Role,
    WhyItStays,
)
from app.ops.jobs.worker import run_worker
from app.organization.security import watch_service
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import Page
from tests.support.plans import recorded_plans

CALLS = lines(
    "Call id,Date,Time,Answered,Talk,From",
    "C1,2026-03-02,09:30,Y,60,+12125550101",
    "C2,2026-03-02,10:30,Y,60,+12125550102",
    "C3,2026-03-02,11:30,Y,60,+12125550103",
).encode()

Rows = list[tuple[str, ...]]


@pytest.fixture
def call_ids(
    app: Flask, pages: ImportPages, importer: Importer, make: Factories, organization: Organization
) -> list[str]:
    """The IDs of three imported calls, the first of which has had a task added since."""
    pages.run(app, CALLS)
    calls = importer.stored(Call, Call.external_id)
    make.task(organization, call_id=calls[0].id)
    weigh(app, pages)
    return [str(call.id) for call in calls]


def weigh(app: Flask, pages: ImportPages) -> None:
    address = f"{pages.at}/undo/weigh"
    pages.client.post(address, pages.client.get(pages.at).fields(address, "post"))
    run_worker(app, schedule=(), until_idle=True)


def rows_of(page: Page) -> Rows:
    return [
        tuple(" ".join("".join(cell.itertext()).split()) for cell in row.findall("./*"))
        for row in page.all(".//div[@id='staying-table']//tbody/tr")
    ]


def links_of(page: Page) -> list[str]:
    return [link.get("href", "") for link in page.all(".//div[@id='staying-table']//tbody//a")]


def file_of(pages: ImportPages) -> Rows:
    content = pages.client.get(f"{pages.at}/undo/staying.csv").html
    return [tuple(line) for line in csv.reader(io.StringIO(content.removeprefix("\ufeff")))]


def test_each_record_is_told_with_its_line_its_page_and_why(
    app: Flask, pages: ImportPages, call_ids: list[str]
) -> None:
    for address in (pages.at, f"{pages.at}/undo"):
        assert f"{pages.at}/undo/staying" in pages.client.get(address).html
    page = pages.client.get(f"{pages.at}/undo/staying")

    found = rows_of(page)
    assert [(line, why) for line, _kind, _name, why in found] == [("2", "Other records depend on it.")] * 2
    assert {kind for _line, kind, _name, _why in found} == {"Call", "Contact"}
    assert f"/calls/{call_ids[0]}" in links_of(page)
    assert not {f"/calls/{one}" for one in call_ids[1:]} & {*links_of(page)}

    head, *told = file_of(pages)
    assert head == ("Line", "Type", "Record", "ID", "Reason")
    assert [(line, kind, why) for line, kind, _name, _id, why in told] == [
        (line, kind, why) for line, kind, _name, why in found
    ]
    assert call_ids[0] in {record for _line, _kind, _name, record, _why in told}

    pages.take_back(app, "calls.csv")
    assert rows_of(pages.client.get(f"{pages.at}/undo/staying")) == found
    assert file_of(pages) == [head, *told]


def test_what_is_in_the_trash_has_no_link(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine
) -> None:
    pages.run(app, lines("Id,Name,Phone", "1,Ann Lee,+12125550101").encode(), "contacts.csv", ImportKind.CONTACTS)
    card = importer.only(ContactCard)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE contact_cards SET deleted_at = now() WHERE id = :id"), {"id": card.id})
    weigh(app, pages)

    page = pages.client.get(f"{pages.at}/undo/staying")
    assert rows_of(page) == [("2", "Contact", "–Type Contact", "Someone has changed it since.")]
    assert links_of(page) == []


@pytest.mark.parametrize(("largest", "alerts"), [(1, 1), (2, 0)])
def test_a_large_file_alerts_owners_and_admins(
    app: Flask,
    pages: ImportPages,
    call_ids: list[str],
    make: Factories,
    organization: Organization,
    behind: Behind,
    monkeypatch: pytest.MonkeyPatch,
    largest: int,
    alerts: int,
) -> None:
    monkeypatch.setattr(watch_service, "LARGE_EXPORT_ROWS", largest)
    owner = make.user(organization, Role.OWNER)

    assert len(file_of(pages)) == 1 + 2

    told = behind.rows(Notification, user_id=owner.id)
    assert [one.text.split(" exported ")[1] for one in told] == ["2 rows: Remaining records."] * alerts
    assert [one.link for one in told] == [f"/audit?resource_type=import&resource_id={pages.at.split('/')[2]}"] * alerts


def test_a_long_list_has_pages_and_asks_the_same_number_of_questions(
    app: Flask,
    pages: ImportPages,
    make: Factories,
    organization: Organization,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    done = make.import_of_calls(
        organization, status="completed", finished_at=make.import_of_calls(organization).created_at
    )
    decoy = make.import_of_calls(organization)

    def stay(of: Import, first: int, last: int, stays: WhyItStays | None = WhyItStays.CHANGED) -> None:
        with make.batch():
            for line in range(first, last + 1):
                made = {"resource": "call", "record_id": uuid7(), "effect": "created", "line": line}
                make.add(ImportedRow(organization_id=organization.id, import_id=of.id, stays=stays, **made))

    stay(done, 2, 3)
    stay(done, 500, 520, None)
    stay(decoy, 2, 5)
    pages.at = f"/imports/{done.id}"
    with queries() as few:
        assert [row[0] for row in rows_of(pages.client.get(f"{pages.at}/undo/staying"))] == ["2", "3"]
    stay(done, 4, 121)
    with queries() as many:
        page = pages.client.get(f"{pages.at}/undo/staying")
    assert len(many) <= len(few) + 1  # the one that counts them

    seen = [row[0] for row in rows_of(page)]
    while further := page.all(".//nav[@class='pager']//a[@rel='next'][@href]"):
        page = pages.client.get(further[0].get("href", ""))
        seen += [row[0] for row in rows_of(page)]
    assert seen == [str(line) for line in range(2, 122)]
    assert [row[0] for row in file_of(pages)[1:]] == seen


def test_the_list_is_read_in_the_order_of_its_index(app: Flask, pages: ImportPages, call_ids: list[str]) -> None:
    with app.app_context():
        engine = db.engine
    with recorded_plans(engine, "bitmapscan", "sort") as plans:
        pages.client.get(f"{pages.at}/undo/staying")
    assert len(call_ids) == 3
    assert [plan for plan in plans if "idx_import_rows_staying" in plan and "Limit" in plan]


def test_whoever_takes_the_file_stands_in_the_trail(
    pages: ImportPages, call_ids: list[str], admin_engine: Engine
) -> None:
    assert len(file_of(pages)) == 3
    told = text("SELECT metadata FROM audit_logs WHERE action = 'import_staying.exported'")
    with admin_engine.connect() as connection:
        assert connection.scalars(told).all() == [{"rows": 2}]
    assert call_ids


def test_nobody_else_sees_it(
    pages: ImportPages,
    call_ids: list[str],
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
) -> None:
    assert call_ids
    stranger = new_client().sign_in(make.user(make.organization(), role=Role.ADMIN))
    for address in (f"{pages.at}/undo/staying", f"{pages.at}/undo/staying.csv"):
        for role in (Role.CSR, Role.SUPPORT):
            new_client().sign_in(make.user(organization, role=role)).get(address, status=403)
        stranger.get(address, status=404)
