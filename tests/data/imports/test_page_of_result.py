"""`/imports` and `/imports/<id>`: progress and result of an import, and its visibility."""

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, Import, ImportStatus, Notification, Organization, Role, UserPermission
from app.ops.jobs.worker import run_worker
from app.organization.security import watch_service
from app.storage import storage
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import Page

HEADER = "Call Id,Date,Time,Answered,Reason"
GOOD = lines(HEADER, "A1,2026-03-17,09:30,Y,Repair").encode()


def rows(page: Page) -> list[str]:
    """Return the file names in the history."""
    return ["".join(link.itertext()) for link in page.all(".//tbody/tr/th/a")]


def test_the_history_shows_what_came_of_each_file(
    app: Flask, pages: ImportPages, make: Factories, organization: Organization
) -> None:
    pages.run(app, GOOD, "march.csv")
    make.import_of_calls(organization, file_name="people.csv", kind="contacts")
    make.import_of_calls(make.organization(), file_name="secret.csv")

    page = pages.client.get("/imports")

    assert rows(page) == ["people.csv", "march.csv"]
    assert "Finished 1 0 0 – Maria Manager" in page.text
    assert rows(pages.client.get("/imports?kind=contacts")) == ["people.csv"]
    assert rows(pages.client.get("/imports?status=completed")) == ["march.csv"]


def test_an_empty_history_says_what_to_do(pages: ImportPages) -> None:
    page = pages.client.get("/imports")

    assert "No imports yet" in page.text
    assert page.links["Import calls"] == "/imports/new?kind=calls"


@pytest.mark.parametrize("status", [ImportStatus.QUEUED, ImportStatus.RUNNING])
def test_a_page_of_a_running_import_asks_again_by_itself_and_has_a_link_for_it(
    pages: ImportPages, make: Factories, organization: Organization, status: ImportStatus
) -> None:
    row = make.import_of_calls(organization, status=status, rows_total=12_000)
    address = f"/imports/{row.id}"

    page = pages.client.get(address)
    fragment = pages.client.swap(address)

    for shown in (page, fragment):
        part = shown.one(".//div[@id='import']")
        assert (part.get("hx-get"), part.get("hx-trigger")) == (address, "every 1s")
        assert shown.links["Refresh"] == address
    assert not fragment.is_whole
    assert ("12,000 rows read so far" in page.text) is (status is ImportStatus.RUNNING)


def test_a_page_of_a_finished_import_stops_asking(app: Flask, pages: ImportPages) -> None:
    pages.run(app, GOOD)

    fragment = pages.client.swap(pages.at)

    assert fragment.one(".//div[@id='import']").get("hx-get") is None
    assert fragment.metrics["rows_created"] == "1"


def test_rejected_values_are_listed_page_by_page_and_downloaded_whole(
    app: Flask,
    pages: ImportPages,
    admin_engine: Engine,
    make: Factories,
    organization: Organization,
    behind: Behind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch_service, "LARGE_EXPORT_ROWS", 59)
    owner = make.user(organization, Role.OWNER)
    wrong = [f"R{number},2026-03-17,=1+{number},Y,Repair" for number in range(60)]
    done = pages.run(app, lines(HEADER, *wrong).encode())

    assert "60 rows were rejected" in done.text
    listed = [cell.text for cell in done.all(".//div[@id='rejected-table']//tbody/tr/th")]
    further = pages.client.get(done.links["Next"])
    listed += [cell.text for cell in further.all(".//div[@id='rejected-table']//tbody/tr/th")]
    assert listed == [str(number) for number in range(2, 62)]
    assert "Next" not in further.links

    file = pages.client.get(f"{pages.at}/errors.csv")
    header, *lines_of_file = csv.reader(StringIO(file.html.removeprefix("\ufeff")))
    assert header == ["Line", "Column", "Value", "Reason"]
    assert lines_of_file[0][:3] == ["2", "Time", "'=1+0"]
    assert len(lines_of_file) == 60
    with admin_engine.connect() as connection:
        taken = text("SELECT metadata FROM audit_logs WHERE action = 'import_errors.exported'")
        assert connection.scalars(taken).all() == [{"rows": 60}]
    [alert] = behind.rows(Notification, user_id=owner.id)
    assert alert.text.endswith(" exported 60 rows: Rejected values.")
    assert alert.link == f"/audit?resource_type=import&resource_id={pages.at.split('/')[2]}"


def test_a_large_file_is_one_with_many_rows_not_lines(
    app: Flask,
    pages: ImportPages,
    make: Factories,
    organization: Organization,
    behind: Behind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch_service, "LARGE_EXPORT_ROWS", 3)
    owner = make.user(organization, Role.OWNER)
    page = pages.upload(
        lines(HEADER, *(f"R{number},2026-03-17,99:{number},=1+1,Repair" for number in range(2))).encode()
    )
    pages.start(pages.client.follow(pages.map(page, {"word_answered_0": "turn_away"})))
    run_worker(app, schedule=(), until_idle=True)

    file = pages.client.get(f"{pages.at}/errors.csv").html

    assert len(list(csv.reader(StringIO(file)))) == 1 + 4
    [alert] = behind.rows(Notification, user_id=owner.id)
    assert alert.text.endswith(" exported 4 rows: Rejected values.")


