"""CSV files: formulas are exported as text, other values unchanged, and long files are sent while they are written."""

import csv
import io
import re
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

import pytest
from flask import Flask, Response
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lists.csv import csv_chunks, csv_response, harmless


def _cell(text: str) -> str:
    [[cell]] = csv.reader(_lines([[text]]).splitlines(keepends=True))
    return cell


def _lines(rows: Iterable[Sequence[object]]) -> str:
    """Return the file of these rows without its header."""
    return "".join(list(csv_chunks(["Name"], rows))[1:])


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1+cmd", "'+1+cmd"),
        ("-1+cmd", "'-1+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("  =1", "'  =1"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ("Ann;=1+1", "Ann;'=1+1"),
        ("Ann; @SUM(A1)", "Ann; '@SUM(A1)"),
        ("Ann\n=1", "Ann\n'=1"),
        ("=1;=2", "'=1;'=2"),
        ('x;"=1+1;"', """x;"'=1+1;\""""),
        ('x; "" =1', """x; "" '=1"""),
    ],
)
def test_a_formula_is_text(text: str, cell: str) -> None:
    assert _cell(text) == cell


@pytest.mark.parametrize(
    "text", ["", "Ann", "ann=bob", "Ann; Bob", "+998901234567", "-1,250.75", "Ann\nBob", "Здравствуйте", "(none)"]
)
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert _cell(text) == text


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (["Name", "x;\"+1,5+cmd|' /C calc'!A0;\"", "Z"], """Name,"x;""'+1,5+cmd|' /C calc'!A0;\""",Z"""),
        (["Name", "x;+1,5+cmd|;", "Z"], """Name,"x;'+1,5+cmd|;",Z"""),
        (["Name", "x;+1", "5+cmd|;", "Z"], "Name,x;'+1,5+cmd|;,Z"),
        (["Name", "x\t+1", "5+cmd|", "Z"], "Name,x\t'+1,5+cmd|,Z"),
        (["Name", "+1,5+cmd|", "Z"], """Name,"'+1,5+cmd|",Z"""),
        (["+15550142", "5+cmd|;", "Z"], "'+15550142,5+cmd|;,Z"),
        (["+1", "E5+cmd|;"], "'+1,E5+cmd|;"),
        (["+1,5", "*cmd|"], """"'+1,5",*cmd|"""),
        ([Decimal("-1.5"), "", "(A1)"], "'-1.5,,(A1)"),
        (["Name", "Ann\n+1", "5+cmd|"], """Name,"Ann\n'+1",5+cmd|"""),
    ],
)
def test_a_number_that_text_makes_a_formula_is_text(row: list[object], line: str) -> None:
    assert _lines([row]) == f"{line}\r\n"


@pytest.mark.parametrize(
    "row",
    [
        ["+15550142", "Main line", "active"],
        ["+15550142", "Emergency, at night", "+15550143"],
        ["+15550142", "", "Ann"],
        ["-5"],
        [Decimal("-1.5"), "", None],
        ["Ann", "+998901234567", "5 calls", "-1,250.75", Decimal("-3.5"), -2],
        ["Ann", "Call back:\n+15550142\nor tomorrow"],
    ],
)
def test_a_number_stays_as_it_is_beside_text(row: list[object]) -> None:
    alone, beside = _lines([row]), _lines([row, ["=1"]])

    assert next(csv.reader(io.StringIO(alone, newline=""))) == ["" if value is None else str(value) for value in row]
    assert beside == f"{alone}'=1\r\n"


#: What begins a formula, except for numbers, and for those that a comma and a letter or nothing makes text.
_BEGINNING = re.compile(
    r"\s*(?![+-]\d+([.,]\d+)*(,*\Z|,[,\"]*(?!e[+-]?\d)[a-z]))[=+\-@|%\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}]"
)
_CELLS = st.text('=@+-15e x;,"\n\t\r|\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}', max_size=10) | st.sampled_from(
    ["+1", "-5", "+1,5", 'x;"+1', "5+x;"]
)


