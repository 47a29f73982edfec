"""Dates and times in files: formats, daylight saving changes, and invalid dates."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.date_rules import (
    DEFAULT_TIME_FORMATS,
    SERIAL,
    check_date_formats,
    check_time_formats,
    date_parser,
    day_parser,
    moment_or_noon_parser,
    moment_parser,
    steady_offset,
    time_parser,
    to_utc,
)

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("date_format", "text", "expected"),
    [
        ("YYYY-MM-DD", "2021-02-03", date(2021, 2, 3)),
        ("YYYY-MM-DD", "2021-2-3", date(2021, 2, 3)),
        ("DD.MM.YYYY", "03.02.2021", date(2021, 2, 3)),
        ("MM/DD/YYYY", "2/3/2021", date(2021, 2, 3)),
        ("DD-MM-YY", "03-02-69", date(2069, 2, 3)),
        ("DD-MM-YY", "03-02-70", date(1970, 2, 3)),
        ("YYYYMMDD", "20210203", date(2021, 2, 3)),
        ("DD MMM YYYY", "3 Feb 2021", date(2021, 2, 3)),
        ("DD-MMM-YYYY", "03-SEP-2021", date(2021, 9, 3)),
        ("MMM DD, YYYY", "February 3, 2021", date(2021, 2, 3)),
        ("DD MMM YYYY", "3 февраля 2021", date(2021, 2, 3)),
        ("DD MMM YYYY", "3 фев. 2021", date(2021, 2, 3)),
        ("DD MMM YYYY", "3 fevral 2021", date(2021, 2, 3)),
        ("YYYY-MM-DD", datetime(2021, 2, 3, 9), date(2021, 2, 3)),
        ("YYYY-MM-DD", date(2021, 2, 3), date(2021, 2, 3)),
    ],
)
def test_reads_a_date_in_its_format(date_format: str, text: Value, expected: date) -> None:
    assert date_parser([date_format])(text) == expected


@pytest.mark.parametrize(
    ("date_format", "text", "reason"),
    [
        ("YYYY-MM-DD", "2021-02-29", "It isn’t a real date."),
        ("YYYY-MM-DD", "2021-13-01", "It isn’t a real date."),
        ("DD MMM YYYY", "3 Foo 2021", "It isn’t a real date."),
        ("YYYY-MM-DD", "1899-12-31", "The year isn’t between 1900 and 2199."),
        ("YYYY-MM-DD", datetime(9999, 12, 31, 23), "The year isn’t between 1900 and 2199."),
        ("YYYY-MM-DD", "0000-01-01", "It isn’t a real date."),
        ("YYYY-MM-DD", "02/03/2021", "It isn’t a date like YYYY-MM-DD."),
        ("YYYY-MM-DD", "2021-02-03 09:00", "It isn’t a date like YYYY-MM-DD."),
        ("YYYY-MM-DD", "٢٠٢١-02-03", "It isn’t a date like YYYY-MM-DD."),
        ("YYYYMMDD", "2021111", "It isn’t a date like YYYYMMDD."),
        ("YYYY-MM-DD", 44230, "It isn’t a date like YYYY-MM-DD."),
        ("YYYY-MM-DD", time(9), "It isn’t a date like YYYY-MM-DD."),
    ],
)
def test_says_why_something_is_no_date(date_format: str, text: Value, reason: str) -> None:
    with pytest.raises(CellProblem) as problem:
        date_parser([date_format])(text)
    assert str(problem.value.reason) == reason


def test_formats_are_tried_in_order() -> None:
    parse_date = date_parser(["DD/MM/YYYY", "YYYY-MM-DD", "MM/DD/YYYY"])
    parse_moment = moment_parser(["DD/MM/YYYY", "MM/DD/YYYY"], DEFAULT_TIME_FORMATS)

    assert [parse_date(text) for text in ("01/02/2021", "2021-02-01")] == [date(2021, 2, 1)] * 2
    assert parse_date("02/13/2021") == date(2021, 2, 13)
    assert parse_moment("02/13/2021 9:00") == datetime(2021, 2, 13, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:12:58", time(9, 12, 58)),
        ("9:12", time(9, 12)),
        ("09:12:58.731", time(9, 12, 58)),
        ("12:05 am", time(0, 5)),
        ("12:05 PM", time(12, 5)),
        ("9:12:58PM", time(21, 12, 58)),
        ("9:12 p.m.", time(21, 12)),
        (time(9, 12, 58, 5), time(9, 12, 58)),
        (datetime(1899, 12, 30, 9, 12), time(9, 12)),
        (timedelta(hours=9), time(9)),
    ],
)
def test_reads_a_time_as_people_and_sheets_write_it(text: Value, expected: time) -> None:
    assert time_parser(DEFAULT_TIME_FORMATS)(text) == expected


@pytest.mark.parametrize("text", ["24:00", "9:60", "13:00 PM", "0:30 AM", "9", "9:1", timedelta(days=1), 0.5, True])
def test_recognises_what_is_no_time(text: Value) -> None:
    with pytest.raises(CellProblem, match=r"^$") as problem:
        time_parser(DEFAULT_TIME_FORMATS)(text)
    assert str(problem.value.reason) in {"It isn’t a real time.", "It isn’t a time like HH:mm:ss."}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-02-03 09:12:58", datetime(2021, 2, 3, 9, 12, 58)),
        ("2021-02-03T09:12", datetime(2021, 2, 3, 9, 12)),
        ("2021-02-03, 9:12 PM", datetime(2021, 2, 3, 21, 12)),
        ("2021-02-03T09:12:58.731Z", datetime(2021, 2, 3, 9, 12, 58, tzinfo=UTC)),
        ("2021-02-03T09:12:58+05:00", datetime(2021, 2, 3, 4, 12, 58, tzinfo=UTC)),
        ("2021-02-03 09:12:58 -0530", datetime(2021, 2, 3, 14, 42, 58, tzinfo=UTC)),
        (datetime(2021, 2, 3, 9, 12, 58, 4), datetime(2021, 2, 3, 9, 12, 58)),
    ],
)
def test_reads_date_and_time_from_one_cell(text: Value, expected: datetime) -> None:
    moment = moment_parser(["YYYY-MM-DD"], DEFAULT_TIME_FORMATS)(text)

    assert (moment, moment.tzinfo) == (expected, expected.tzinfo)


@pytest.mark.parametrize("text", ["2021-02-03", "2021-02-03T", "09:12", "2021-02-0309:12", date(2021, 2, 3), 7])
def test_a_date_alone_is_no_moment(text: Value) -> None:
    with pytest.raises(CellProblem):
        moment_parser(["YYYY-MM-DD"], DEFAULT_TIME_FORMATS)(text)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2026, 3, 8, 1, 59), datetime(2026, 3, 8, 6, 59, tzinfo=UTC)),
        (datetime(2026, 3, 8, 2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # skipped: it is 03:30 then
        (datetime(2026, 3, 8, 3, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        (datetime(2026, 11, 1, 1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # twice: the first, in DST
        (datetime(2026, 11, 1, 2, 0), datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 2, 30, tzinfo=UTC), datetime(2026, 3, 8, 2, 30, tzinfo=UTC)),
    ],
)
def test_local_times_become_instants_even_where_the_clocks_change(local: datetime, expected: datetime) -> None:
    assert to_utc(local, NEW_YORK) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 7), -5),
        ("America/New_York", date(2026, 3, 8), None),
        ("America/New_York", date(2026, 3, 9), -4),
        ("America/New_York", date(2026, 11, 1), None),
        ("America/Havana", date(2026, 3, 7), -5),
        ("America/Havana", date(2026, 3, 8), None),  # at midnight
        ("Australia/Lord_Howe", date(2026, 4, 5), None),  # by half an hour
        ("Asia/Tashkent", date(2026, 3, 8), 5),
    ],
)
def test_only_days_on_which_no_clock_changes_have_one_offset(zone: str, day: date, hours: int | None) -> None:
    assert steady_offset(day, ZoneInfo(zone)) == (None if hours is None else timedelta(hours=hours))


@pytest.mark.parametrize(
    "text", ["", "DD.MM", "DD.MM.YYYY HH", "DD.DD.YYYY", "MM.MMM.YYYY", "DD.MM.YY.YYYY", "%d.%m.%Y"]
)
def test_a_date_format_needs_each_part_once(text: str) -> None:
    with pytest.raises(ValueError, match="a date format needs"):
        check_date_formats(("DD.MM.YYYY", text))


@pytest.mark.parametrize("text", ["", "HH", "mm:ss", "HH:mm:mm", "HH:mm DD", "hh:mm"])
def test_a_time_format_needs_hour_and_minutes(text: str) -> None:
    with pytest.raises(ValueError, match="a time format needs"):
        check_time_formats(("HH:mm", text))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (45000.5, datetime(2023, 3, 15, 12)),
        ("45000.5", datetime(2023, 3, 15, 12)),
        ("45000,395833", datetime(2023, 3, 15, 9, 30)),
        (45000, datetime(2023, 3, 15)),
        ("2023-03-15 09:30", datetime(2023, 3, 15, 9, 30)),
    ],
)
def test_plain_numbers_are_days_of_a_spreadsheet_where_a_format_says_so(value: Value, expected: datetime) -> None:
    formats = (SERIAL, "YYYY-MM-DD")

    assert moment_parser(formats, DEFAULT_TIME_FORMATS)(value) == expected
    assert day_parser(formats, DEFAULT_TIME_FORMATS)(value) == expected.date()
    noon = expected if expected.time() != time() else expected.replace(hour=12)
    assert moment_or_noon_parser(formats, DEFAULT_TIME_FORMATS)(value) == noon
    with pytest.raises(CellProblem):
        moment_parser((SERIAL,), DEFAULT_TIME_FORMATS)("9999")


@pytest.mark.parametrize("value", [45000, "45000.5", 450, "100000", -45000, "45 000"])
def test_a_plain_number_is_no_day_unless_a_format_says_so(value: Value) -> None:
    with pytest.raises(CellProblem):
        date_parser(("YYYY-MM-DD",))(value)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.5, time(12)), ("0.395833", time(9, 30)), (0, time()), (45000.75, time(18))]
)
def test_a_share_of_the_day_is_a_time_where_a_format_says_so(value: Value, expected: time) -> None:
    assert time_parser((*DEFAULT_TIME_FORMATS, SERIAL))(value) == expected
    with pytest.raises(CellProblem):
        time_parser(DEFAULT_TIME_FORMATS)(value)
    with pytest.raises(CellProblem):
        time_parser((SERIAL,))(1.5)


def test_days_of_a_spreadsheet_may_stand_among_formats() -> None:
    assert check_date_formats((SERIAL, "DD.MM.YYYY")) == (SERIAL, "DD.MM.YYYY")
    assert check_time_formats((SERIAL,)) == (SERIAL,)
