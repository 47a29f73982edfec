"""Location of the table in a file: titles above it, a header in two rows, and totals below it."""

import csv
from datetime import datetime
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest

from app.models import Call
from app.tables.file_rules import open_table, read_first_rows
from app.tables.table_rules import FileProblem, Glance, Row, TableOptions
from tests.support.import_files import WriteFile, book_of, cells_of, lines, saved, workbook
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer

HEADER = ("Call ID", "Start time", "Agent", "Talk time", "Answered")
ONE = ("c1", "2026-03-01 09:00", "Ann Lee", "60", "yes")
TWO = ("c2", "2026-03-02 10:30", "Bob Ray", "90", "yes")


def text(*rows: tuple[str, ...], delimiter: str = ",") -> str:
    written = StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    return written.getvalue()


@pytest.mark.parametrize(
    "titles",
    [
        [("Call report",)],
        [("Call report", "", "", "", "")],
        [("Call report",), ("March 2026",), ()],
        [("Report", "Calls"), ("Period", "2026-03-01 to 2026-03-31"), ("Made by", "Ann Lee")],
        [("", "", "Calls of March", "", ""), ()],
        [("From", "2026-03-01", "to", "2026-03-31"), ()],
    ],
    ids=["one", "with delimiters", "and a blank line", "names and values", "in the middle", "wide, with a gap"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_titles_above_the_header_are_passed_over_and_it_is_said(
    write_file: WriteFile, titles: list[tuple[str, ...]], delimiter: str
) -> None:
    path = write_file(text(*titles, HEADER, ONE, TWO, delimiter=delimiter))

    with open_table(path) as table:
        assert (table.header, [row.cells for row in table.rows]) == (HEADER, [[*ONE], [*TWO]])
        line = len(titles) + 1
        (notice,) = map(str, table.notices)
    assert f"The header is on line {line}." in notice
    assert notice.startswith("1 line above" if len(titles) == 1 else f"{len(titles)} lines above")


def test_titles_of_a_workbook_are_passed_over(write_file: WriteFile) -> None:
    content = workbook(("Calls",), (None, "March"), (), HEADER, ONE)

    with open_table(write_file(content, "calls.xlsx")) as table:
        assert table.header == HEADER
        assert [*table.rows] == [Row(5, ONE)]


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, ONE, TWO],
        [("Call ID", "", "Agent", "", "Answered"), ONE, TWO],
        [("Name",), ("Ann",), ("Bob",)],
        [("Name", "City"), ("Ann Lee", "Albany"), ("Bob Ray", "Boston")],
        [("Name", "", "City"), ("Ann Lee", "CSR", "Albany"), ("Bob Ray", "CSR", "Boston")],
        [("Name", "", "Talk"), ("Ann Lee", "CSR", "none"), ("Bob Ray", "CSR", "35")],
        [("Name", "Note", "City", "Phone"), ("Ann Lee", "", "", ""), ("Bob Ray", "x", "Boston", "+12125550101")],
        [("2025", "2026"), ("1", "2")],
    ],
    ids=["usual", "names missing", "one column", "words", "a name missing", "mixed", "sparse", "years"],
)
def test_a_header_in_the_first_line_stays_there(write_file: WriteFile, rows: list[tuple[str, ...]]) -> None:
    with open_table(write_file(text(*rows))) as table:
        assert [(name or header) for name, header in zip(rows[0], table.header, strict=True)] == [*table.header]
        assert [tuple(row.cells) for row in table.rows] == rows[1:]
        assert table.notices == ()


@pytest.mark.parametrize(
    ("upper", "lower", "names"),
    [
        (("Call", "", "", "Agent", ""), ("ID", "Start", "Talk time", "Name", "Team"),
         ("Call ID", "Call Start", "Call Talk time", "Agent Name", "Agent Team")),
        (("Call ID", "Call", "", "Agent", ""), ("", "Call start", "Talk time", "Name", "Team"),
         ("Call ID", "Call start", "Call Talk time", "Agent Name", "Agent Team")),
    ],
    ids=["groups", "merged downwards"],
)  # fmt: skip
def test_a_header_in_two_rows_is_joined_and_it_is_said(
    write_file: WriteFile, upper: tuple[str, ...], lower: tuple[str, ...], names: tuple[str, ...]
) -> None:
    row = ("c1", "2026-03-01 09:00", "60", "Ann Lee", "North")
    for titles in ((), (("Calls",), ("March",))):
        with open_table(write_file(text(*titles, upper, lower, row))) as table:
            assert (table.header, [tuple(row.cells) for row in table.rows]) == (names, [row])
            assert "Their names are joined" in str(table.notices[-1])
            assert len(table.notices) == (2 if titles else 1)


def test_merged_cells_of_a_workbook_name_all_their_columns(write_file: WriteFile) -> None:
    rows = [
        ("Call", None, "Agent", None),
        ("ID", "Start", "Name", "Team"),
        ("c1", datetime(2026, 3, 1), "Ann", "North"),
    ]
    book = book_of({"Calls": rows})
    book["Calls"].merge_cells("A1:B1")
    book["Calls"].merge_cells("C1:D1")

    with open_table(write_file(saved(book), "calls.xlsx")) as table:
        assert table.header == ("Call ID", "Call Start", "Agent Name", "Agent Team")


