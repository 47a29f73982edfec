"""Pages of an import: file, columns, preview, run and result."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, ContactCard, Import, ImportKind, ImportStatus, Organization, Role, User, UserStatus
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

HEADER = "Call Id,Date,Time,Agent,Answered,Talk time,Reason,Shop"
GOOD = lines(
    HEADER,
    "A1,03/17/2026,09:30,Maria Manager,Y,120,Repair,North",
    "A2,03/18/2026,10:15,maria manager,N,,Quote,South",
).encode()
STRANGER = lines(HEADER, "B1,03/17/2026,09:30,Becky Lane,Y,120,Repair,North").encode()
BAD = lines(HEADER, "C1,tomorrow,09:30,Maria Manager,perhaps,120,=1+1,North", "C2,03/18/2026").encode()

Look = Callable[[], list[Any]]


@pytest.fixture
def jobs(admin_engine: Engine) -> Look:
    """Function that returns the arguments of the jobs in the queue."""

    def look() -> list[Any]:
        with admin_engine.connect() as connection:
            return list(connection.execute(text("SELECT args FROM procrastinate_jobs")))

    return look


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Look:
    """Function that returns the audit actions about imports, oldest first."""

    def look() -> list[Any]:
        actions = text(
            "SELECT action FROM audit_logs WHERE organization_id = :id AND resource_type = 'import' ORDER BY id"
        )
        with admin_engine.connect() as connection:
            return list(connection.scalars(actions, {"id": organization.id}))

    return look


def preview_of(pages: ImportPages, content: bytes, **fields: str) -> Page:
    """Upload, accept the suggested mapping, and open the preview."""
    return pages.client.follow(pages.map(pages.upload(content, fields=fields)))


def table(page: Page, name: str) -> list[list[str]]:
    """Return the cells of a table, row by row."""
    rows = page.all(f".//div[@id='{name}']//tbody/tr")
    return [[text_of(cell) for cell in row] for row in rows]


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
    assert done.links["Go to calls"] == "/calls"


def test_contacts_come_in_the_same_way(app: Flask, pages: ImportPages, importer: Importer) -> None:
    people = lines("First name,Last name,Phone,Zip", "Ann,Lee,(212) 555-0101,8014").encode()
    preview = pages.client.follow(pages.map(pages.upload(people, "people.csv", ImportKind.CONTACTS)))
    assert "08014 was 8014" in preview.text
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)

    assert importer.only(ContactCard).primary_phone == "+12125550101"
    assert pages.client.get(pages.at).metrics["rows_created"] == "1"


def test_each_step_stands_in_the_audit(app: Flask, pages: ImportPages, trail: Look) -> None:
    pages.run(app, GOOD)

    assert trail() == ["import.created", "import.updated", "import.started", "import.completed"]


def test_the_preview_shows_rows_as_they_would_come_in_and_stores_nothing(
    pages: ImportPages, importer: Importer
) -> None:
    preview = preview_of(pages, GOOD)

    first, second = table(preview, "rows-table")
    assert re.match("Mar 17(, 2026)?, 9:30 AM", first[0])  # the year is shown once it is over
    assert first[1:6] == ["Maria Manager", "Completed", "–", "2:00", "Repair"]
    assert second[2:5] == ["Missed", "–", "–"]
    assert "Skipped columns: Shop." in preview.text
    assert "Import 2 rows" in preview.text
    assert importer.stored(Call) == []


def test_of_a_long_file_all_is_counted(app: Flask, pages: ImportPages, importer: Importer) -> None:
    rows = [f"N{number},03/17/2026,09:30,Maria Manager,Y,120,Repair,North" for number in range(1_001)]
    preview = preview_of(pages, lines(HEADER, *rows).encode())

    assert preview.metrics["created"] == "1001"
    assert "Import 1,001 rows" in preview.text
    assert len(table(preview, "rows-table")) == 20
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)
    assert importer.only(Import).rows_created == 1_001


def test_the_preview_says_what_is_wrong_with_which_value(pages: ImportPages) -> None:
    preview = pages.client.follow(pages.map(pages.upload(BAD), {"word_answered_0": "turn_away"}))

    assert [row[:3] for row in table(preview, "errors-table")] == [
        ["2", "Date", "tomorrow"],
        ["2", "Answered", "perhaps"],
        ["3", "Whole row", "–"],
    ]
    assert "You chose to skip rows with this value." in preview.text
    assert "No row of this file can be imported." in preview.text


def actions(preview: Page) -> list[str]:
    """Return the links and buttons below the counts of a preview."""
    form = preview.one(".//div[@id='whole']//form")
    return [text_of(one) for one in form.iter() if one.tag in ("a", "button")]


@pytest.mark.parametrize(
    ("content", "changes", "says"),
    [
        (BAD, {"word_answered_0": "turn_away"}, "No row of this file can be imported. Change how its columns are read"),
        (
            lines("Call id,Date,Time,Answered,Line", "1,2026-03-17,9:30,Y,Sales").encode(),
            {"only_column": "Line", "only_words": "Service"},
            "All rows of this file are filtered out. Change the filter",
        ),
    ],
)
def test_a_file_without_a_row_that_can_come_in_offers_no_import(
    pages: ImportPages, content: bytes, changes: dict[str, str], says: str
) -> None:
    preview = pages.client.follow(pages.map(pages.upload(content), changes))

    assert says in preview.text
    assert actions(preview) == ["Choose another file", "Edit columns"]
    assert preview.links["Choose another file"] == "/imports/new?kind=calls"
    assert preview.links["Edit columns"] == f"{pages.at}/mapping"


def test_rows_of_unknown_agents_stay_out_unless_csrs_are_made_of_them(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    preview = preview_of(pages, STRANGER)
    assert "No one here has these names: Becky Lane." in preview.text
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)
    assert table(pages.client.get(pages.at), "rejected-table")[0][:3] == ["2", "Agent", "Becky Lane"]

    done = pages.run(app, STRANGER, create_users="y")

    becky = next(user for user in importer.stored(User) if user.name == "Becky Lane")
    assert (becky.role, becky.status) == (Role.CSR, UserStatus.INACTIVE)
    assert "1 new person: Becky Lane." in done.text
    assert importer.only(Call).csr_id == becky.id


def test_rows_of_agents_who_become_csrs_are_ready_and_their_names_told(pages: ImportPages) -> None:
    becky, becky_again, ann = (
        f"B{number},03/17/2026,09:30,{name},Y,120,Repair,North"
        for number, name in enumerate(("Becky Lane", "becky lane", "Ann Lee"))
    )
    preview = preview_of(
        pages, lines(HEADER, becky, becky_again, ann, "M1,03/17/2026,9:30,Maria Manager,Y,120,,").encode()
    )

    assert preview.metrics == {
        "total": "4", "created": "1", "updated": "0", "unchanged": "0", "rejected_in_any_case": "0", "nameless": "3"
    }  # fmt: skip
    assert "No one here has these names: Ann Lee, Becky Lane." in preview.text
    assert "New people become CSRs." in preview.text
    buttons = preview.all(f".//form[@action='{pages.at}/run']//button")
    assert [(text_of(one), one.get("name")) for one in buttons] == [
        ("Import 1 row without them", None),
        ("Create them and import 4 rows", "create_users"),
    ]


def test_a_file_of_agents_that_nobody_is_comes_in_with_them_or_not_at_all(pages: ImportPages) -> None:
    preview = preview_of(pages, STRANGER)

    buttons = preview.all(f".//form[@action='{pages.at}/run']//button")
    assert [text_of(one) for one in buttons] == ["Create them and import 1 row"]


def test_pressing_the_button_twice_starts_it_once(pages: ImportPages, jobs: Look, importer: Importer) -> None:
    preview = preview_of(pages, GOOD)
    pages.start(preview)

    again = pages.start(preview)

    assert len(jobs()) == 1
    assert "Maria Manager already started this import." in again.text
    assert importer.only(Import).status == ImportStatus.QUEUED


def test_of_two_people_at_once_one_starts_it_and_the_other_is_told(
    pages: ImportPages, new_client: Callable[[], Client], make: Factories, organization: Organization, jobs: Look
) -> None:
    preview_of(pages, GOOD)
    people = [make.user(organization, role=Role.ADMIN, name=name) for name in ("Ada Admin", "Bob Boss")]
    desks = [ImportPages(new_client().sign_in(person), pages.at) for person in people]
    previews = [desk.client.get(f"{pages.at}/preview") for desk in desks]
    ready, shown = threading.Barrier(2, timeout=10), list[str]()

    def press(desk: ImportPages, preview: Page) -> None:
        ready.wait()
        shown.append(desk.start(preview).text)

    threads = [threading.Thread(target=press, args=pair) for pair in zip(desks, previews, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert len(jobs()) == 1
    assert len(shown) == 2
    told = [page for page in shown if "already started this import." in page]
    assert len(told) == 1
    assert any(f"{person.name} already started this import." in told[0] for person in people)


def test_a_mapping_that_was_changed_after_the_preview_is_looked_at_again(pages: ImportPages, jobs: Look) -> None:
    mapping = pages.upload(GOOD)
    preview = pages.client.follow(pages.map(mapping))
    pages.map(mapping, {"yes_words": "Y; sure"})

    back = pages.start(preview)

    assert "Someone changed this file’s settings." in back.text
    assert jobs() == []
    pages.start(back)
    assert len(jobs()) == 1


def test_there_is_no_preview_before_there_is_a_mapping(pages: ImportPages, jobs: Look) -> None:
    mapping = pages.upload(GOOD)

    back = pages.client.get(f"{pages.at}/preview", status=303)

    assert back.headers["Location"] == f"{pages.at}/mapping"
    pages.client.post(f"{pages.at}/run", {"seen": "never"})
    assert jobs() == []
    assert mapping.heading == "Choose the columns"
    assert "It hasn’t been imported yet." in pages.client.get(pages.at).text


def test_once_it_is_started_nothing_can_be_chosen_any_more(pages: ImportPages, importer: Importer) -> None:
    mapping = pages.upload(GOOD)
    pages.start(pages.client.follow(pages.map(mapping)))
    before = importer.only(Import).mapping

    late = pages.client.follow(pages.map(mapping, {"source": "another"}))

    assert "already started this import." in late.text
    assert importer.only(Import).mapping == before
    for page in ("mapping", "preview"):
        assert pages.client.get(f"{pages.at}/{page}", status=303).headers["Location"] == pages.at