@given(st.lists(_CELLS, min_size=1, max_size=4))
@settings(max_examples=300)
def test_no_reader_of_commas_semicolons_or_tabs_finds_a_formula(cells: list[str]) -> None:
    written = _lines([cells])

    for delimiter in ",;\t":
        read = [cell for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter) for cell in row]
        assert [cell for cell in read if _BEGINNING.match(cell)] == []
    assert _lines([cells, ["=1"]]) == f"{written}'=1\r\n", "depends on the rows beside it"


def test_a_long_run_of_line_ends_is_searched_once() -> None:
    # Searched again from each line end, it would take hours.
    assert harmless("x" + "\n" * 100_000 + "=1").endswith("\n'=1")
    assert len(_lines([["x" + "\n" * 100_000 + "x"]])) > 100_000


@pytest.mark.parametrize("formula", ["=1", "-1+1", "\r=1", "\t", "Ann;=1", '"=1', "Ann\n@1", "+1,5-2"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_formula_is_found_wherever_it_stands(formula: str, place: int) -> None:
    rows: list[list[object]] = [["", 'a "b", c', None] for _ in range(3)]
    rows[1][place] = formula

    file = "".join(csv_chunks(["One", "Two", "Three"], rows))

    assert list(csv.reader(io.StringIO(file, newline="")))[2][place] == harmless(formula)
    assert file.count("'") == str(harmless(formula)).count("'")


def test_a_long_list_comes_in_pieces() -> None:
    def rows() -> Iterator[list[str]]:
        for _ in range(10_000):
            yield ["x" * 100]

    sizes = [len(chunk) for chunk in csv_chunks(["Name"], rows())]

    assert len(sizes) > 10
    assert max(sizes) < 70_000


class Rows:
    """Rows of a file, of 100 characters each, and how many of them were read."""

    def __init__(self, number: int) -> None:
        self.read, self.is_closed = 0, False
        self._number = number

    def __iter__(self) -> Iterator[list[str]]:
        try:
            for _ in range(self._number):
                self.read += 1
                yield ["x" * 100]
        finally:
            self.is_closed = True


@contextmanager
def response_of(app: Flask, rows: Rows) -> Iterator[Response]:
    """Yield the response with the file, which is read after its request."""
    with app.test_request_context():
        response = csv_response("file", ["Name"], rows)
    try:
        yield response
    finally:
        response.close()


def test_a_long_file_begins_before_its_rows_are_read(app: Flask) -> None:
    rows = Rows(10_000)

    with response_of(app, rows) as response:
        assert response.is_streamed
        before = rows.read
        first = next(response.iter_encoded())

        assert before == rows.read < 200
        assert first == "".join(csv_chunks(["Name"], Rows(before))).encode()


def test_the_pieces_of_a_long_file_are_the_file(app: Flask) -> None:
    with response_of(app, Rows(10_000)) as response:
        assert b"".join(response.iter_encoded()) == "".join(csv_chunks(["Name"], Rows(10_000))).encode()


def test_a_short_file_is_sent_whole(app: Flask) -> None:
    with response_of(app, Rows(100)) as response:
        assert not response.is_streamed
        assert response.get_data() == "".join(csv_chunks(["Name"], Rows(100))).encode()


def test_a_longer_file_takes_no_more_memory(app: Flask) -> None:
    def peak(number: int) -> int:
        tracemalloc.start()
        try:
            with response_of(app, Rows(number)) as response:
                for _piece in response.iter_encoded():
                    pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2_000)  # what is loaded by the first file is not counted

    assert peak(20_000) < peak(2_000) + 50_000


@pytest.mark.parametrize("pieces", [0, 1, 5])
def test_rows_that_nobody_reads_to_the_end_are_closed(app: Flask, pieces: int) -> None:
    rows = Rows(10_000)

    with response_of(app, rows) as response:
        body = response.iter_encoded()
        for _ in range(pieces):
            next(body)
        before = rows.is_closed

    assert (before, rows.is_closed) == (False, True)
    assert rows.read < 10_000
