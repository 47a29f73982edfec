"""Weekdays that settle the order of day and month, and columns most of whose values are moments."""

from datetime import UTC, datetime

import pytest

from app.data.imports.guess_rules import Guess, guess_mapping
from app.models import Import
from app.tables.file_rules import open_table
from app.tables.table_rules import Cell
from app.work.calls.importing import CALLS_IMPORT
from tests.support.import_files import WriteFile, book_of, lines, read_calls, saved
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.pages import text_of


def guess(write_file: WriteFile, content: str | bytes, name: str = "calls.csv", country: str = "US") -> Guess:
    with open_table(write_file(content, name)) as table:
        return guess_mapping(CALLS_IMPORT, table.header, table.rows, country=country)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("Fri 03/04/2026", "Sun 05/04/2026"), "DD/MM/YYYY"),
        (("Wed 03/04/2026", "Mon 05/04/2026"), "MM/DD/YYYY"),
        (("Wednesday, 03/04/2026", "Tue 05/05/2026"), "MM/DD/YYYY"),
        (("Пт, 03.04.2026", "вс 05.04.2026"), "DD.MM.YYYY"),
        (("Juma 03.04.26",), "DD.MM.YY"),
    ],
)
@pytest.mark.parametrize("country", ["US", "GB"])
def test_a_weekday_that_fits_one_reading_settles_it(
    write_file: WriteFile, days: tuple[str, ...], expected: str, country: str
) -> None:
    content = lines("Date;Time;Answered", *(f"{day};9:00;Y" for day in days))
    result = guess(write_file, content, country=country)

    assert (result.mapping.date_formats, result.asks) == ((expected,), ())


@pytest.mark.parametrize(
    "days",
    [
        ("Fri 03/04/2026", "Sat 05/04/2026"),
        ("Fri 03/04/2026", "Mon 05/04/2026"),
        ("Tue 05/05/2026",),
        ("03/04/2026",),
    ],
)
def test_one_disagreement_is_asked(write_file: WriteFile, days: tuple[str, ...]) -> None:
    result = guess(write_file, lines("Date;Time;Answered", *(f"{day};9:00;Y" for day in days)))

    assert result.asks == ("MM/DD/YYYY", "DD/MM/YYYY")


def test_the_page_asks_where_one_weekday_disagrees(pages: ImportPages) -> None:
    rows = ("1;Fri 03/04/2026;9:00;Y", "2;Mon 05/04/2026;9:00;Y")
    page = pages.upload(lines("Call id;Date;Time;Answered", *rows).encode())

    options = [text_of(one) for one in page.all(".//input[@name='date_order']/..")]
    assert len(options) == 2
    assert "Fri 03/04/2026" in options[0]


def test_a_date_with_a_weekday_is_read(write_file: WriteFile) -> None:
    path = write_file(lines("Date;Answered", "Fri 03/04/2026 9:30 AM;Y"))

    assert read_calls(path, zone="UTC").only.started_at == datetime(2026, 4, 3, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Date", "Wann", "Start"])
def test_most_values_decide_that_a_column_holds_moments(write_file: WriteFile, name: str) -> None:
    values = ("2026-03-17 9:30", "2026-03-18 9:31", "2026-03-19 9:32", "soon", "2026-03-20")
    result = guess(write_file, lines(f"{name},Answered", *(f"{value},Y" for value in values)))

    assert result.mapping.columns[name] == "started_at"


def test_a_few_values_with_a_time_make_no_moments(write_file: WriteFile) -> None:
    rows = ("2026-03-17,9:30,Y", "2026-03-18,9:31,Y", "2026-03-19 10:00,9:32,Y")
    as_text = guess(write_file, lines("Date,Time,Answered", *rows))
    cells: list[tuple[Cell, ...]] = [
        ("Date", "Time", "Answered"),
        *((datetime(2026, 3, day), "9:30", "Y") for day in (17, 18)),
        (datetime(2026, 3, 19, 10), "9:32", "Y"),
    ]
    as_sheet = guess(write_file, saved(book_of({"Calls": cells})), "calls.xlsx")

    for result in (as_text, as_sheet):
        assert result.mapping.columns == {"Date": "date", "Time": "time", "Answered": "answered"}


def test_formats_of_a_column_chosen_later_are_named_in_the_same_answer(pages: ImportPages, importer: Importer) -> None:
    rows = '1,2026-03-04,9:30,31.03.2026,Y,1.5,"2,75"'
    page = pages.upload(lines("Call id,Date,Time,Booked on,Answered,Cost,Fee", rows).encode())
    form = page.fields(f"{pages.at}/mapping", "post")
    other = {column(page, "Date"): "", column(page, "Booked on"): "date",
             column(page, "Cost"): "", column(page, "Fee"): "cost"}  # fmt: skip

    shown = pages.client.post(f"{pages.at}/mapping/look", {**form, **other}, status=200)

    asked = text_of(shown.one(".//*[@id='asked']"))
    assert "Dates in “Booked on” are now read as DD.MM.YYYY." in asked
    assert "Decimal separator is now: Comma: 1,5" in asked
    found = shown.fields(f"{pages.at}/mapping", "post")
    assert (found["date_formats"], found["decimal_separator"]) == ("DD.MM.YYYY", ",")
    pages.map(shown)
    assert importer.only(Import).mapping["decimal_separator"] == ","
