"""`/imports/<id>/mapping`: questions about the file, dates of a column, duplicate IDs, people."""

import pytest
from flask import Flask

from app.models import Call, ContactCard, Import, ImportKind, ImportMapping, Organization, User
from app.ops.jobs.worker import run_worker
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.pages import Page, text_of


def form(pages: ImportPages, page: Page) -> dict[str, str]:
    """Return the current values of the form."""
    return page.fields(f"{pages.at}/mapping", "post")


def brought_in(app: Flask, pages: ImportPages, page: Page, **changes: str) -> None:
    """Submit the form with these changes, and run the import."""
    pages.start(pages.client.follow(pages.map(page, changes)))
    run_worker(app, schedule=(), until_idle=True)


def summary(page: Page) -> str:
    """Return the error summary at the top."""
    return text_of(page.one(".//div[@data-error-summary]"))


def days(page: Page) -> list[str]:
    """Return the date formats that the user can choose from."""
    return [text_of(one) for one in page.all(".//input[@name='date_order']/..")]


def test_what_a_file_does_not_say_is_said_for_all_of_it(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines("Call id,Time,Talk time", "1,9:30,60", "2,10:15,0").encode())
    assert {"constant_date", "constant_agent", "constant_topic"} <= set(form(pages, page))
    assert not {"constant_time", "constant_status"} & set(form(pages, page)), "columns say these"

    said = {"constant_date": "2026-03-17", "constant_topic": "Repair", "constant_agent": "Maria Manager"}
    brought_in(app, pages, page, **said, constant_booking_status="booked")

    first, second = importer.stored(Call, Call.external_id)
    assert (first.started_at.isoformat(), first.topic) == ("2026-03-17T13:30:00+00:00", "Repair")
    assert (second.booking_status, second.csr_id is None) == ("booked", False)
    assert importer.only(Import).mapping["defaults"]["date"] == "2026-03-17"


def asked(page: Page) -> list[str]:
    """Return the names of the form fields among the questions about the file."""
    return [str(one.get("name")) for one in page.all(".//*[@id='asked']//input")]


TIMES = lines("Call id,Time,Answered", "1,9:30,Y", "2,10:15,N").encode()


