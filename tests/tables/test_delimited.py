"""Delimited text files: delimiters, encodings, quotes, line endings, and files that aren't tables."""

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.tables.file_rules import open_table
from app.tables.table_rules import MAX_FILE_BYTES, FileProblem, Row, TableOptions
from tests.support.import_files import WriteFile, cells_of, lines, rows_or_problem


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_out_the_delimiter(write_file: WriteFile, delimiter: str) -> None:
    path = write_file(lines(delimiter.join(("a", "b", "c")), delimiter.join(("1,5", "2", "3"))).replace("1,5", "1.5"))

    with open_table(path) as table:
        assert (table.header, table.options.delimiter) == (("a", "b", "c"), delimiter)


def test_decimal_commas_do_not_make_the_comma_a_delimiter(write_file: WriteFile) -> None:
    path = write_file(lines("name;cost;rating", "A, B;1,50;4,0", "C, D;2,25;5,0"))

    assert cells_of(path) == [["A, B", "1,50", "4,0"], ["C, D", "2,25", "5,0"]]


def test_takes_the_delimiter_it_is_given(write_file: WriteFile) -> None:
    path = write_file(lines("a;b,c", "1;2,3"))

    assert cells_of(path, TableOptions(delimiter=",")) == [["1;2", "3"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251", "koi8-r", "cp866"])
def test_reads_cyrillic_in_its_encodings(write_file: WriteFile, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    text = lines("Оператор;Дата;Тема", "Иванова Мария;01.02.2021;Протечка крыши", "Пётр;02.02.2021;Замена бойлера")
    path = write_file(mark + text, encoding=encoding)

    with open_table(path) as table:
        assert table.header == ("Оператор", "Дата", "Тема")
        assert [row.cells[0] for row in table.rows] == ["Иванова Мария", "Пётр"]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_reads_western_letters(write_file: WriteFile, encoding: str) -> None:
    path = write_file(lines("Name;City", "José Muñoz;Málaga", "Zoë Müller;Köln"), encoding=encoding)

    assert cells_of(path) == [["José Muñoz", "Málaga"], ["Zoë Müller", "Köln"]]


def test_meets_the_first_letter_beyond_ascii_far_down_the_file(write_file: WriteFile) -> None:
    plain = lines(*("Anna,Tashkent",) * 100_000)
    path = write_file(lines("name,city") + plain + lines("Мария,Самарканд"), encoding="cp1251")

    with open_table(path) as table:
        assert table.options.encoding == "cp1251"
        assert [*table.rows][-1].cells == ["Мария", "Самарканд"]


def test_takes_the_encoding_it_is_given(write_file: WriteFile) -> None:
    path = write_file(lines("name,city", "José,Köln"), encoding="cp1252")

    assert cells_of(path, TableOptions(encoding="cp1251")) == [["Josй", "Kцln"]]


def test_says_where_the_given_encoding_ends_to_fit(write_file: WriteFile) -> None:
    path = write_file(lines("name,city", "Anna,Samarkand", "José,Málaga"), encoding="cp1252")

    with pytest.raises(FileProblem, match="isn’t in utf-8 encoding"):
        cells_of(path, TableOptions(encoding="utf-8"))


def test_a_row_knows_the_line_it_starts_on(write_file: WriteFile) -> None:
    path = write_file('a,b\r\n1,"two\r\nlines"\r\n\r\n , \r\n3,4\r\n')

    with open_table(path) as table:
        assert [*table.rows] == [Row(2, ["1", "two\r\nlines"]), Row(6, ["3", "4"])]


def test_old_macintosh_line_ends_are_line_ends(write_file: WriteFile) -> None:
    assert cells_of(write_file("a,b\r1,2\r3,4\r")) == [["1", "2"], ["3", "4"]]


def test_ragged_rows_come_as_they_are_but_for_empty_cells_at_their_end(write_file: WriteFile) -> None:
    path = write_file(lines("a,b,c,", "1,2,3,", "1,2", "1,2,3,4", "1,2,3,,,"))

    assert cells_of(path) == [["1", "2", "3", ""], ["1", "2"], ["1", "2", "3", "4"], ["1", "2", "3", ""]]


def test_columns_without_a_name_or_with_one_that_is_taken_get_their_own(write_file: WriteFile) -> None:
    path = write_file(lines("\ufeff Call  Id ,,Name,Name,Name (2),Name", "1,2,3,4,5,6"))

    with open_table(path) as table:
        assert table.header == ("Call Id", "Column 2", "Name", "Name (3)", "Name (2)", "Name (4)")


def test_tells_how_much_of_the_file_is_read(write_file: WriteFile) -> None:
    path = write_file(lines("a,b", *("1,2",) * 50_000))

    with open_table(path) as table:
        before = table.share_read()
        assert sum(1 for _ in table.rows) == 50_000
        assert before < 0.5 < table.share_read() == 1


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "calls.csv", "is empty"),
        (b"\n \n,,\n", "calls.csv", "is empty"),
        (b"a,b\n", "calls.csv", "no rows below"),
        (b"a,b\n1,2\n", "calls.pdf", "Only .csv"),
        (b"a,b\n1,2\n", "calls.xlsb", "can be imported"),
        (b"a,b\n1,2\n", "calls.xlsx", "the extension of a workbook"),
        (b"<!doctype html><html></html>", "calls.csv", "web page"),
        (b'{"calls": []}', "calls.csv", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "calls.csv", "isn’t a text file"),
        (b"a,b\n1,\x00\n", "calls.csv", "isn’t a text file"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "calls.csv", "Line 3: the quotes"),
        (b'a,b\n1,"2"3\n', "calls.csv", "Line 2: the quotes"),
        (b",".join([b"a"] * 1_001) + b"\n1\n", "calls.csv", "more than 1000 cells"),
        (b"x" * 10_000_000, "calls.csv", "Line 1 is far too long"),
        (b'a,b\n"' + b"x\n" * 100_000, "calls.csv", "Line 2: the quotes"),
    ],
)
def test_says_why_a_file_cannot_be_read(write_file: WriteFile, content: bytes, name: str, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence) as problem:
        cells_of(write_file(content, name))

    assert [error.field for error in problem.value.field_errors] == ["file"]