def test_a_failed_import_says_why_and_can_be_started_again_from_the_same_file(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    preview = pages.client.follow(pages.map(pages.upload(GOOD)))
    with app.app_context():
        path = storage().path(importer.only(Import).storage_key)
    path.write_bytes(lines("Another,Header", "1,2").encode())
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)
    failed = pages.client.get(pages.at)
    assert "Nothing was imported. The mapping doesn’t match this file. Check the columns." in failed.text
    path.write_bytes(GOOD)

    for _twice in range(2):
        mapping = pages.client.follow(pages.client.post(f"{pages.at}/start-again"))
    pages.start(pages.client.follow(pages.map(mapping)))
    run_worker(app, schedule=(), until_idle=True)

    assert importer.only(Import).status == ImportStatus.COMPLETED
    assert importer.only(Call).external_id == "A1"
    assert "Nothing was imported" not in pages.client.get(pages.at).text


def test_an_import_is_cancelled_and_goes_on_on_its_page(app: Flask, pages: ImportPages, importer: Importer) -> None:
    preview = pages.client.follow(pages.map(pages.upload(GOOD)))
    pages.start(preview)
    waiting = pages.client.get(pages.at)

    for _twice in range(2):
        cancelled = pages.client.follow(pages.client.post(f"{pages.at}/cancel", waiting.fields(f"{pages.at}/cancel")))
    run_worker(app, schedule=(), until_idle=True)
    stopped = importer.only(Import)
    for _twice in range(2):
        pages.client.post(f"{pages.at}/go-on", {"csrf_token": waiting.fields(f"{pages.at}/cancel")["csrf_token"]})
    run_worker(app, schedule=(), until_idle=True)

    assert "Nothing was imported." in cancelled.text
    assert (stopped.status, stopped.line_reached) == (ImportStatus.CANCELLED, 0)
    assert importer.only(Import).status == ImportStatus.COMPLETED
    assert importer.only(Call).external_id == "A1"
    for action in ("cancel", "go-on"):
        pages.client.post(f"{pages.at}/{action}", status=409)


def test_the_job_of_a_cancelled_import_does_not_start_what_is_looked_at_anew(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    pages.start(pages.client.follow(pages.map(pages.upload(GOOD))))
    for action in ("cancel", "start-again"):
        pages.client.post(f"{pages.at}/{action}")
    run_worker(app, schedule=(), until_idle=True)

    assert importer.only(Import).status == ImportStatus.UPLOADED
    assert importer.stored(Call) == []
    pages.start(pages.client.get(f"{pages.at}/preview"))
    run_worker(app, schedule=(), until_idle=True)
    assert importer.only(Import).status == ImportStatus.COMPLETED


def test_of_one_that_stopped_half_way_is_said_how_far_it_came(
    pages: ImportPages, make: Factories, organization: Organization
) -> None:
    stopped = make.import_of_calls(
        organization, status="cancelled", finished_at=DAY, line_reached=5_001, rows_total=9_000, rows_created=5_000
    )

    page = pages.client.get(f"/imports/{stopped.id}")

    assert "Stopped at line 5,001. Everything before this line was processed." in page.text
    assert page.one(".//dd[@data-metric='rows_created']").get("data-value") == "5000"
    pages.client.post(f"/imports/{stopped.id}/start-again", status=409)


def test_of_one_that_stores_is_said_how_much_is_in(
    pages: ImportPages, make: Factories, organization: Organization
) -> None:
    running = make.import_of_calls(
        organization, status="running", line_reached=2_501, percent_read=100, rows_total=10_000, rows_created=2_500
    )

    page = pages.client.get(f"/imports/{running.id}")

    assert "2,500 of 10,000 rows processed" in page.text


def test_only_a_failed_import_is_started_again(app: Flask, pages: ImportPages, importer: Importer) -> None:
    pages.run(app, GOOD)

    pages.client.post(f"{pages.at}/start-again", status=409)

    assert importer.only(Import).status == ImportStatus.COMPLETED


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.EXEC])
def test_who_may_not_import_sees_nothing_of_it(
    client: Client, make: Factories, organization: Organization, role: Role
) -> None:
    row = make.import_of_calls(organization)
    client.sign_in(make.user(organization, role=role))

    for address in ("/imports", "/imports/new", f"/imports/{row.id}", f"/imports/{row.id}/errors.csv"):
        client.get(address, status=403)
    assert "Imports" not in client.get("/account").links


def test_another_organization_finds_no_import(
    pages: ImportPages, new_client: Callable[[], Client], make: Factories
) -> None:
    pages.upload(GOOD)
    stranger = new_client().sign_in(make.user(make.organization(), role=Role.OWNER))

    for page in ("", "/mapping", "/preview", "/errors.csv"):
        stranger.get(f"{pages.at}{page}", status=404)
    for page in ("/mapping", "/mapping/save", "/run", "/start-again"):
        stranger.post(f"{pages.at}{page}", status=404)


def test_who_may_import_contacts_only_sees_and_imports_contacts_only(
    client: Client, make: Factories, organization: Organization
) -> None:
    clerk = make.user(organization)
    make.add(UserPermission(organization_id=organization.id, user_id=clerk.id, permission="contacts:import"))
    of_calls = make.import_of_calls(organization)
    of_contacts = make.import_of_calls(organization, kind="contacts", file_name="people.csv")
    client.sign_in(clerk)

    page = client.get("/imports")

    assert rows(page) == ["people.csv"]
    assert "Import calls" not in page.links
    assert client.get("/imports/new").heading == "Import contacts"
    assert "It hasn’t been imported yet." in client.get(f"/imports/{of_contacts.id}").text
    client.get("/imports/new?kind=calls", status=403)
    client.get(f"/imports/{of_calls.id}", status=404)
    client.get("/imports/new?kind=weather", status=400)
