"""Separators of numbers and signs of currencies, as found in a file."""

from decimal import Decimal

import pytest

from app.data.imports.amount_rules import cost_parser, number_parser
from app.data.imports.cell_rules import CellProblem
from app.data.imports.separator_rules import Separators, find_separators, usual_separators
from tests.support.import_files import WriteFile, guessed, lines, read_calls


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("US", Separators(".", ",")),
        ("DE", Separators(",", ".")),
        ("UZ", Separators(",", " ")),
        ("CH", Separators(".", "'")),
        ("XX", Separators(".", ",")),
    ],
)
def test_a_country_has_its_separators(country: str, expected: Separators) -> None:
    assert usual_separators(country) == expected


@pytest.mark.parametrize(
    ("texts", "country", "expected"),
    [
        (["1,234"], "US", Separators(".", ",")),
        (["1,234"], "DE", Separators(",", ".")),
        (["1.234"], "US", Separators(".", ",")),
        (["1.234"], "UZ", Separators(".", " ")),
        (["7"], "DE", Separators(",", ".")),
        (["1,5", "1,234"], "US", Separators(",", ".")),
        (["4.50", "1,234"], "DE", Separators(".", ",")),
        (["1.234.567"], "US", Separators(",", ".")),
        (["1 234,50"], "US", Separators(",", " ")),
        (["1'234.50"], "US", Separators(".", "'")),
        (["0,125"], "US", Separators(",", ".")),
        (["$4,274.50", "soon", "2:05"], "DE", Separators(".", ",")),
    ],
)
def test_separators_are_those_of_the_country_unless_the_numbers_prove_others(
    texts: list[str], country: str, expected: Separators
) -> None:
    assert find_separators(texts, country) == expected


def test_a_file_of_prices_is_read_as_its_country_writes_them(write_file: WriteFile) -> None:
    path = write_file(lines("date;time;answered;cost", "2026-03-02;9:00;Y;1.234", "2026-03-02;9:01;Y;7"))

    assert [call.cost for call in read_calls(path).calls] == [Decimal("1.234"), Decimal("7.00")]
    german = read_calls(path, guessed(path, country="DE"), country="DE")
    assert [call.cost for call in german.calls] == [Decimal("1234.00"), Decimal("7.00")]


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("$1,234.50", "USD"), ("1,234.50 USD", "USD"), ("US$ 1,234.50", "USD"), ("$1,234.50", "CAD"),
        ("1,234.50 so'm", "UZS"), ("1,234.50 сум", "UZS"), ("£1,234.50", "GBP"), ("1,234.50", "EUR"),
    ],
)  # fmt: skip
def test_signs_of_the_organization_s_currency_are_dropped(text: str, currency: str) -> None:
    assert cost_parser(number_parser(".", ","), currency=currency)(text) == Decimal("1234.50")


@pytest.mark.parametrize(("text", "currency"), [("€5", "USD"), ("5 EUR", "USD"), ("$5", "GBP")])
def test_an_amount_in_another_currency_is_none(text: str, currency: str) -> None:
    with pytest.raises(CellProblem) as problem:
        cost_parser(number_parser(".", ","), currency=currency)(text)

    assert str(problem.value.reason) == f"It’s not in your organization’s currency ({currency})."


def test_a_minus_before_the_sign_counts() -> None:
    assert cost_parser(number_parser(".", ","), below_zero=True, currency="USD")("-$0.02") == Decimal("0.02")
