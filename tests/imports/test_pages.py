"""An import by its pages: the file, its columns, a look at the rows, the run, what came of it."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.jobs.worker import run_worker
from app.models import Call, ContactCard, Import, ImportKind, ImportStatus, Role, User, UserStatus
from app.storage import storage
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import text_of

HEADER = "Call Id,Date,Time,Agent,Answered,Talk time,Reason,Shop"
GOOD = lines(
    HEADER,
    "A1,03/17/2026,09:30,Maria Manager,Y,120,Repair,North",
    "A2,03/18/2026,10:15,maria manager,N,,Quote,South",
).encode()
STRANGER = lines(HEADER, "B1,03/17/2026,09:30,Becky Lane,Y,120,Repair,North").encode()
BAD = lines(HEADER, "C1,tomorrow,09:30,Maria Manager,perhaps,120,=1+1,North", "C2,03/18/2026").encode()

WaitingJobs = Callable[[], int]


@pytest.fixture
def waiting_jobs(admin_engine: Engine) -> WaitingJobs:
    """How many jobs stand in the queue."""

    def count() -> int:
        with admin_engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) or 0

    return count


def preview_of(pages: ImportPages, content: bytes) -> str:
    """Upload, take the suggested mapping, and look at the rows; the address of the preview."""
    address: str = pages.map(pages.upload(content)).headers["Location"]
    return address


def test_a_file_goes_all_the_way_in(app: Flask, pages: ImportPages, importer: Importer) -> None:
    done = pages.run(app, GOOD)

    assert {name: int(value) for name, value in done.metrics.items() if value != "0"} == {
        "rows_total": 2,
        "rows_created": 2,
    }
    assert [(call.external_id, call.status, call.topic) for call in importer.stored(Call, Call.external_id)] == [
        ("A1", "completed", "Repair"),
        ("A2", "missed", "Quote"),
    ]
    assert "/calls" in done.links["Open calls"]


def test_contacts_come_in_the_same_way(app: Flask, pages: ImportPages, importer: Importer) -> None:
    people = lines("First name,Last name,Phone,Zip", "Ann,Lee,(212) 555-0101,8014").encode()
    preview = pages.client.follow(pages.map(pages.upload(people, "people.csv", ImportKind.CONTACTS)))
    assert "08014 was 8014" in preview.text
    pages.start(preview)
    run_worker(app, until_idle=True)

    assert importer.only(ContactCard).primary_phone == "+12125550101"
    assert pages.client.get(pages.at).metrics["rows_created"] == "1"


def test_the_preview_shows_rows_as_they_would_come_in_and_stores_nothing(
    pages: ImportPages, importer: Importer
) -> None:
    preview = pages.client.get(preview_of(pages, GOOD))

    first, second = (text_of(row) for row in preview.all(".//tbody/tr"))
    assert first.startswith("Mar 17, 9:30 AM")
    assert "Completed 0:00 2:00 Repair" in first
    assert "Missed" in second
    assert "Left out Shop" in preview.text
    assert "Import 2 rows" in preview.text
    assert importer.stored(Call) == []


def test_the_preview_says_what_is_wrong_with_which_value(pages: ImportPages) -> None:
    preview = pages.client.get(preview_of(pages, BAD))

    rows = [[text_of(cell) for cell in row.findall("td")] for row in preview.all(".//div[@id='errors-table']//tbody/tr")]
    assert [row[:2] for row in rows] == [["Date", "tomorrow"], ["Answered", "perhaps"], ["Whole row", "–"]]
    assert rows[1][2].startswith("It is neither a word for yes nor one for no.")
    assert "None of the rows can come in." in preview.text


def test_rows_of_unknown_agents_stay_out_unless_csrs_are_made_of_them(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    preview = pages.client.get(preview_of(pages, STRANGER))
    assert "Nobody here has the name of these agents: Becky Lane." in preview.text
    pages.start(preview)
    run_worker(app, until_idle=True)
    refused = pages.client.get(pages.at)
    assert "Becky Lane" in text_of(refused.one(".//div[@id='rejected-table']"))

    done = pages.run(app, STRANGER, create_users="y")

    becky = next(user for user in importer.stored(User) if user.name == "Becky Lane")
    assert (becky.role, becky.status) == (Role.CSR, UserStatus.INACTIVE)
    assert "1 new CSR: Becky Lane." in done.text
    assert importer.only(Call).csr_id == becky.id


def test_the_box_of_the_upload_is_ticked_in_the_preview(pages: ImportPages) -> None:
    preview = pages.client.follow(pages.map(pages.upload(STRANGER, create_users="y")))

    assert preview.fields(f"{pages.at}/run")["create_users"] == "y"


def test_pressing_the_button_twice_starts_it_once(
    pages: ImportPages, waiting_jobs: WaitingJobs, importer: Importer
) -> None:
    preview = pages.client.get(preview_of(pages, GOOD))
    pages.start(preview)

    again = pages.start(preview)

    assert waiting_jobs() == 1
    assert "Maria Manager has started this import already." in again.text
    assert importer.only(Import).status == ImportStatus.QUEUED


def test_of_two_people_at_once_one_starts_it_and_the_other_is_told(
    app: Flask, pages: ImportPages, new_client: Callable[[], Client], make: Factories, waiting_jobs: WaitingJobs
) -> None:
    address = preview_of(pages, GOOD)
    people = [make.user(_organization(app, pages, make), role=Role.ADMIN, name=name) for name in ("Ada", "Bob")]
    both = [ImportPages(new_client().sign_in(person), pages.at) for person in people]
    previews = [one.client.get(address) for one in both]
    ready, shown = threading.Barrier(2, timeout=10), []

    def press(one: ImportPages, preview: object) -> None:
        ready.wait()
        shown.append(one.start(preview).text)  # type: ignore[arg-type]

    threads = [threading.Thread(target=press, args=pair) for pair in zip(both, previews, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert waiting_jobs() == 1
    assert sum("has started this import already." in page for page in shown) == 1
