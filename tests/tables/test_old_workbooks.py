"""Workbooks in .xls and .ods files: cell types, date systems, sheets, and damaged or malicious files."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from time import monotonic
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlwt

from app.tables import file_rules, old_workbook_rules
from app.tables.file_rules import open_table, read_first_rows
from app.tables.table_rules import FileProblem, Glance, Row, TableOptions
from tests.support.import_files import WriteFile, cells_of, lines, mapped, read_calls, rows_or_problem, workbook
from tests.support.sheet_files import ods, ods_of, saved_xls, xls

Write = Callable[..., bytes]
FORMATS = pytest.mark.parametrize(("write", "name"), [(xls, "calls.xls"), (ods, "calls.ods")], ids=["xls", "ods"])


@FORMATS
def test_cells_keep_their_type(write_file: WriteFile, write: Write, name: str) -> None:
    row = ("text", 7, 1.5, True, datetime(2021, 1, 2, 9, 30), date(2021, 1, 2), time(9, 12, 58), timedelta(hours=30))
    content = write(tuple("abcdefgh"), row)

    assert cells_of(write_file(content, name)) == [[*row]]


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same_days(write_file: WriteFile) -> None:
    moment = datetime(2026, 3, 4, 9, 30, 5)

    assert cells_of(write_file(xls(("at",), (moment,), since_1904=True), "calls.xls")) == [[moment]]


def test_a_time_on_the_day_before_all_days_is_a_time(write_file: WriteFile) -> None:
    content = ods(("talk",), (datetime(1899, 12, 30, 0, 2, 5),))

    assert cells_of(write_file(content, "calls.ods")) == [[time(0, 2, 5)]]


def test_a_day_with_the_number_0_is_no_day(write_file: WriteFile) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Calls")
    for place, (name, value) in enumerate({"external_id": "1", "started_at": 0, "answered": "yes"}.items()):
        sheet.write(0, place, name)
        sheet.write(1, place, value, xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm"))
    path = write_file(saved_xls(book), "calls.xls")

    assert [error.column for error in read_calls(path, mapped(("external_id", "started_at", "answered"))).errors] == [
        "started_at"
    ]


def test_a_cell_with_an_error_is_empty(write_file: WriteFile) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Calls")
    sheet.write(0, 0, "a")
    sheet.write(0, 1, "b")
    sheet.write(1, 0, 1)
    sheet.row(1).set_cell_error(1, 0x2A)

    assert cells_of(write_file(saved_xls(book), "calls.xls")) == [[1, ""]]


@FORMATS
def test_a_row_knows_its_number_in_the_sheet(write_file: WriteFile, write: Write, name: str) -> None:
    content = write((None,), ("a", "b"), (), ("1", "2"), (None, " "), ("3",))

    with open_table(write_file(content, name)) as table:
        assert table.header == ("a", "b")
        assert [(row.line, row.cells[0]) for row in table.rows] == [(4, "1"), (6, "3")]
        assert table.share_read() == 1


@FORMATS
def test_reads_the_sheet_that_it_is_told(write_file: WriteFile, write: Write, name: str) -> None:
    path = write_file(write(sheets={sheet: [(sheet,), (1,)] for sheet in ("May", "June")}), name)

    with open_table(path) as table:
        assert (table.header, table.sheets) == (("May",), ("May", "June"))
    with open_table(path, TableOptions(sheet="June")) as table:
        assert (table.header, table.options.sheet) == (("June",), "June")
    with pytest.raises(FileProblem, match="no sheet named “July”"):
        cells_of(path, TableOptions(sheet="July"))


def test_a_hidden_sheet_is_passed_over(write_file: WriteFile) -> None:
    book = xlwt.Workbook()
    for name in ("Notes", "May"):
        sheet = book.add_sheet(name)
        sheet.write(0, 0, name)
        sheet.write(1, 0, 1)
    book.get_sheet(0).visibility = 1
    book.set_active_sheet(1)

    with open_table(write_file(saved_xls(book), "calls.xls")) as table:
        assert table.header == ("May",)


@FORMATS
def test_reads_one_alone_in_a_zip_file(write_file: WriteFile, write: Write, name: str) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(f"June/{name}", write(("a",), ("1",)))

    assert cells_of(write_file(packed.getvalue(), "calls.zip")) == [["1"]]


@FORMATS
def test_the_content_counts_not_the_suffix(write_file: WriteFile, write: Write, name: str) -> None:
    for suffix in (".csv", ".xlsx", ".zip"):
        assert cells_of(write_file(write(("a",), ("1",)), f"calls{suffix}")) == [["1"]]
    assert cells_of(write_file(workbook(("a",), ("1",)), name)) == [["1"]]


def test_a_text_table_that_is_called_xls_is_read(write_file: WriteFile) -> None:
    path = write_file(lines("Name\tCity", "Пётр\t5"), "calls.xls", "utf-16")

    assert cells_of(path) == [["Пётр", "5"]]


def test_a_page_looks_at_the_beginning_alone(write_file: WriteFile) -> None:
    path = write_file(xls(("a",), *((number,) for number in range(2_000))), "calls.xls")

    first = read_first_rows(path, TableOptions(), "calls.xls")

    assert (len(first.rows), first.rows[0], first.is_whole) == (1_000, Row(2, [0]), False)


PASSWORD = '<manifest:encryption-data manifest:checksum-type="SHA1/1K" manifest:checksum="eA=="/>'


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "calls.xls", "damaged"),
        (xls(("a",), (1,))[:2_000], "calls.xls", "damaged"),
        (xls(("a",)), "calls.xls", "no rows below"),
        (xls(()), "calls.xls", "is empty"),
        (ods(("a",), (1,)).replace(b"content.xml", b"c0ntent.xml"), "calls.ods", "isn’t an Excel workbook|damaged"),
        (ods(("a",), (1,))[:-30], "calls.ods", "damaged"),
        (ods_of("<html>"), "calls.ods", "no visible sheet"),
        (ods_of("", PASSWORD), "calls.ods", "password"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "calls.xls", "web page"),
        (b"a,b\n1,2\n", "calls.ods", "has the extension of a workbook but isn’t one"),
    ],
    ids=["no xls", "xls cut", "header only", "empty", "no sheets", "ods cut", "no ods", "password", "html", "text"],
)
def test_says_why_a_workbook_cannot_be_read(write_file: WriteFile, content: bytes, name: str, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence):
        cells_of(write_file(content, name))


def test_says_that_an_old_workbook_has_a_password(write_file: WriteFile) -> None:
    content = xls(("a",), ("one word",))
    # Replaces the record that names the last author with one that describes an encryption.
    place = content.index(bytes.fromhex("5c007000"))
    locked = content[:place] + bytes.fromhex("2f007000") + bytes.fromhex("0100010001000100") + content[place + 12 :]

    with pytest.raises(FileProblem, match="password-protected"):
        cells_of(write_file(locked, "calls.xls"))


@FORMATS
def test_a_damaged_workbook_is_rows_or_a_problem_at_once(write_file: WriteFile, write: Write, name: str) -> None:
    whole = write(("a", "b"), ("text", 1), (date(2021, 1, 2), time(9)), *[("more", 2)] * 50)
    began = monotonic()

    for step in range(40):
        place = step * len(whole) // 40
        flipped = bytearray(whole)
        flipped[place] ^= 0x55
        for content in (bytes(flipped), whole[: place + 8]):
            assert rows_or_problem(write_file(content, name))

    assert monotonic() - began < 90


def test_rows_that_a_sheet_repeats_without_end_are_refused(write_file: WriteFile) -> None:
    row = '<table:table-cell office:value-type="string" table:number-columns-repeated="600"><text:p>x</text:p>'
    repeated = f'<table:table-row table:number-rows-repeated="100000">{row}</table:table-cell></table:table-row>'

    with pytest.raises(FileProblem, match="far too much data"):
        cells_of(write_file(ods(("a",), (1,), beside=repeated), "calls.ods"))


def test_a_sheet_of_two_cells_far_apart_is_refused_not_held_in_memory(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_workbook_rules, "MAX_MEMORY_BYTES", 300 * 1024**2)
    book = xlwt.Workbook()
    sheet = book.add_sheet("Calls")
    sheet.write(0, 0, "a")
    sheet.write(65_535, 255, "b")

    with pytest.raises(FileProblem, match="far too much data"):
        cells_of(write_file(saved_xls(book), "calls.xls"))


def test_a_workbook_that_takes_too_long_is_refused(write_file: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_workbook_rules, "GLANCE_SECONDS", 0)
    path = write_file(ods(*[("a", "b", "c")] * 30_000), "calls.ods")

    with pytest.raises(FileProblem, match="takes too long to read"), open_table(path, glance=Glance()):
        pass


@pytest.mark.parametrize(
    ("limit", "content", "name", "sentence"),
    [
        ("MAX_XLS_BYTES", xls(("a",), (1,)), "calls.xls", "An .xls file can be up to 0 MB. Save it as .xlsx or .csv"),
        ("MAX_ODS_BYTES", ods(("a",), (1,)), "calls.ods", "can be up to 0 MB unpacked"),
    ],
)
def test_only_so_much_is_read_whole(
    write_file: WriteFile, monkeypatch: pytest.MonkeyPatch, limit: str, content: bytes, name: str, sentence: str
) -> None:
    monkeypatch.setattr(file_rules, limit, 5)

    with pytest.raises(FileProblem, match=sentence):
        cells_of(write_file(content, name))
