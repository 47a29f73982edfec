"""Numbers in files: separators, durations, ratings, money."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.data.imports.amount_rules import cost_parser, number_parser, rating_parser, seconds_parser
from app.data.imports.cell_rules import CellProblem, Value

plain = number_parser(".", "")


@pytest.mark.parametrize(
    ("decimal_separator", "thousands_separator", "text", "expected"),
    [
        (".", "", "1234.5", "1234.5"),
        (",", "", "1234,5", "1234.5"),
        (",", ".", "1.234.567,89", "1234567.89"),
        (".", ",", "1,234", "1234"),
        (".", ",", "1234", "1234"),
        (",", " ", "1\u00a0234,5", "1234.5"),
        (",", " ", "-1 234,5", "-1234.5"),
        (".", "'", "1'234", "1234"),
        (".", "", "+7", "7"),
        (".", "", 7, "7"),
        (".", "", 0.1, "0.1"),
    ],
)
def test_reads_a_number_with_its_separators(
    decimal_separator: str, thousands_separator: str, text: Value, expected: str
) -> None:
    assert number_parser(decimal_separator, thousands_separator)(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("thousands_separator", "text"),
    [
        ("", "1,5"),
        ("", "1,234"),
        (",", "1,23"),
        (",", "1234,567"),
        (",", ",234"),
        ("", "1.2.3"),
        ("", "1e5"),
        ("", "NaN"),
        ("", "٣"),
        ("", "1."),
        ("", ""),
        ("", True),
        ("", float("inf")),
        ("", date(2021, 1, 1)),
    ],
)
def test_a_number_is_never_guessed(thousands_separator: str, text: Value) -> None:
    with pytest.raises(CellProblem) as problem:
        number_parser(".", thousands_separator)(text)
    assert str(problem.value.reason) == "It isn’t a number."


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("143", 143),
        ("142.6", 143),
        ("2:23", 143),
        ("75:30", 4530),
        ("00:02:23", 143),
        ("00:02:23.9", 143),
        ("24:00:00", 86_400),
        (143, 143),
        (time(0, 2, 23), 143),
        (time(0, 2, 22, 999_999), 143),
        (timedelta(hours=1), 3600),
    ],
)
def test_reads_a_duration_however_it_is_written(value: Value, seconds: int) -> None:
    assert seconds_parser(plain)(value) == seconds


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("24:00:01", "It’s longer than a day."),
        ("-5", "It’s less than 0."),
        ("1:60", "It isn’t a duration like HH:MM:SS."),
        ("1:60:00", "It isn’t a duration like HH:MM:SS."),
        ("1:2:3:4", "It isn’t a number."),
        (datetime(1900, 1, 1, 1), "It’s a date, not a duration."),
    ],
)
def test_says_why_something_is_no_duration(value: Value, reason: str) -> None:
    with pytest.raises(CellProblem) as problem:
        seconds_parser(plain)(value)
    assert str(problem.value.reason) == reason


def test_a_rating_is_whole_and_from_1_to_5() -> None:
    parse = rating_parser(number_parser(",", ""))

    assert [parse("1"), parse("5,0"), parse(3.0)] == [1, 5, 3]
    for value in ("0", "6", "4,5", "-1"):
        with pytest.raises(CellProblem):
            parse(value)


def test_money_is_rounded_to_cents_and_loses_its_sign() -> None:
    parse = cost_parser(plain)

    assert [parse("$ 0.125"), parse("12 €"), parse("9999999999.99")] == [
        Decimal("0.13"),
        Decimal("12.00"),
        Decimal("9999999999.99"),
    ]
    for value in ("-0.01", "10000000000", "€"):
        with pytest.raises(CellProblem):
            parse(value)


@pytest.mark.parametrize(
    "text",
    [
        "1/0/1900 0:02:05",
        "1/0/1900 12:02:05 AM",
        "01/00/1900 00:02:05",
        "00.01.1900 0:02:05",
        "1900-01-00 00:02:05",
        "1899-12-30T00:02:05",
        "12/31/1899 0:02:05.0",
        "31.12.1899 0:02:05",
    ],
)
def test_a_duration_that_a_sheet_wrote_on_its_day_0_is_one(text: str) -> None:
    assert seconds_parser(plain)(text) == 125


@pytest.mark.parametrize("text", ["1/1/1900 0:02:05", "1/0/1901 0:02:05", "1/0/1900", "2026-03-17 00:02:05"])
def test_a_date_with_a_time_is_no_duration(text: str) -> None:
    with pytest.raises(CellProblem):
        seconds_parser(plain)(text)
