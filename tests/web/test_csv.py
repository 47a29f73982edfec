"""CSV cells: formulas are exported as text, and all other values are unchanged."""

import csv
import io
from collections.abc import Iterator

import pytest

from app.lists.csv import csv_chunks, harmless


def _cell(text: str) -> str:
    file = "".join(csv_chunks(["Name"], [[text]]))
    _, [cell] = csv.reader(file.lstrip("\ufeff").splitlines(keepends=True))
    return cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1+cmd", "'+1+cmd"),
        ("-1+cmd", "'-1+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ("Ann;=1+1", "Ann;'=1+1"),
        ("Ann; @SUM(A1)", "Ann; '@SUM(A1)"),
        ("Ann\n=1", "Ann\n'=1"),
        ("=1;=2", "'=1;'=2"),
    ],
)
def test_a_formula_is_text(text: str, cell: str) -> None:
    assert _cell(text) == cell


@pytest.mark.parametrize(
    "text", ["", "Ann", "ann=bob", "Ann; Bob", "+998901234567", "-1,250.75", "Ann\nBob", "Здравствуйте", "(none)"]
)
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert _cell(text) == text


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
