"""Mappings suggested from a file: columns by their names, formats by their values."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from app.data.imports.guess_rules import Guess, guess_mapping
from app.declarations.importable import Importable
from app.tables.file_rules import open_table
from app.work.analyses.importing import ANALYSES_IMPORT
from app.work.appointments.importing import APPOINTMENTS_IMPORT
from app.work.calls.importing import CALLS_IMPORT
from app.work.contacts.importing import CONTACTS_IMPORT
from app.work.leads.importing import LEADS_IMPORT
from tests.support.import_files import WriteFile, guessed, lines, read_calls, workbook

NO_AGENT = "No agent column: these calls won’t be credited to anyone."
NO_WAIT = "No wait time column: wait times will be unknown and won’t count in averages."


def guess(path: Path, kind: Importable = CALLS_IMPORT, country: str = "US") -> Guess:
    with open_table(path) as table:
        return guess_mapping(kind, table.header, table.rows, country=country)


def test_columns_are_matched_whatever_their_case_signs_and_units(write_file: WriteFile) -> None:
    header = "CALL_ID,Agent Name,Call-Date,startTime,Answered [Y/N],avgTalkDuration (s),Wait time in seconds,Shoe size"
    result = guess(write_file(lines(header, "1,Dan,2021-01-01,9:00,Y,60,5,44")))

    assert [*result.mapping.columns.values()] == [
        "external_id", "agent", "date", "time", "answered", "speed_of_answer", "talk_time",
    ]  # fmt: skip
    assert result.unmapped == ("Shoe size",)
    assert result.notices == ()


def test_russian_and_uzbek_names_are_matched_too(write_file: WriteFile) -> None:
    russian = guess(
        write_file(lines("Оператор;Дата;Время;Отвечен;Тема", "Анна;01.02.2021;9:00;Да;Крыша"), encoding="cp1251")
    )
    uzbek = guess(write_file(lines("Xodim,Sana,Vaqt,Javob berildi,Mavzu", "Anna,01.02.2021,9:00,Ha,Tom")))

    fields = ["agent", "date", "time", "answered", "topic"]
    assert [*russian.mapping.columns.values()] == [*uzbek.mapping.columns.values()] == fields


def test_a_column_is_used_once_and_the_surest_name_wins(write_file: WriteFile) -> None:
    result = guess(write_file(lines("id,call id,started at,date,duration", "7,8,2021-01-01 09:00,2021-01-01,60")))

    assert result.mapping.columns == {"call id": "external_id", "started at": "started_at", "duration": "talk_time"}
    assert result.unmapped == ("id", "date")


@pytest.mark.parametrize(
    "rows", [("2026-03-17,09:30", "2026-03-18,10:15"), ("03/17/2026,9:30 AM", "03/18/2026,10:15 AM")]
)
@pytest.mark.parametrize(
    ("kind", "header", "more"),
    [(CALLS_IMPORT, "Date,Started,Answered", "Y"), (ANALYSES_IMPORT, "Date,Start Time,Summary", "x"),
     (APPOINTMENTS_IMPORT, "Date,Start,Service", "x")],
)  # fmt: skip
def test_a_begin_that_holds_times_alone_is_the_time_beside_a_day(
    write_file: WriteFile, kind: Importable, header: str, more: str, rows: tuple[str, ...]
) -> None:
    result = guess(write_file(lines(header, *(f"{row},{more}" for row in rows))), kind)

    assert {"Date": "date", header.split(",")[1]: "time"}.items() <= result.mapping.columns.items()
    assert not kind.gaps(result.mapping.given)


def test_a_begin_that_holds_days_alone_is_the_day_beside_a_time(write_file: WriteFile) -> None:
    rows = ("2026-03-17,09:30,Y", "2026-03-18,10:15,Y")
    columns = guess(write_file(lines("Started,Time,Answered", *rows))).mapping.columns
    alone = guess(write_file(lines("Started,Time,Answered", "2026-03-17 09:30,x,Y"))).mapping.columns

    assert columns == {"Started": "date", "Time": "time", "Answered": "answered"}
    assert alone == {"Started": "started_at", "Answered": "answered"}


@pytest.mark.parametrize(
    ("days", "country", "expected"),
    [
        (["2021-01-31"], "US", "YYYY-MM-DD"),
        (["20210131"], "US", "YYYYMMDD"),
        (["31-01-2021", "01-02-2021"], "US", "DD-MM-YYYY"),
        (["01-31-2021", "02-01-2021"], "UZ", "MM-DD-YYYY"),
        (["1/2/2021"], "US", "MM/DD/YYYY"),
        (["1/2/2021"], "GB", "DD/MM/YYYY"),
        (["01.02.21"], "RU", "DD.MM.YY"),
        (["3 Feb 2021", "14 May 2021"], "US", "DD MMM YYYY"),
        (["2021-01-31", "soon", "2021-02-01"], "US", "YYYY-MM-DD"),
        (["soon"], "US", "YYYY-MM-DD"),
        (["-", "31.01.2021"], "US", "DD.MM.YYYY"),
    ],
)
def test_the_order_of_day_and_month_is_read_off_the_dates(
    write_file: WriteFile, days: list[str], country: str, expected: str
) -> None:
    path = write_file(lines("date,time,answered", *(f"{day},9:00,Y" for day in days)))

    assert guessed(path, country=country).date_formats == (expected,)


def test_asks_when_day_and_month_could_be_either(write_file: WriteFile) -> None:
    path = write_file(lines("date,time,answered", "03-04-2021,9:00,Y", "05-06-2021,9:00,Y"))

    assert guess(path, country="US").asks == ("MM-DD-YYYY", "DD-MM-YYYY")


def test_a_column_of_days_with_times_is_taken_for_when_it_was_and_that_is_said(write_file: WriteFile) -> None:
    path = write_file(lines("Nr,Wann,Gelöst", "1,17.03.2026 9:30,ja", "2,18.03.2026 10:15:30,nein"))

    result = guess(path)

    assert (result.mapping.columns["Wann"], result.by_values) == ("started_at", ("Wann",))
    assert result.mapping.date_formats == ("DD.MM.YYYY",)
    assert result.bases["Wann"].is_unsure
    assert (
        "“Wann” has dates with times, so it was matched to the date and time of the record. Check that this is right."
    ) in notices(path)


def test_of_two_such_columns_the_first_is_taken(write_file: WriteFile) -> None:
    path = write_file(lines("A,B,C", "2026-03-17 9:30,2026-03-17 9:31,5", "2026-03-18 9:30,2026-03-18 9:31,6"))

    assert guess(path).mapping.columns == {"A": "started_at"}


@pytest.mark.parametrize("name", ["Ended at", "Next follow up", "Reviewed on", "Modified", "Updated", "Due date"])
def test_what_says_of_something_else_when_it_was_is_not_taken(write_file: WriteFile, name: str) -> None:
    path = write_file(lines(f"Agent,{name},Talk time", "Ann,2026-03-17 9:30,60"))

    assert name not in guess(path).mapping.columns


def test_where_nobody_needs_to_know_when_it_was_nothing_is_taken_for_it(write_file: WriteFile) -> None:
    path = write_file(lines("Name,Phone,Then,Stage", "Ann Lee,+12125550101,2026-03-17 9:30,new"))

    assert "Then" not in guess(path, LEADS_IMPORT).mapping.columns


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Date,Time,Start", "2026-03-17,9:05,01.01.2020", {"Date": "date", "Time": "time"}),
        ("Date,Time,Start", "2026-03-17,9:05,Main desk", {"Date": "date", "Time": "time"}),
        ("Date,Time,Start", "2026-03-17,9:05,2026-03-17 9:04", {"Start": "started_at"}),
        ("Date,Start", "2026-03-17,9.05", {"Date": "date"}),
        ("Date,Start", "2026-03-17,9:05", {"Date": "date", "Start": "time"}),
        ("Time,Start", "9:05,2026-03-17", {"Time": "time", "Start": "date"}),
    ],
)
def test_a_begin_counts_where_it_says_when(
    write_file: WriteFile, header: str, row: str, expected: dict[str, str]
) -> None:
    path = write_file(lines(f"{header},Answered", f"{row},Y", f"{row},N"))

    found = guess(path).mapping.columns
    assert {name: field for name, field in found.items() if name != "Answered"} == expected


def test_shares_of_a_day_are_said(write_file: WriteFile) -> None:
    path = write_file(lines("Date,Time,Answered", "2026-03-17,0.25,Y", "2026-03-17,0.5,N"))

    assert "Numbers in “Time” will be read as fractions of a day: 0.25 is 06:00:00." in notices(path)


@pytest.mark.parametrize("values", [["2026-03-17", "2026-03-18"], ["9:30", "9:31"], ["2026-03-17 9:30", "soon"], [""]])
def test_days_or_times_alone_and_other_words_are_no_moments(write_file: WriteFile, values: list[str]) -> None:
    path = write_file(lines("Nr,Wann", *(f"{number},{value}" for number, value in enumerate(values))))

    assert "Wann" not in guess(path).mapping.columns


def test_a_moment_beside_a_named_one_is_left_alone(write_file: WriteFile) -> None:
    path = write_file(lines("Call date,Time,Ended", "2026-03-17,9:30,2026-03-17 9:31"))

    assert "Ended" not in guess(path).mapping.columns


def test_one_odd_date_settles_nothing(write_file: WriteFile) -> None:
    days = [f"{1 + number % 12:02}/0{1 + number % 9}/2021" for number in range(40)]
    path = write_file(lines("date,time,answered", *(f"{day},9:00,Y" for day in [*days, "13/01/2021"])))

    assert guess(path, country="US").asks == ("MM/DD/YYYY", "DD/MM/YYYY")


def test_several_ways_of_writing_are_read_where_each_tells_its_day(write_file: WriteFile) -> None:
    days = ["2021-01-05", "25/01/2021", "26/01/2021", "02/02/2021", "3 Feb 2021"]
    result = guess(write_file(lines("date,time,answered", *(f"{day},9:00,Y" for day in days))))

    assert (set(result.mapping.date_formats), result.asks) == ({"DD/MM/YYYY", "YYYY-MM-DD", "DD MMM YYYY"}, ())


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Talk time (min)", "minutes"),
        ("Talk time in seconds", None),
        ("Call duration hours", "hours"),
        ("Duration (hh:mm)", "h:mm"),
        ("Duration (hh:mm:ss)", None),
        ("Talk time", None),
    ],
)
def test_the_unit_is_read_off_the_name_of_the_column(write_file: WriteFile, header: str, unit: str | None) -> None:
    mapping = guessed(write_file(lines(f"date,time,answered,{header}", "2021-01-31,9:00,Y,3")))

    assert mapping.columns[header] == "talk_time"
    assert mapping.units.get("talk_time") == unit


def test_a_scale_of_ten_is_said(write_file: WriteFile) -> None:
    result = guess(write_file(lines("date,time,answered,csat", *(f"2021-01-31,9:00,Y,{n}" for n in range(1, 11)))))

    assert result.mapping.rating_scale == 10
    assert any("Ratings go up to 10" in str(notice) for notice in result.notices)


@pytest.mark.parametrize(
    ("header", "scale"),
    [("CSAT (1-10)", 10), ("Rating out of 100", 100), ("Rating /5", 5), ("Rating 0 to 10", 10), ("Rating", 5)],
)
def test_the_name_of_a_column_says_its_scale(write_file: WriteFile, header: str, scale: int) -> None:
    path = write_file(lines(f"date,time,answered,{header}", *(f"2021-01-31,9:00,Y,{n}" for n in (1, 3, 5))))

    assert guess(path).mapping.rating_scale == scale


def test_values_beyond_what_the_name_says_count_unless_they_are_few(write_file: WriteFile) -> None:
    def scale(header: str, *ratings: int) -> int:
        rows = (f"2021-01-31,9:00,Y,{rating}" for rating in ratings)
        return guess(write_file(lines(f"date,time,answered,{header}", *rows))).mapping.rating_scale

    assert scale("CSAT (1-5)", 4, 8, 9, 10) == 10
    assert scale("CSAT (1-5)", 1, 2, 3, 4, 5, 11) == 5
    assert scale("CSAT (1-10)", 9, 7, 12) == 10


def test_a_column_of_other_words_is_something_else(write_file: WriteFile) -> None:
    path = write_file(lines("date,time,answered,call type", "2021-01-31,9:00,Y,Complaint", "2021-01-31,9:00,Y,Billing"))
    result = guess(path)

    assert result.mapping.columns["call type"] == "topic"
    assert "“call type” doesn’t have the expected values, so it was matched to “Topic” instead." in [
        str(notice) for notice in result.notices
    ]


def test_a_day_above_the_twelfth_far_down_the_file_settles_it(write_file: WriteFile) -> None:
    days = [f"{1 + number // 300:02}-01-2021" for number in range(5_000)]
    result = guess(write_file(lines("date,time,answered", *(f"{day},9:00,Y" for day in days))))

    assert (result.mapping.date_formats, len(result.notices)) == (("DD-MM-YYYY",), 2)


@pytest.mark.parametrize("name", ["Date", "Start time", "Timestamp"])
def test_one_column_may_hold_date_and_time(write_file: WriteFile, name: str) -> None:
    path = write_file(lines(f"{name},answered", "31/01/2021 09:00,Y"))
    mapping = guessed(path)

    assert mapping.columns[name] == "started_at"
    assert read_calls(path, mapping).only.started_at.isoformat() == "2021-01-31T14:00:00+00:00"


def test_a_sheet_s_date_cells_may_hold_the_time(write_file: WriteFile) -> None:
    content = workbook(("Date", "Answered"), (datetime(2021, 1, 31, 9), "Y"))

    assert guessed(write_file(content, "calls.xlsx")).columns["Date"] == "started_at"


def test_a_date_without_a_time_leaves_a_gap(write_file: WriteFile) -> None:
    mapping = guessed(write_file(lines("Date,Answered", "2021-01-31,Y")))

    assert [gap.field for gap in CALLS_IMPORT.gaps(mapping.given)] == ["time"]


@pytest.mark.parametrize(("costs", "separator"), [(["1,5", "2"], ","), (["1.5"], "."), (["1,500"], "."), (["7"], ".")])
def test_decimal_commas_are_recognised(write_file: WriteFile, costs: list[str], separator: str) -> None:
    path = write_file(lines("date;time;answered;cost", *(f"2021-01-31;9:00;Y;{cost}" for cost in costs)))

    assert guessed(path).decimal_separator == separator


def test_contacts_take_the_surest_phone_as_primary_and_all_others_besides(write_file: WriteFile) -> None:
    path = write_file(lines("Full Name,Work Phone,Mobile,Phone 2,E-mail,Postal code,Age", "A B,1,2,3,4,5,6"))
    result = guess(path, CONTACTS_IMPORT)

    assert result.mapping.columns == {
        "Full Name": "full_name",
        "Mobile": "primary_phone",
        "Work Phone": "secondary_phones",
        "Phone 2": "secondary_phones",
        "E-mail": "email",
        "Postal code": "zip",
    }
    assert (result.unmapped, result.notices) == (("Age",), ())


def test_a_table_that_has_nothing_we_know_gets_an_empty_mapping(write_file: WriteFile) -> None:
    result = guess(write_file(lines("shoe,size", "left,44", "right")))

    assert (result.mapping.columns, result.unmapped) == ({}, ("shoe", "size"))


def test_times_of_a_sheet_need_no_format(write_file: WriteFile) -> None:
    content = workbook(("Date", "Time", "Answered"), (datetime(2021, 1, 31), time(9), "Y"))

    assert read_calls(write_file(content, "calls.xlsx")).only.started_at.isoformat() == "2021-01-31T14:00:00+00:00"


CALL = "date,time,answered"


def notices(path: Path) -> str:
    """Return all notices about a file, joined into one string."""
    return " ".join(map(str, guess(path).notices))


@pytest.mark.parametrize("name", ["Hold time", "Wrap-up time", "After Call Work", "Total time", "IVR time (s)"])
def test_times_that_are_neither_waiting_nor_talk_stay_out_and_it_is_said_why(write_file: WriteFile, name: str) -> None:
    result = guess(write_file(lines(f"{CALL},{name}", "2021-01-31,9:00,Y,5")))

    assert result.unmapped == (name,)
    assert "column is skipped." in str(result.bases[name].text)


def test_the_status_of_a_task_is_none_of_a_call(write_file: WriteFile) -> None:
    task = lines("Activity ID,Date,Time,Call Duration,Status,Priority", "00T1,2021-01-31,9:00,60,Completed,Normal")
    call = lines("Call ID,Date,Time,Call Duration,Status", "1,2021-01-31,9:00,60,Completed")

    assert "Status" in guess(write_file(task)).unmapped
    assert guess(write_file(call, "other.csv")).mapping.columns["Status"] == "status"


def test_a_detected_machine_is_no_agent_and_a_name_is(write_file: WriteFile) -> None:
    header = "Start,Answered by,CSR,Talk time"
    detected = guess(write_file(lines(header, "2026-03-02 9:30,human,Ann,5", "2026-03-02 9:31,machine_end_beep,Bob,0")))
    named = guess(
        write_file(lines("Start,Answered by,Talk time", "2026-03-02 9:30,Ann,5", "2026-03-02 9:31,unknown,0"))
    )

    assert (detected.mapping.columns["CSR"], detected.unmapped) == ("agent", ("Answered by",))
    assert str(detected.bases["Answered by"].text).startswith("This says whether a person or a machine answered")
    assert named.mapping.columns["Answered by"] == "agent"


def test_the_state_of_an_address_is_no_status(write_file: WriteFile) -> None:
    beside_a_city = guess(write_file(lines("Start,City,State,Answered", "2026-03-02 9:30,Boston,MA,Y")))
    alone = guess(write_file(lines("Start,State", "2026-03-02 9:30,missed")))

    assert beside_a_city.unmapped == ("City", "State")
    assert alone.mapping.columns["State"] == "status"


@pytest.mark.parametrize("name", ["queue", "QueueName", "Department"])
def test_a_queue_is_a_topic_unless_there_is_one(write_file: WriteFile, name: str) -> None:
    alone = guess(write_file(lines(f"Start,Answered,{name}", "2026-03-02 9:30,Y,Repairs")))
    beside = guess(write_file(lines(f"Start,Answered,{name},Topic", "2026-03-02 9:30,Y,Repairs,Roof")))

    assert alone.mapping.columns[name] == "topic"
    assert (beside.mapping.columns["Topic"], beside.unmapped) == ("topic", (name,))


def test_only_calls_are_offered_where_chats_are_beside_them(write_file: WriteFile) -> None:
    path = write_file(lines(f"{CALL},Media Type", "2021-01-31,9:00,Y,voice", "2021-01-31,9:01,Y,Chat"))
    result = guess(path)

    (only,) = result.mapping.only
    assert (only.column, only.words, only.keep) == ("Media Type", ("voice",), True)


def test_beside_words_that_are_not_known_only_those_of_no_calls_stay_out(write_file: WriteFile) -> None:
    kinds = ("Phone Call", "Fax", "FindMe")
    path = write_file(lines(f"{CALL},Action", *(f"2021-01-31,9:00,Y,{kind}" for kind in kinds)))

    (only,) = guessed(path).only
    assert (only.column, only.words, only.keep) == ("Action", ("Fax",), False)


def test_chats_without_a_word_for_calls_are_said_too(write_file: WriteFile) -> None:
    (only,) = guessed(write_file(lines(f"{CALL},Channel", "2021-01-31,9:00,Y,SMS", "2021-01-31,9:01,Y,"))).only

    assert (only.words, only.keep) == (("SMS",), False)


@pytest.mark.parametrize("words", [("voice", "phone call"), ("Repair", "Chat")])
def test_a_column_of_calls_alone_or_of_other_words_chooses_no_rows(
    write_file: WriteFile, words: tuple[str, str]
) -> None:
    path = write_file(lines(f"{CALL},Type", *(f"2021-01-31,9:00,Y,{word}" for word in words)))

    assert guessed(path).only == ()


def test_ratings_in_words_are_none(write_file: WriteFile) -> None:
    path = write_file(lines(f"{CALL},Rating", "2021-01-31,9:00,Y,Good", "2021-01-31,9:01,Y,Bad"))

    assert guess(path).unmapped == ("Rating",)
    assert "“Rating” has ratings in words (Bad), not numbers, so it was skipped." in notices(path)


def test_prices_below_zero_are_costs_as_a_whole(write_file: WriteFile) -> None:
    path = write_file(lines(f"{CALL},Price", "2021-01-31,9:00,Y,-0.02", "2021-01-31,9:01,Y,-1.50"))
    mixed = write_file(lines(f"{CALL},Price", "2021-01-31,9:00,Y,-0.02", "2021-01-31,9:01,Y,1.50"), "mixed.csv")

    assert [str(call.cost) for call in read_calls(path).calls] == ["0.02", "1.50"]
    assert "“Price” has negative amounts." in notices(path)
    assert [str(call.cost) for call in read_calls(mixed).calls] == ["None", "1.50"]
    assert [str(one.reason) for one in read_calls(mixed).remarks] == ["It’s less than 0."]


def test_the_calls_of_one_conversation_are_noticed_and_copies_are_not(write_file: WriteFile) -> None:
    header = "conversation id,agent,date,time,answered"
    legs = write_file(lines(header, "9,Ann,2021-01-31,9:00,Y", "9,Bob,2021-01-31,9:05,Y"))
    copies = write_file(lines(header, "9,Ann,2021-01-31,9:00,Y", "9,Ann,2021-01-31,9:00,Y"), "copies.csv")

    assert (guess(legs).repeated_id, guess(copies).repeated_id) == ("9", None)


@pytest.mark.parametrize(
    ("header", "zone"),
    [
        ("Start Time (UTC)", "UTC"),
        ("Start Time (EST)", "America/New_York"),
        ("Start Time (Pacific)", "America/Los_Angeles"),
    ],
)
def test_clocks_that_a_header_names_are_said(write_file: WriteFile, header: str, zone: str) -> None:
    path = write_file(lines(f"date,{header},answered", "2021-01-31,9:00,Y"))

    assert guessed(path).timezone == zone
    assert f"Times in “{header}” will be read as {zone}, based on the column’s name." in notices(path)


def test_a_first_and_a_last_name_are_one_agent(write_file: WriteFile) -> None:
    path = write_file(lines(f"{CALL},Agent First Name,Agent Last Name", "2021-01-31,9:00,Y,Ann,Lee"))

    assert read_calls(path).only.agent == "Ann Lee"
    assert NO_AGENT not in notices(path)


def test_booked_and_unbooked_are_bookings_whatever_their_column_is_called(write_file: WriteFile) -> None:
    path = write_file(lines(f"{CALL},Call Type", "2021-01-31,9:00,Y,Booked", "2021-01-31,9:00,Y,Unbooked"))

    assert [call.fields["booking_status"] for call in read_calls(path).calls] == ["booked", "not_booked"]


@pytest.mark.parametrize("name", ["Start", "BEGIN", "Beginn", "Début", "Inicio", "start"])
def test_a_begin_alone_says_when_a_call_was(write_file: WriteFile, name: str) -> None:
    result = guess(write_file(lines(f"{name},Answered", "2026-03-17 09:30,Y")))
    beside = guess(write_file(lines(f"Created at,{name},Answered", "2026-03-17 09:31,2026-03-17 09:30,Y")))

    assert result.mapping.columns[name] == beside.mapping.columns[name] == "started_at"


def serial_notice(result: Guess) -> list[str]:
    return [str(one) for one in result.notices if "Numbers in" in str(one)]


@pytest.mark.parametrize("as_text", [True, False])
def test_plain_numbers_in_a_column_of_dates_are_read_as_days_and_it_is_said(
    write_file: WriteFile, as_text: bool
) -> None:
    rows = (("Start time of call", "Call Start", "Answered"), ("x", 46098.395833, "Y"), ("x", 46099.5, "Y"))
    text = lines(*(",".join(map(str, row)) for row in rows))
    path = write_file(text) if as_text else write_file(workbook(*rows), "calls.xlsx")
    result = guess(path)

    assert result.mapping.columns["Call Start"] == "started_at"
    assert result.mapping.date_formats == ("SERIAL",)
    (notice,) = serial_notice(result)
    assert notice == (
        "Numbers in “Call Start” will be read as spreadsheet dates, from 2026-03-17 to 2026-03-18. "
        "Check the dates in the preview."
    )
    assert [call.started_at for call in read_calls(path, result.mapping, zone="UTC").calls] == [
        datetime(2026, 3, 17, 9, 30, tzinfo=UTC), datetime(2026, 3, 18, 12, tzinfo=UTC)
    ]  # fmt: skip


def test_a_day_and_a_time_in_numbers_are_joined(write_file: WriteFile) -> None:
    path = write_file(lines("Date,Time,Answered", "46098,0.395833,Y", "46099,0.5,Y"))

    assert [call.started_at for call in read_calls(path, zone="UTC").calls] == [
        datetime(2026, 3, 17, 9, 30, tzinfo=UTC), datetime(2026, 3, 18, 12, tzinfo=UTC)
    ]  # fmt: skip
    alone = guess(write_file(lines("Date,Answered", "46098.5,Y")))
    assert alone.mapping.columns["Date"] == "started_at"


@pytest.mark.parametrize("values", [("46098", "2026-03-17"), ("46098", "9"), ("20260317", "20260318"), ("99999",)])
def test_numbers_that_are_not_all_days_of_our_time_are_none(write_file: WriteFile, values: tuple[str, ...]) -> None:
    result = guess(write_file(lines("Date,Time,Answered", *(f"{value},09:30,Y" for value in values))))

    assert "SERIAL" not in result.mapping.date_formats
    assert serial_notice(result) == []