def test_a_nul_in_another_encoding_is_refused_too(write_file: WriteFile) -> None:
    with pytest.raises(FileProblem, match="Line 2 contains binary data"):
        cells_of(write_file("a,b\n1,\0\n", encoding="utf-16"))


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    with path.open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)

    with pytest.raises(FileProblem, match="larger than 200 MB"):
        cells_of(path)


def test_the_name_that_counts_is_the_one_its_owner_gave(write_file: WriteFile) -> None:
    path = write_file(lines("a,b", "1,2"), "0196-upload")

    with open_table(path, name="June calls.CSV") as table:
        assert table.header == ("a", "b")


def test_rows_are_not_held_in_memory(write_file: WriteFile) -> None:
    path = write_file(lines("id,text", *(f"{number},{'x' * 200}" for number in range(50_000))))
    tracemalloc.start()
    with open_table(path) as table:
        assert sum(1 for _ in table.rows) == 50_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < path.stat().st_size / 2


@given(some.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_bytes_of_any_kind_are_rows_or_a_problem(write_file: WriteFile, content: bytes) -> None:
    assert rows_or_problem(write_file(content))


_texts = some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(some.lists(some.tuples(_texts, _texts), min_size=1, max_size=5), some.sampled_from(",;\t|"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_csv_writer_wrote_comes_back(
    write_file: WriteFile, rows: list[tuple[str, str]], delimiter: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([("id", "one", "two"), *(("-", *row) for row in rows)])
    path = write_file(text.getvalue())

    options = TableOptions(encoding="utf-8", delimiter=delimiter)
    assert cells_of(path, options) == [["-", *row] for row in rows]


def test_columns_without_a_name_are_cut_only_if_they_are_empty(write_file: WriteFile) -> None:
    rows = ["0,", *(f"{number},,," for number in range(1, 60))]
    path = write_file(lines("id,name,,", *rows, "60,,x,"))
    empty = write_file(lines("id,name,,", *rows), "empty.csv")

    with open_table(path) as table, open_table(empty) as other:
        assert (table.header, other.header) == (("id", "name", "Column 3"), ("id", "name"))
        cells = [[*row.cells] for row in table.rows]
        assert (cells[0], cells[-2:]) == (["0", "", None], [["59", "", ""], ["60", "", "x"]])
        assert len([*other.rows]) == 60