def test_the_date_of_a_file_that_has_only_times_is_asked_and_not_preset(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    page = pages.upload(TIMES)
    assert (asked(page), form(pages, page)["constant_date"]) == (["constant_date"], "")
    assert "This file has times but no dates. Enter the date of all its calls" in page.text
    assert "1 question to answer" in page.text

    refused = pages.map(page, status=400)
    assert "This file has times but no dates." in text_of(refused.one(".//p[@id='constant_date-error']"))
    assert asked(refused) == ["constant_date"]

    brought_in(app, pages, page, constant_date="2026-03-17")
    assert [call.started_at.isoformat() for call in importer.stored(Call, Call.external_id)] == [
        "2026-03-17T13:30:00+00:00",
        "2026-03-17T14:15:00+00:00",
    ]


def test_a_saved_mapping_asks_for_the_date_of_the_next_file(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(TIMES)
    said = {"constant_date": "2026-03-17", "constant_topic": "Repair", "name": "Log of times"}
    pages.map(page, said, to="/save")

    assert importer.only(ImportMapping).mapping["defaults"] == {"topic": "Repair"}


@pytest.mark.parametrize(
    ("header", "row", "names"),
    [
        ("Call id,Date,Answered", "1,2026-03-17,Y", ["constant_time"]),
        ("Call id,Answered", "1,Y", ["constant_date", "constant_time"]),
        ("Call id,Date,Time,Answered", "1,2026-03-17,9:30,Y", []),
        ("Call id,Started at,Answered", "1,2026-03-17 9:30,Y", []),
    ],
)
def test_only_what_the_file_lacks_of_the_start_is_asked(
    pages: ImportPages, header: str, row: str, names: list[str]
) -> None:
    assert asked(pages.upload(lines(header, row).encode())) == names


def test_a_time_of_day_and_a_status_can_be_said_too(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines("Call id,Date", "1,2026-03-17").encode())

    brought_in(app, pages, page, constant_time="14:05", constant_status="missed")

    call = importer.only(Call)
    assert (call.started_at.isoformat(), call.status) == ("2026-03-17T18:05:00+00:00", "missed")


@pytest.mark.parametrize(("name", "value"), [("date", "soon"), ("time", "25:00"), ("own_number", "12")])
def test_what_is_said_for_the_whole_file_must_be_possible(
    pages: ImportPages, importer: Importer, name: str, value: str
) -> None:
    page = pages.upload(lines("Call id,Answered", "1,Y").encode())
    said = {"constant_date": "2026-03-17", "constant_time": "9:30", f"constant_{name}": value}

    refused = pages.map(page, said, status=400)

    assert refused.one(f".//p[@id='constant_{name}-error']") is not None
    assert form(pages, refused)[f"constant_{name}"] == value
    assert importer.only(Import).mapping == {}


def test_contacts_get_what_their_file_does_not_say(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines("Name,Phone", "Ann Lee,212-555-0101").encode(), "contacts.csv", ImportKind.CONTACTS)

    brought_in(app, pages, page, constant_tags="fair 2026", constant_state="NY")

    contact = importer.only(ContactCard)
    assert (contact.tags, contact.state) == (["fair 2026"], "NY")


TWO_DAYS = lines("Call id,Date,Time,Booked on,Answered", "1,2026-03-04,9:30,03/04/2026,Y").encode()


def test_the_question_about_days_follows_the_column_that_is_chosen(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(TWO_DAYS)
    assert days(page) == [], "2026-03-04 is one day only"

    other = {column(page, "Date"): "", column(page, "Booked on"): "date"}
    asked = pages.map(page, other, status=400)
    assert days(asked) == ["MM/DD/YYYY: 03/04/2026 is March 4, 2026", "DD/MM/YYYY: 03/04/2026 is April 3, 2026"]
    assert importer.only(Import).mapping == {}

    pages.map(asked, {"date_order": "DD/MM/YYYY"})
    assert importer.only(Import).mapping["date_formats"][0] == "DD/MM/YYYY"
    assert days(pages.client.get(f"{pages.at}/mapping")) == [], "it is said now"


def test_an_answer_about_one_column_is_none_about_another(pages: ImportPages) -> None:
    page = pages.upload(lines("Call id,Date,Time,Booked on,Answered", "1,05/06/2026,9:30,03/04/2026,Y").encode())
    other = {column(page, "Date"): "", column(page, "Booked on"): "date", "date_order": "DD/MM/YYYY"}

    asked = pages.map(page, other, status=400)

    assert days(asked)[0] == "MM/DD/YYYY: 03/04/2026 is March 4, 2026"
    pages.map(asked)


def test_dates_of_a_column_that_is_chosen_only_now_are_shown_as_they_are_written(
    pages: ImportPages, importer: Importer
) -> None:
    page = pages.upload(lines("Call id,Date,Time,Booked on,Answered", "1,2026-03-04,9:30,31.03.2026,Y").encode())

    asked = pages.map(page, {column(page, "Date"): "", column(page, "Booked on"): "date"}, status=400)

    assert "You chose a different date column." in summary(asked)
    assert form(pages, asked)["date_formats"] == "DD.MM.YYYY"
    pages.map(asked)
    assert importer.only(Import).mapping["date_formats"] == ["DD.MM.YYYY"]


def test_a_saved_mapping_of_other_dates_is_asked_about(
    pages: ImportPages, make: Factories, organization: Organization
) -> None:
    columns = {"Call id": "external_id", "Date": "date", "Time": "time", "Answered": "answered"}
    mapping = {"kind": "calls", "columns": columns, "date_formats": ["YYYY-MM-DD"]}
    kept = make.add(ImportMapping(organization_id=organization.id, kind="calls", name="Desk", mapping=mapping))
    pages.upload(lines("Call id,Date,Time,Answered", "1,03/04/2026,9:30,Y").encode())

    assert len(days(pages.client.get(f"{pages.at}/mapping?saved={kept.id}"))) == 2


LEGS = lines(
    "Conversation ID,Agent,Date,Time,Talk time",
    "77,Maria Manager,2026-03-04,9:30,60",
    "77,Maria Manager,2026-03-04,9:41,20",
    "77,Maria Manager,2026-03-04,9:41,20",
    "78,Maria Manager,2026-03-04,9:50,10",
).encode()


def test_the_calls_of_one_conversation_are_told_apart_where_somebody_says_so(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    page = pages.upload(LEGS)
    assert "Different rows have the same ID, such as “77”." in page.text

    brought_in(app, pages, page, several_per_id="y")

    ids = [call.external_id for call in importer.stored(Call, Call.started_at)]
    assert ids == ["77@2026-03-04T14:30:00Z", "77@2026-03-04T14:41:00Z", "78@2026-03-04T14:50:00Z"]
    assert importer.only(Import).rows_rejected == 1, "the same leg twice"


def test_without_that_the_first_row_of_an_id_is_the_call(app: Flask, pages: ImportPages, importer: Importer) -> None:
    brought_in(app, pages, pages.upload(LEGS))

    assert [call.external_id for call in importer.stored(Call, Call.started_at)] == ["77", "78"]
    assert importer.only(Import).rows_rejected == 2


def test_calls_that_came_in_before_it_was_said_stay_the_same_calls(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    brought_in(app, pages, pages.upload(LEGS))
    brought_in(app, pages, pages.upload(LEGS), several_per_id="y")

    ids = [call.external_id for call in importer.stored(Call, Call.started_at)]
    assert ids == ["77", "77@2026-03-04T14:41:00Z", "78"]


AGENTS = lines(
    "Call id,Agent ID,Date,Time,Answered",
    "1,17,2026-03-04,9:30,Y",
    "2,9,2026-03-04,9:31,Y",
    "3,Ann Lee (104),2026-03-04,9:32,Y",
    "4,robot,2026-03-04,9:33,Y",
    "5,17,2026-03-04,9:34,Y",
    "6,maria@example.com,2026-03-04,9:35,Y",
).encode()


@pytest.fixture
def ann(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Ann Lee", email="ann@example.com")


def test_whose_numbers_and_extensions_these_are_is_asked_and_kept(
    app: Flask, pages: ImportPages, importer: Importer, ann: User, manager: User, make: Factories
) -> None:
    make.user(make.organization(), name="Somebody Else", email="else@example.com")
    page = pages.upload(AGENTS.replace(b"maria@example.com", manager.email.encode()))
    found = form(pages, page)
    assert "People in “Agent ID”" in page.text
    assert "else@example.com" not in page.text
    assert (found[column(page, "“17”")], found[column(page, "“Ann Lee (104)”")]) == ("", "ann@example.com")

    people = {column(page, "“17”"): "ann@example.com", column(page, "“9”"): "leave_empty"}
    brought_in(app, pages, page, **people, **{column(page, "“robot”"): "turn_away"})

    credited = {call.external_id: call.csr_id for call in importer.stored(Call)}
    assert credited == {"1": ann.id, "2": None, "3": ann.id, "5": ann.id, "6": manager.id}
    assert importer.only(Import).mapping["values"]["agent"] == {
        "17": "ann@example.com", "9": "leave_empty", "Ann Lee (104)": "ann@example.com", "robot": "turn_away",
    }  # fmt: skip


def test_somebody_who_is_not_offered_is_not_taken(pages: ImportPages, importer: Importer, ann: User) -> None:
    page = pages.upload(AGENTS)

    pages.map(page, {column(page, "“17”"): "somebody@elsewhere.example"}, status=400)

    assert importer.only(Import).mapping == {}
    assert ann.email in page.text


def test_units_show_what_they_make_of_the_file(pages: ImportPages) -> None:
    page = pages.upload(lines("Call id,Date,Time,Talk time", "1,2026-03-04,9:30,2", "2,2026-03-04,9:31,2:05").encode())

    options = [text_of(one) for one in page.all(".//*[@id='asked']//select[@name='unit_talk_time']/option")]
    assert options[:3] == [
        "Choose a unit",
        "Seconds (2 → 2 s, 2:05 → 2 min 5 s)",
        "Minutes (2 → 2 min 0 s, 2:05 → 2 min 5 s)",
    ]


@pytest.mark.parametrize(("header", "value"), [("Talk time (min)", "2"), ("Talk time", "0:02:05")])
def test_a_unit_that_the_file_says_is_not_asked(pages: ImportPages, header: str, value: str) -> None:
    page = pages.upload(lines(f"Call id,Date,Time,{header}", f"1,2026-03-04,9:30,{value}").encode())

    assert not page.all(".//*[@id='asked']//select[@name='unit_talk_time']")
    assert page.one(".//*[@id='rest']//select[@name='unit_talk_time']") is not None


def test_how_sure_it_is_what_a_column_is_stands_beside_it(pages: ImportPages) -> None:
    header = "Call id,Date,Time,Way,Talk time,Call duration,Hold time"
    page = pages.upload(lines(header, "1,2026-03-04,9:30,inbound,60,80,5").encode())

    assert bases(page, header) == {
        "Call id": ["Matched by name"], "Date": ["Matched by name"], "Time": ["Matched by name"],
        "Way": ["Matched by content"],
        "Talk time": ["Best guess: another column could also fit"], "Call duration": [],
        "Hold time": ["Hold time is part of talk time, so this column is skipped."],
    }  # fmt: skip
    assert {text_of(one) for one in page.all(".//details[@class='fold-list']//label")} == {"Call duration", "Hold time"}
    other = pages.map(page, {column(page, "Way"): "topic", "source": ""}, status=400)
    assert bases(other, "Way") == {"Way": []}, "it is no suggestion any more"


def bases(page: Page, header: str) -> dict[str, list[str]]:
    """Return the explanation of the suggestion for each column."""
    return {
        name: [text_of(one) for one in page.all(f".//*[@id='{column(page, name)}-basis']")]
        for name in header.split(",")
    }
