"""The sheet of a workbook that is read, and names of columns that are joined from several parts."""

import pytest
from flask import Flask

from app.data.imports.guess_rules import guess_mapping
from app.data.imports.name_rules import last_part
from app.models import Call, Import
from app.ops.jobs.worker import run_worker
from app.tables.file_rules import open_table
from app.tables.table_rules import Cell
from app.work.calls.importing import CALLS_IMPORT
from app.work.contacts.importing import CONTACTS_IMPORT
from tests.support.import_files import WriteFile, book_of, guessed, lines, saved
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

SUMMARY: list[tuple[Cell, ...]] = [("Month", "Calls", "Answered"), ("March", 2, 1)]
CALLS: list[tuple[Cell, ...]] = [
    ("Call id", "Date", "Time", "Answered"),
    ("1", "2026-03-17", "09:30", "Y"),
    ("2", "2026-03-17", "09:40", "N"),
]


def heading(page: Page) -> str:
    """Return the heading of the settings for opening the file."""
    return next(text_of(one) for one in page.all(".//details/summary") if "File format" in text_of(one))


def test_the_sheet_whose_header_is_known_is_read_and_named(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(saved(book_of({"Summary": SUMMARY, "March log": CALLS})), "calls.xlsx")
    assert "“March log” is read, because its columns are known best." in page.text
    assert "Sheet “March log”." in heading(page)

    pages.start(pages.client.follow(pages.map(page)))
    run_worker(app, schedule=(), until_idle=True)

    assert [call.external_id for call in importer.stored(Call, Call.external_id)] == ["1", "2"]
    assert importer.only(Import).mapping["sheet"] == "March log"


def test_an_empty_first_sheet_is_passed_over(pages: ImportPages) -> None:
    page = pages.upload(saved(book_of({"Empty": [], "Log": CALLS})), "calls.xlsx")

    assert column(page, "Call id")


def test_the_columns_of_an_earlier_import_are_known_best(app: Flask, pages: ImportPages) -> None:
    log: list[tuple[Cell, ...]] = [("Nr", "Wann", "Answered"), ("1", "2026-03-17 09:30", "Y")]
    pages.run(app, saved(book_of({"Log": log})), "calls.xlsx")

    page = pages.upload(saved(book_of({"Other": CALLS, "April": log})), "calls.xlsx")

    assert column(page, "Wann")


def test_a_hidden_sheet_is_not_taken(pages: ImportPages) -> None:
    book = book_of({"Summary": SUMMARY, "Old": CALLS, "Notes": [("a", "b"), ("c", "d")]})
    book["Old"].sheet_state = "hidden"

    page = pages.upload(saved(book), "calls.xlsx")

    assert column(page, "Month")


def test_a_single_sheet_needs_no_name(pages: ImportPages) -> None:
    page = pages.upload(saved(book_of({"Log": CALLS})), "calls.xlsx")

    assert "is read, because its columns are known best" not in page.text


def test_a_saved_mapping_finds_its_columns_on_a_sheet_of_another_name(pages: ImportPages) -> None:
    page = pages.upload(saved(book_of({"Summary": SUMMARY, "March": CALLS})), "calls.xlsx")
    kept = pages.client.follow(pages.map(page, {"name": "Log"}, to="/save"))
    mapping = kept.fields(f"{pages.at}/mapping")["saved"]

    pages.upload(saved(book_of({"Summary": SUMMARY, "April": CALLS})), "calls.xlsx")
    page = pages.client.get(f"{pages.at}/mapping?saved={mapping}")

    assert "Sheet “April”." in heading(page)
    assert column(page, "Call id")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Call Details > Start time", "Start time"), ("contact.phone", "phone"), ("Deal - Title", "Title"),
        ("Account: Phone", "Phone"), ("Call :: Talk time", "Talk time"), ("A | B | Agent", "Agent"),
        ("E-mail", None), ("Start time", None), ("No. 1", None), ("Version 1.5", None), ("9:30", None),
    ],
)  # fmt: skip
def test_a_joined_name_has_a_last_part(name: str, expected: str | None) -> None:
    assert last_part(name) == expected


def test_the_last_part_of_a_joined_name_counts(write_file: WriteFile) -> None:
    header = "Overview > Call ID,Interaction > Start time,Handling - Agent,Handling - Talk time,Handling - Hold time"
    path = write_file(lines(header, "7,2026-03-17 9:30,Ann,95,5"))

    assert guessed(path).columns == {
        "Overview > Call ID": "external_id", "Interaction > Start time": "started_at",
        "Handling - Agent": "agent", "Handling - Talk time": "talk_time",
    }  # fmt: skip
    contacts = write_file(lines("person.full_name,person.phone", "Ann Lee,212-555-0101"), "contacts.csv")
    assert guessed(contacts, CONTACTS_IMPORT).columns == {
        "person.full_name": "full_name", "person.phone": "primary_phone"
    }  # fmt: skip


def test_a_whole_name_is_surer_than_a_last_part(write_file: WriteFile) -> None:
    path = write_file(lines("Supervisor - Agent,Agent,Date,Time,Answered", "Eve,Ann,2026-03-17,9:30,Y"))

    assert guessed(path).columns["Agent"] == "agent"
    assert "Supervisor - Agent" not in guessed(path).columns


def test_ids_and_times_of_something_else_are_not_those_of_the_record(write_file: WriteFile) -> None:
    path = write_file(lines("agent.id,updated.date,Start,Answered", "7,2026-03-18,2026-03-17 9:30,Y"))
    of_call = write_file(lines("call.id,Start,Answered", "7,2026-03-17 9:30,Y"), "more.csv")

    assert "external_id" not in guessed(path).columns.values()
    assert "updated.date" not in guessed(path).columns
    assert guessed(of_call).columns["call.id"] == "external_id"


def test_the_lower_name_of_a_header_in_two_rows_counts(write_file: WriteFile) -> None:
    content = lines(
        "Interaction,,Handling,", "Start time,Nr,Operator,Talk time", "2026-03-17 9:30,1,Ann,95",
        "2026-03-17 9:40,2,Bob,70", "2026-03-17 9:50,3,Bob,80",
    )  # fmt: skip
    with open_table(write_file(content)) as table:
        result = guess_mapping(CALLS_IMPORT, table.header, table.rows, parts=table.parts)

    assert result.mapping.columns == {
        "Interaction Start time": "started_at", "Handling Operator": "agent", "Handling Talk time": "talk_time"
    }  # fmt: skip
