"""Excel workbooks: cell types, sheets, and damaged or malicious files."""

import os
import re
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from io import BytesIO
from time import monotonic, sleep
from time import thread_time as time_of_thread
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from app.tables import file_rules, table_rules, workbook_rules
from app.tables.file_rules import open_table, read_first_rows
from app.tables.table_rules import FileProblem, Glance, Row, TableOptions
from tests.support.import_files import WriteFile, book_of, cells_of, rows_or_problem, saved, workbook

SHEET = "xl/worksheets/sheet1.xml"


def changed(content: bytes, part: str, pattern: str, replacement: str) -> bytes:
    """Return the workbook with one of its parts altered."""
    result = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                text = re.sub(pattern, replacement, text.decode(), count=1).encode()
            new.writestr(name, text)
    return result.getvalue()


def test_cells_keep_their_type(write_file: WriteFile) -> None:
    row = ("text", 7, 1.5, True, datetime(2021, 1, 2, 9, 30), time(9, 12, 58), timedelta(hours=30), None)
    content = workbook(tuple("abcdefgh"), row)

    assert cells_of(write_file(content, "calls.xlsx")) == [[*row]]


def test_a_date_without_a_time_is_midnight(write_file: WriteFile) -> None:
    content = workbook(("day",), (date(2021, 1, 2),))

    assert cells_of(write_file(content, "calls.xlsx")) == [[datetime(2021, 1, 2)]]


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same_days(write_file: WriteFile) -> None:
    book = book_of({"Calls": [("at",), (datetime(2026, 3, 4, 9, 30),)]})
    book.epoch = CALENDAR_MAC_1904

    assert cells_of(write_file(saved(book), "calls.xlsx")) == [[datetime(2026, 3, 4, 9, 30)]]


def test_the_day_0_of_a_sheet_is_a_time_and_an_error_is_text(write_file: WriteFile) -> None:
    book = book_of({"Calls": [("at", "wait"), (0, "#N/A")]})
    book["Calls"]["A2"].number_format = "yyyy-mm-dd hh:mm"

    assert cells_of(write_file(saved(book), "calls.xlsx")) == [[time(0), "#N/A"]]


def test_a_row_knows_its_number_in_the_sheet(write_file: WriteFile) -> None:
    content = workbook((None,), ("a", "b"), (), ("1", "2"), (None, " "), ("3",))

    with open_table(write_file(content, "calls.xlsx")) as table:
        assert table.header == ("a", "b")
        assert [*table.rows] == [Row(4, ("1", "2")), Row(6, ("3", None))]


def test_cells_beyond_the_header_make_a_row_ragged(write_file: WriteFile) -> None:
    content = workbook(("a", "b"), ("1", "2", "3"))

    assert cells_of(write_file(content, "calls.xlsx")) == [["1", "2", "3"]]


def test_reads_the_first_sheet_that_is_shown_unless_told_which(write_file: WriteFile) -> None:
    book = book_of({name: [(name,), (1,)] for name in ("Notes", "May", "June")})
    book["Notes"].sheet_state = "hidden"
    path = write_file(saved(book), "calls.xlsx")

    with open_table(path) as table:
        assert (table.header, table.sheets) == (("May",), ("Notes", "May", "June"))
    with open_table(path, TableOptions(sheet="June")) as table:
        assert (table.header, table.options.sheet) == (("June",), "June")
    with pytest.raises(FileProblem, match="no sheet named “July”"):
        cells_of(path, TableOptions(sheet="July"))


def test_a_formula_is_the_value_last_computed_for_it(write_file: WriteFile) -> None:
    content = workbook(("a",), ("=1+1",))
    computed = changed(content, SHEET, r"<f>1\+1</f><v */?>(</v>)?", "<f>1+1</f><v>2</v>")

    assert cells_of(write_file(computed, "calls.xlsx")) == [[2]]


def test_what_a_sheet_says_of_its_size_is_not_believed(write_file: WriteFile) -> None:
    content = workbook(("a", "b"), (1, 2))
    made_up = changed(content, SHEET, 'ref="A1:B2"', 'ref="A1:XFD1048576"')

    assert cells_of(write_file(made_up, "calls.xlsx")) == [[1, 2]]


def test_a_page_does_not_look_for_the_size_of_a_sheet_through_all_its_rows(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_rules, "GLANCE_LINES", 10)
    monkeypatch.setattr(table_rules, "GLANCE_SECONDS", 0.5)
    content = workbook(("a", "b"), *[(number, "text") for number in range(20_000)])
    path = write_file(changed(content, SHEET, "<dimension[^>]*>", ""), "calls.xlsx")

    assert len(read_first_rows(path, TableOptions(), "calls.xlsx").rows) == 9


def test_the_content_counts_not_the_suffix(write_file: WriteFile) -> None:
    assert cells_of(write_file(workbook(("a",), (1,)), "calls.csv")) == [[1]]


def test_tells_how_much_of_the_sheet_is_read(write_file: WriteFile) -> None:
    path = write_file(workbook(("a",), *((number,) for number in range(99))), "calls.xlsx")

    with open_table(path) as table:
        assert table.share_read() == 0.5
        assert sum(1 for _ in table.rows) == 99
        assert table.share_read() == 1