def test_the_header_is_taken_from_the_line_that_is_said(write_file: WriteFile) -> None:
    path = write_file(text(("A", "B", "C", "D", "E"), ("left", "over", "from", "last", "time"), HEADER, ONE))

    with open_table(path, TableOptions(header_line=3)) as table:
        assert (table.header, table.notices) == (HEADER, ())
        assert [*table.rows] == [Row(4, [*ONE])]
    with pytest.raises(FileProblem, match="no line 9"):
        cells_of(path, TableOptions(header_line=9))


@pytest.mark.parametrize(
    "totals",
    [
        ("Total", "", "", "150", ""),
        ("Totals:", "2 calls", "", "150", "2"),
        ("", "", "Grand total", "150", ""),
        ("Итого", "", "", "150", ""),
        ("Jami", "", "", "150", ""),
        ("", "", "", "150", "2"),
        ("Total",),
    ],
)
def test_a_row_of_totals_is_marked(write_file: WriteFile, totals: tuple[str, ...]) -> None:
    with open_table(write_file(text(HEADER, ONE, TWO, totals))) as table:
        assert [(row.line, row.is_totals) for row in table.rows] == [(2, False), (3, False), (4, True)]


def test_sums_between_rows_are_marked_too(write_file: WriteFile) -> None:
    path = write_file(text(HEADER, ONE, ("Subtotal", "", "", "60", ""), TWO, ("Total", "", "", "150", "")))

    with open_table(path) as table:
        assert [row.line for row in table.rows if row.is_totals] == [3, 5]


@pytest.mark.parametrize(
    "row",
    [
        ("Total Plumbing", "2026-03-03 10:00", "Ann Lee", "30", "yes"),
        ("c3", "", "", "30", ""),
        ("", "2026-03-03 10:00", "", "30", ""),
        ("", "", "Ann Lee", "30", ""),
    ],
)
def test_what_only_looks_a_little_like_totals_is_a_row(write_file: WriteFile, row: tuple[str, ...]) -> None:
    with open_table(write_file(text(HEADER, ONE, TWO, row))) as table:
        assert not any(one.is_totals for one in table.rows)


def test_the_last_row_that_a_page_looks_at_is_not_the_last_of_the_file(write_file: WriteFile) -> None:
    path = write_file(text(HEADER, *[ONE] * 30_000))

    with open_table(path, glance=Glance()) as table:
        assert not any(row.is_totals for row in table.rows)


def test_totals_are_turned_away_with_their_reason(importer: Importer, write_file: WriteFile) -> None:
    path = write_file(text(HEADER, ONE, ("Total", "2026-03-31 00:00", "", "60", "")))

    imported = importer.calls(path, create_users=True)

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    assert imported.refusals == [(3, None, None, "This looks like a row of totals.")]
    assert importer.only(Call).external_id == "c1"


def test_the_page_says_where_the_header_was_found_and_takes_another_line(pages: ImportPages) -> None:
    content = text(("Report of calls",), HEADER, ONE, TWO).encode()
    page = pages.upload(content)
    assert "1 line above the table was skipped. The header is on line 2." in page.text

    again = pages.client.get(f"{pages.at}/mapping?header_line=3")

    assert "above the table" not in again.text
    assert ONE[0] in again.text
    assert again.fields(f"{pages.at}/mapping", "post")["header_line"] == "3"


def test_the_line_of_the_header_is_kept_with_the_mapping(pages: ImportPages) -> None:
    page = pages.upload(text(("A", "B", "C", "D", "E"), HEADER, ONE).encode())
    page = pages.client.get(f"{pages.at}/mapping?header_line=2")
    preview = pages.client.follow(pages.map(page))

    assert "Ann Lee" in preview.text
    assert pages.client.get(f"{pages.at}/mapping").fields(f"{pages.at}/mapping", "post")["header_line"] == "2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', ""])
def test_the_first_line_of_excel_says_the_delimiter(
    write_file: WriteFile, encoding: str, line_end: str, first: str
) -> None:
    rows = [first, "Имя;Cost;Rating", "Пётр, Jr;1,50;4", "", "Ann, Jr;2,25;5", ""] if first else [
        "Имя;Cost;Rating", "Пётр, Jr;1,50;4", "", "Ann, Jr;2,25;5", ""
    ]  # fmt: skip
    path = write_file(line_end.join(rows), encoding=encoding)

    with open_table(path) as table:
        assert (table.header, table.notices) == (("Имя", "Cost", "Rating"), ())
        assert [row.cells for row in table.rows] == [["Пётр, Jr", "1,50", "4"], ["Ann, Jr", "2,25", "5"]]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(write_file: WriteFile, encoding: str) -> None:
    path = write_file(
        lines(*map("\t".join, (("Оператор", "Дата"), ("Иванова Мария", "01.02.2021")))), encoding=encoding
    )

    assert cells_of(path) == [["Иванова Мария", "01.02.2021"]]
    assert cells_of(path, TableOptions(encoding="utf-16")) == cells_of(path)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_trailing_delimiters_blank_lines_and_quotes_are_as_if_they_were_not_there(
    write_file: WriteFile, delimiter: str
) -> None:
    rows = [("a", "b", ""), ('1 "x"', "2", ""), ("", "", ""), (), ("3", f"4{delimiter} 5", "", "")]

    assert cells_of(write_file(text(*rows, delimiter=delimiter))) == [['1 "x"', "2"], ["3", f"4{delimiter} 5"]]


def test_a_mark_within_a_zip_file_is_no_part_of_the_first_name(write_file: WriteFile) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("calls.csv", text(("Название", "b"), ("1", "2")).encode("utf-8-sig"))
    path = write_file(packed.getvalue(), "calls.zip")

    assert read_first_rows(path, TableOptions(), "calls.zip").header == ("Название", "b")