def test_a_workbook_that_unpacks_into_far_more_is_refused(write_file: WriteFile) -> None:
    path = write_file(workbook(("a",), (1,)), "calls.xlsx")
    with ZipFile(path, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(workbook_rules.RATIO_MATTERS_FROM_BYTES + 1))

    with pytest.raises(FileProblem, match="far too much data"):
        cells_of(path)


@pytest.mark.parametrize("limit", ["MAX_UNPACKED_BYTES", "MAX_SHARED_STRINGS_BYTES", "MAX_PARTS"])
def test_each_limit_of_a_workbook_holds(write_file: WriteFile, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    path = write_file(workbook(("a",), ("text",)), "calls.xlsx")
    with ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", "<sst/>")
    monkeypatch.setattr(workbook_rules, limit, 5)

    with pytest.raises(FileProblem, match="far too much data"):
        cells_of(path)


def test_entities_that_multiply_are_refused(write_file: WriteFile) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    content = changed(workbook(("a",), (1,)), SHEET, "<worksheet", f"{entities}<worksheet")

    with pytest.raises(FileProblem, match="damaged"):
        cells_of(write_file(content, "calls.xlsx"))


def test_a_row_number_that_no_sheet_has_is_refused(write_file: WriteFile) -> None:
    content = changed(workbook(("a",), (1,)), SHEET, 'row r="2"', 'row r="99999999999"')

    with pytest.raises(FileProblem, match="damaged"):
        cells_of(write_file(content, "calls.xlsx"))


def test_lxml_reads_no_workbook_even_where_it_is_installed() -> None:
    """The app keeps openpyxl from using lxml, which defusedxml doesn't protect.

    The test runs a separate process, since openpyxl looks for lxml when it is imported.
    """
    code = "import app.tables.file_rules, lxml.etree, openpyxl\nprint(openpyxl.LXML, openpyxl.DEFUSEDXML)"
    environment = {name: value for name, value in os.environ.items() if name != "OPENPYXL_LXML"}

    run = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)

    assert run.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (workbook(("a",), (1,))[:-200], "damaged"),
        (changed(workbook(("a",), (1,)), "xl/workbook.xml", "<sheets>", "<sheets"), "damaged"),
        (changed(workbook(("a",), (1,)), SHEET, "<v>1</v>", "<v>one</v>"), "damaged"),
        (changed(workbook(("a",), (1,)), SHEET, 't="n"><v>1</v>', 't="s"><v>1</v>'), "damaged"),
        (workbook(), "is empty"),
        (workbook(("a", "b")), "no rows below"),
    ],
    ids=["no xls", "password", "no zip", "cut", "broken book", "broken sheet", "no such text", "empty", "header only"],
)
def test_says_why_a_workbook_cannot_be_read(write_file: WriteFile, content: bytes, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence):
        cells_of(write_file(content, "calls.xlsx"))


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@given(some.integers(0), some.binary(min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_damaged_workbook_is_rows_or_a_problem(write_file: WriteFile, place: int, damage: bytes) -> None:
    content = bytearray(workbook(("a", "b"), ("text", 1), (date(2021, 1, 2), time(9))))
    place %= len(content)
    content[place : place + len(damage)] = damage

    assert rows_or_problem(write_file(bytes(content), "calls.xlsx"))


def test_a_zip_file_that_is_no_workbook_is_refused(write_file: WriteFile) -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("calls.csv", "a,b\n1,2\n")

    with pytest.raises(FileProblem, match="isn’t an Excel workbook"):
        cells_of(write_file(content.getvalue(), "calls.xlsx"))


def with_empty_rows(count: int, *rows: tuple[str, ...]) -> bytes:
    """Return a workbook whose rows are followed by `count` empty ones, which compress to a few bytes each."""
    empty = "".join(f'<row r="{len(rows) + number}"/>' for number in range(1, count + 1))
    return changed(workbook(*rows), SHEET, "</sheetData>", f"{empty}</sheetData>")


def test_a_page_does_not_wait_for_the_end_of_a_sheet_of_empty_rows(write_file: WriteFile) -> None:
    path = write_file(with_empty_rows(60_000, ("a", "b"), ("1", "2")), "calls.xlsx")

    glance = Glance()
    with open_table(path, glance=glance) as table:
        assert [row.cells for row in table.rows] == [("1", "2")]

    assert glance.is_over
    first = read_first_rows(path, TableOptions(), "calls.xlsx")
    assert (len(first.rows), first.is_whole) == (1, False)


def test_a_sheet_that_begins_with_thousands_of_empty_rows_is_refused_with_the_reason(write_file: WriteFile) -> None:
    path = write_file(with_empty_rows(60_000, ()), "calls.xlsx")

    with pytest.raises(FileProblem, match="starts with thousands of empty rows or cells"):
        read_first_rows(path, TableOptions(), "calls.xlsx")


def test_the_worker_reads_what_stands_behind_thousands_of_empty_rows(write_file: WriteFile) -> None:
    content = with_empty_rows(30_000, ("a",), ("1",))
    late = changed(content, SHEET, "</sheetData>", '<row r="40000"><c r="A40000"><v>2</v></c></row></sheetData>')

    with open_table(write_file(late, "calls.xlsx")) as table:
        assert [*table.rows] == [Row(2, ("1",)), Row(40_000, (2,))]


def test_a_sheet_that_begins_with_too_many_empty_cells_is_refused_with_the_reason(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_rules, "GLANCE_CELLS", 5)
    path = write_file(workbook((), (None,) * 5 + ("a",), ("1",)), "calls.xlsx")

    with pytest.raises(FileProblem, match="starts with thousands of empty rows or cells"):
        read_first_rows(path, TableOptions(), "calls.xlsx")


def test_a_row_that_never_ends_takes_no_page_more_than_its_time(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_rules, "GLANCE_SECONDS", 0.3)
    row = "".join(f'<c r="A1" t="str"><v>{number}</v></c>' for number in range(300_000))
    content = changed(workbook(("a",), ("1",)), SHEET, "<row ", f'<row r="1">{row}</row><row ')

    with pytest.raises(FileProblem, match="takes too long to read"):
        read_first_rows(write_file(content, "calls.xlsx"), TableOptions(), "calls.xlsx")


def test_a_sheet_has_only_so_many_cells(write_file: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_rules, "MAX_SHEET_CELLS", 5)

    assert rows_or_problem(write_file(workbook(("a", "b"), *[("1", "2")] * 2), "calls.xlsx")) == (
        "The workbook contains far too much data. Save the sheet you need as CSV and import that."
    )


def test_the_beginning_of_a_file_is_forgotten_after_minutes(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_rules, "CACHE_SECONDS", 0.05, raising=False)
    path = write_file(workbook(("a", "b"), ("1", "2")), "calls.xlsx")
    first = read_first_rows(path, TableOptions(), "calls.xlsx")

    time_to_forget = monotonic() + 5
    while read_first_rows(path, TableOptions(), "calls.xlsx") is first:
        assert monotonic() < time_to_forget, "it is kept"
        sleep(0.02)


def test_the_beginning_of_a_file_is_read_once_for_all_its_pages(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_file(workbook(("a", "b"), ("1", "2")), "calls.xlsx")
    first = read_first_rows(path, TableOptions(), "calls.xlsx")
    monkeypatch.delattr(workbook_rules, "_Reader")

    assert read_first_rows(path, TableOptions(), "calls.xlsx") is first
    assert [*first.table.rows] == [*first.table.rows] == [Row(2, ("1", "2"))]


def with_styles(inside: str) -> bytes:
    """Return a workbook with these styles and a cell of style 1."""
    content = changed(workbook(("a",), (1,)), SHEET, '(<c r="A2")', r'\1 s="1"')
    sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return changed(content, "xl/styles.xml", "(?s)^.*$", f'<styleSheet xmlns="{sheet}">{inside}</styleSheet>')


def test_a_workbook_of_countless_styles_takes_no_page_more_than_its_time(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_rules, "GLANCE_SECONDS", 3.0)
    path = write_file(with_styles(f"<cellXfs>{'<xf/>' * 400_000}</cellXfs>"), "calls.xlsx")
    began = time_of_thread()

    with suppress(FileProblem):
        read_first_rows(path, TableOptions(), "calls.xlsx")

    assert time_of_thread() - began < 4


def test_styles_of_a_workbook_that_has_seen_much_use_say_which_cells_are_dates(write_file: WriteFile) -> None:
    formats = '<numFmts><numFmt numFmtId="200" formatCode="[$-409]d/m/yyyy;@"/></numFmts>'
    content = with_styles(
        f'{formats}<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf/><xf numFmtId="200">'
        f"<alignment/></xf>{'<xf/>' * 60_000}</cellXfs>"
    )

    assert cells_of(write_file(content, "calls.xlsx")) == [[datetime(1900, 1, 1)]]


def test_a_format_longer_than_any_can_be_is_refused(write_file: WriteFile) -> None:
    formats = f'<numFmts><numFmt numFmtId="200" formatCode="{"[" * 20_000}"/></numFmts>'

    with pytest.raises(FileProblem, match="damaged"):
        cells_of(write_file(with_styles(f'{formats}<cellXfs><xf/><xf numFmtId="200"/></cellXfs>'), "calls.xlsx"))


@pytest.mark.parametrize("limit", ["MAX_WHOLE_BYTES", "MAX_STYLES_BYTES"])
def test_only_so_much_of_a_workbook_is_read_whole(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(workbook_rules, limit, 500)

    with pytest.raises(FileProblem, match="far too much data"):
        cells_of(write_file(workbook(("a",), (1,)), "calls.xlsx"))


def test_a_sheet_of_a_chart_is_none_to_choose(write_file: WriteFile) -> None:
    book = book_of({"May": [("a",), (1,)]})
    book.create_chartsheet("Picture", 0)
    path = write_file(saved(book), "calls.xlsx")

    with open_table(path) as table:
        assert (table.header, table.sheets) == (("a",), ("May",))
