"""Rows that become calls, rule by rule."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import RejectedRow, RowError
from app.errors import ValidationFailed
from app.models.calls import BookingStatus, CallOutcome, CallStatus, CallType, Direction, HandledBy, Sentiment
from app.tables.table_rules import Cell, Row, TableOptions, make_table
from app.work.calls.import_rules import CallReader, CallSettings
from app.work.calls.import_service import CALL_FIELDS
from app.work.calls.importing import CALLS_IMPORT
from tests.support.import_files import NOW, WriteFile, lines, mapped, read_calls, workbook

TARGETS = CALLS_IMPORT.targets
START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # 09:30 in New York


def one_row(columns: dict[str, str], **more: Any) -> tuple[str, Mapping]:
    """Return a file of one answered call with these additional fields, and its mapping."""
    row = {"started_at": "2026-03-02 09:30:00", "answered": "Y", **columns}
    return lines(";".join(row), ";".join(row.values())), mapped([*row], **more)


def test_an_answered_call_rings_then_talks(write_file: WriteFile) -> None:
    content, mapping = one_row({"speed_of_answer": "20", "talk_time": "00:02:05"})
    call = read_calls(write_file(content), mapping).only

    assert (call.status, call.handled_by) == (CallStatus.COMPLETED, HandledBy.HUMAN)
    assert (call.started_at, call.answered_at) == (START, START + timedelta(seconds=20))
    assert (call.ended_at, call.duration_seconds) == (START + timedelta(seconds=145), 125)


def test_a_missed_call_has_no_answer_no_end_and_no_length(write_file: WriteFile) -> None:
    content, mapping = one_row({"answered": "N", "speed_of_answer": "20", "talk_time": "33"})
    call = read_calls(write_file(content), mapping).only

    assert (call.status, call.handled_by) == (CallStatus.MISSED, HandledBy.NONE)
    assert (call.answered_at, call.ended_at, call.duration_seconds) == (None, None, 0)


@pytest.mark.parametrize(
    ("columns", "waited"),
    [
        ({"waited": "77", "speed_of_answer": "20", "talk_time": "33"}, 77),
        ({"waited": "0:01:17"}, 77),
        ({"waited": "0", "speed_of_answer": "20"}, 0),
        ({"waited": "", "speed_of_answer": "20", "talk_time": "33"}, 20),
        ({"speed_of_answer": "0", "talk_time": "33"}, 33),
        ({"speed_of_answer": "0", "talk_time": "0"}, None),
        ({"status": "Voicemail", "talk_time": "33"}, None),
        ({"status": "Voicemail", "speed_of_answer": "20", "talk_time": "33"}, 20),
        ({"status": "Busy", "talk_time": "33"}, None),
        ({"answered": "Y", "waited": "77", "speed_of_answer": "20", "talk_time": "33"}, None),
    ],
)
def test_how_long_the_caller_of_an_unanswered_call_waited(
    write_file: WriteFile, columns: dict[str, str], waited: int | None
) -> None:
    content, mapping = one_row({"answered": "N", **columns})

    assert read_calls(write_file(content), mapping).only.waited_seconds == waited


def test_the_unit_of_a_wait_is_that_of_its_column(write_file: WriteFile) -> None:
    content, mapping = one_row({"answered": "N", "waited": "1.5"}, units={"waited": "minutes"})

    assert read_calls(write_file(content), mapping).only.waited_seconds == 90


@pytest.mark.parametrize("name", ["Waited", "Abandon Time", "time_to_abandon", "AbandonedWaitTime (s)"])
def test_the_wait_until_the_hang_up_is_found_by_its_name(write_file: WriteFile, name: str) -> None:
    path = write_file(lines(f"Date,Time,Answered,{name}", "2026-03-17,09:30,N,45", "2026-03-17,09:45,N,61"))

    assert [call.waited_seconds for call in read_calls(path).calls] == [45, 61]


def test_an_answered_call_of_no_length_has_no_end(write_file: WriteFile) -> None:
    content, mapping = one_row({"talk_time": "0"})
    call = read_calls(write_file(content), mapping).only

    assert (call.answered_at, call.ended_at, call.duration_seconds) == (START, None, 0)


def test_a_length_that_is_not_known_stays_unknown(write_file: WriteFile) -> None:
    content, mapping = one_row({"talk_time": ""})
    call = read_calls(write_file(content), mapping).only

    assert (call.status, call.ended_at, call.duration_seconds) == (CallStatus.COMPLETED, None, None)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"resolved": "Y"}, CallOutcome.RESOLVED),
        ({"resolved": "N"}, CallOutcome.FOLLOW_UP),
        ({"resolved": "N", "answered": "N"}, CallOutcome.FOLLOW_UP),
        ({"resolved": ""}, None),
        ({"resolved": "Y", "outcome": "Wrong number"}, CallOutcome.WRONG_NUMBER),
    ],
)
def test_outcome_follows_resolved_unless_the_file_has_its_own(
    write_file: WriteFile, fields: dict[str, str], outcome: CallOutcome | None
) -> None:
    content, mapping = one_row(fields)

    assert read_calls(write_file(content), mapping).only.outcome == outcome


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "Voice mail", "answered": "Y"}, CallStatus.VOICEMAIL),
        ({"status": "", "answered": "N"}, CallStatus.MISSED),
        ({"status": "abandoned"}, CallStatus.MISSED),
        ({"status": "Dropped", "talk_time": "12"}, CallStatus.MISSED),
        ({"status": "Transferred", "talk_time": "0"}, CallStatus.COMPLETED),
        ({"talk_time": "12"}, CallStatus.COMPLETED),
        ({"talk_time": "0"}, CallStatus.MISSED),
        ({"talk_time": ""}, CallStatus.MISSED),
        ({"talk_time": "12", "answered": ""}, CallStatus.COMPLETED),
    ],
)
def test_status_comes_from_the_status_else_the_answer_else_the_talk(
    write_file: WriteFile, fields: dict[str, str], status: CallStatus
) -> None:
    row = {"started_at": "2026-03-02 09:30", **fields}
    content = lines(";".join(row), ";".join(row.values()))

    assert read_calls(write_file(content), mapped([*row])).only.status is status


def test_calls_are_inbound_csr_calls_unless_told_otherwise(write_file: WriteFile) -> None:
    content, mapping = one_row({})
    call = read_calls(write_file(content), mapping).only
    assert (call.fields["direction"], call.fields["call_type"]) == (Direction.INBOUND, CallType.CSR_CALL)

    content, mapping = one_row({"direction": "Outgoing"}, defaults={"call_type": "sales_call"})
    call = read_calls(write_file(content), mapping).only
    assert (call.fields["direction"], call.fields["call_type"]) == (Direction.OUTBOUND, CallType.SALES_CALL)


def test_a_default_fills_empty_cells_only(write_file: WriteFile) -> None:
    mapping = mapped(["started_at", "answered", "topic"], defaults={"topic": "Roofing"})
    path = write_file(lines("started_at,answered,topic", "2026-03-02 09:30,Y,Siding", "2026-03-02 09:31,Y,-"))

    assert [call.fields["topic"] for call in read_calls(path, mapping).calls] == ["Siding", "Roofing"]


def test_every_field_finds_its_place(write_file: WriteFile) -> None:
    fields = {
        "external_id": "A-1",
        "agent": " dan@example.com ",
        "topic": "Cafe\u0301",
        "satisfaction": "4",
        "booking_status": "Not booked",
        "caller_number": "(504) 621-8927",
        "called_number": "+998 71 200 00 00",
        "sentiment": "Positive",
        "cost": "$1.005",
    }
    content, mapping = one_row(fields, source="Old PBX")
    call = read_calls(write_file(content), mapping).only

    assert (call.external_source, call.external_id, call.agent) == ("Old PBX", "A-1", "dan@example.com")
    assert (call.fields["topic"], call.call_quality, call.fields["sentiment"]) == ("Caf\u00e9", 4, Sentiment.POSITIVE)
    assert (call.fields["booking_status"], call.cost) == (BookingStatus.NOT_BOOKED, Decimal("1.005"))
    assert (call.caller_number, call.called_number) == ("+15046218927", "+998712000000")


def test_a_withheld_number_is_no_number(write_file: WriteFile) -> None:
    content, mapping = one_row({"caller_number": "Anonymous"})

    assert read_calls(write_file(content), mapping).only.caller_number is None


def test_own_words_are_understood(write_file: WriteFile) -> None:
    own = {
        "yes_words": ["taken"],
        "no_words": ["lost"],
        "missing_words": ["?"],
        "values": {"sentiment": {":-)": "positive"}},
    }
    mapping = mapped(["started_at", "answered", "sentiment", "topic"], **own)
    path = write_file(
        lines("started_at;answered;sentiment;topic", "2026-03-02 09:30;Taken;:-);?", "2026-03-02 09:31;LOST;?;-")
    )
    first, second = read_calls(path, mapping).calls

    assert (first.status, first.fields["sentiment"], first.fields["topic"]) == (
        CallStatus.COMPLETED,
        Sentiment.POSITIVE,
        None,
    )
    assert (second.status, second.fields["sentiment"], second.fields["topic"]) == (CallStatus.MISSED, None, "-")


def test_a_formula_is_plain_text(write_file: WriteFile) -> None:
    formula = '=HYPERLINK("http://example.com","x")'
    content, mapping = one_row({"topic": '"' + formula.replace('"', '""') + '"'})

    assert read_calls(write_file(content), mapping).only.fields["topic"] == formula


def test_a_row_tells_all_that_is_wrong_with_it(write_file: WriteFile) -> None:
    columns = ["external_id", "date", "time", "answered", "satisfaction", "talk_time", "caller_number", "topic"]
    path = write_file(lines(",".join(columns), f"1,2026-02-30,25:00,maybe,6,90000,12,{'x' * 101}"))
    result = read_calls(path, mapped(columns))

    assert result.calls == []
    assert [(error.line, error.column, str(error.reason)) for error in result.errors] == [
        (2, "date", "It isn’t a real date."),
        (2, "time", "It isn’t a real time."),
        (2, "talk_time", "It’s longer than a day."),
        (2, "answered", "It isn’t a yes or no value."),
        (2, "satisfaction", "It isn’t a whole number from 1 to 5."),
        (2, "caller_number", "It isn’t a phone number: it has too few or too many digits."),
        (2, "topic", "It’s longer than 100 characters."),
    ]
    assert [error.value for error in result.errors][:3] == ["2026-02-30", "25:00", "90000"]


@pytest.mark.parametrize(
    ("fields", "column", "reason"),
    [
        ({"started_at": ""}, "started_at", "It’s missing."),
        ({"answered": ""}, "answered", "It’s missing."),
        ({"started_at": "2026-06-01 08:05:01"}, "started_at", "The call starts in the future."),
        ({"agent": "J" * 101}, "agent", "It’s longer than 100 characters."),
        ({"status": "active"}, "status", "It isn’t one of: completed, missed, voicemail, failed."),
    ],
)
def test_a_row_stays_out_for_what_it_cannot_be_without(
    write_file: WriteFile, fields: dict[str, str], column: str, reason: str
) -> None:
    content, mapping = one_row(fields)
    (error,) = read_calls(write_file(content), mapping).errors

    assert (error.column, str(error.reason)) == (column, reason)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("fields", "column", "reason"),
    [
        ({"talk_time": "-1"}, "talk_time", "It’s less than 0."),
        ({"speed_of_answer": "soon"}, "speed_of_answer", "It isn’t a number."),
        ({"cost": "-1"}, "cost", "It’s less than 0."),
        (
            {"outcome": "Chat"},
            "outcome",
            "It isn’t one of: resolved, follow_up, transferred, voicemail, no_answer, wrong_number, spam.",
        ),
        ({"satisfaction": "0"}, "satisfaction", "It isn’t a whole number from 1 to 5."),
        ({"topic": "x" * 101}, "topic", "It’s longer than 100 characters."),
        (
            {"caller_number": "621-8927"},
            "caller_number",
            "It isn’t a phone number: it has too few or too many digits.",
        ),
        ({"caller_number": "(000) 000-0000"}, "caller_number", "It isn’t a valid phone number in its country."),
        ({"caller_number": "=1+1"}, "caller_number", "It isn’t a phone number."),
    ],
)
def test_a_wrong_value_that_a_call_can_do_without_is_left_out_and_said(
    write_file: WriteFile, fields: dict[str, str], column: str, reason: str, strict: bool
) -> None:
    content, mapping = one_row(fields)
    result = read_calls(write_file(content), mapping.model_copy(update={"strict": strict}))
    (said,) = result.errors if strict else result.remarks

    assert (said.column, said.value, str(said.reason)) == (column, fields[column], reason)
    assert said.is_remark is not strict
    if not strict:
        known = {**result.only._asdict(), **result.only.fields, "wait": None if result.only.is_wait_unknown else 0}
        names = {"talk_time": "duration_seconds", "speed_of_answer": "wait", "satisfaction": "call_quality"}
        assert known[names.get(column, column)] is None


def test_a_wrong_word_is_never_taken_for_what_is_usual(write_file: WriteFile) -> None:
    content, mapping = one_row({"direction": "internal"})
    (error,) = read_calls(write_file(content), mapping).errors

    assert (error.column, str(error.reason)) == ("direction", "It isn’t one of: inbound, outbound.")


def test_their_words_mean_what_was_said(write_file: WriteFile) -> None:
    path = write_file(
        lines(
            "started_at,status,answered,outcome",
            "2026-03-02 09:30,Chat,Y,ok",
            "2026-03-02 09:30,Lost,N,gone",
            "2026-03-02 09:30,,Perhaps,",
        )
    )
    words = {
        "status": {"Chat": "turn_away", "lost": "missed"},
        "outcome": {"gone": "leave_empty", "ok": "resolved"},
        "answered": {"perhaps": "yes"},
    }
    result = read_calls(path, mapped(["started_at", "status", "answered", "outcome"], values=words))

    assert [(error.line, error.column) for error in result.errors] == [(2, "status")]
    assert [(call.status, call.outcome) for call in result.calls] == [("missed", None), ("completed", None)]
    assert result.remarks == []


@pytest.mark.parametrize(
    ("unit", "cell", "seconds"),
    [
        ("seconds", "200", 200),
        ("minutes", "3.5", 210),
        ("hours", "0.5", 1_800),
        ("milliseconds", "2500", 2),
        ("h:mm", "1:05", 3_900),
        ("seconds", "1:05", 65),
        ("minutes", "0:03:20", 200),
        ("seconds", "3 min", 180),
        ("seconds", "1h 5m 3s", 3_903),
        ("minutes", "PT3M20S", 200),
        ("seconds", "3 мин 5 сек", 185),
    ],
)
def test_durations_are_in_the_unit_that_was_said(write_file: WriteFile, unit: str, cell: str, seconds: int) -> None:
    content, mapping = one_row({"talk_time": cell})
    mapping = mapping.model_copy(update={"units": {"talk_time": unit}})

    assert read_calls(write_file(content), mapping).only.duration_seconds == seconds


@pytest.mark.parametrize(("scale", "said", "rating"), [(10, "7", 4), (10, "1", 1), (10, "10", 5), (100, "41", 3)])
def test_a_rating_of_another_scale(write_file: WriteFile, scale: int, said: str, rating: int) -> None:
    content, mapping = one_row({"satisfaction": said})

    assert (
        read_calls(write_file(content), mapping.model_copy(update={"rating_scale": scale})).only.call_quality == rating
    )


def test_a_short_code_is_a_number_that_calls(write_file: WriteFile) -> None:
    content, mapping = one_row({"caller_number": "72345"})

    assert read_calls(write_file(content), mapping).only.caller_number == "72345"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-03-08 02:30:00", "This time is skipped when clocks change."),
        ("2025-11-02 01:30:00", "This time occurs twice when clocks change."),
    ],
)
def test_a_time_at_a_change_of_the_clocks_is_said(write_file: WriteFile, start: str, said: str) -> None:
    content, mapping = one_row({"started_at": start})
    (remark,) = read_calls(write_file(content), mapping).remarks

    assert str(remark.reason).startswith(said)


def test_a_wait_that_is_not_known_is_not_a_wait_of_none(write_file: WriteFile) -> None:
    content, mapping = one_row({"talk_time": "60", "speed_of_answer": ""})
    call = read_calls(write_file(content), mapping).only

    assert (call.is_wait_unknown, call.duration_seconds, call.ended_at) == (True, 60, START + timedelta(seconds=60))
    content, mapping = one_row({"talk_time": "60", "speed_of_answer": "0"})
    known = read_calls(write_file(content), mapping).only
    assert (known.is_wait_unknown, known.answered_at) == (False, START)


def test_a_call_may_start_five_minutes_ahead_of_our_clock(write_file: WriteFile) -> None:
    content, mapping = one_row({"started_at": "2026-06-01 08:05:00"})

    assert read_calls(write_file(content), mapping).only.started_at == NOW + timedelta(minutes=5)


def test_a_row_with_too_few_cells_is_rejected_and_one_with_more_comes_in(write_file: WriteFile) -> None:
    path = write_file(lines("started_at,answered", "2026-03-02 09:30,Y", "2026-03-02 09:31", "2026-03-02 09:32,Y,x"))
    result = read_calls(path, mapped(["started_at", "answered"]))

    assert len(result.calls) == 2
    assert result.errors == [
        RowError(3, None, None, "The number of cells in this row (1) doesn’t match the header (2)."),
    ]
    [remark] = result.remarks
    assert (remark.line, remark.column, remark.value) == (4, None, "x")
    assert str(remark.reason).startswith("This row has a value in a column without a name in the header")


def test_a_long_value_is_shown_cut(write_file: WriteFile) -> None:
    content, mapping = one_row({"satisfaction": "9" * 5_000})

    assert read_calls(write_file(content), mapping).remarks[0].value == "9" * 200


def test_a_sheet_s_own_cells_are_read_as_its_texts_are(write_file: WriteFile) -> None:
    names = ("external_id", "date", "time", "answered", "speed_of_answer", "talk_time", "satisfaction", "caller_number")
    talk = timedelta(minutes=2, seconds=5)
    sheet = workbook(names, (7, datetime(2026, 3, 2), time(9, 30), True, 20, talk, 4.0, 5046218927))
    text = lines(",".join(names), "7,2026-03-02,09:30:00,TRUE,20,2:05,4,+15046218927")

    by_sheet = read_calls(write_file(sheet, "calls.xlsx"), mapped(names)).only
    assert by_sheet == read_calls(write_file(text), mapped(names)).only


_cells = some.one_of(
    some.none(),
    some.text(),
    some.integers(),
    some.floats(),
    some.booleans(),
    some.datetimes(),
    some.dates(),
    some.times(),
    some.timedeltas(),
    some.sampled_from(["Y", "2021-03-14 02:30", "10", "9:00"]),
)


@given(some.lists(_cells, min_size=len(TARGETS), max_size=len(TARGETS)))
def test_whatever_stands_in_a_row_it_is_a_call_or_is_rejected(cells: list[Cell]) -> None:
    header = Row(1, [*TARGETS])
    table = make_table(iter((header, Row(2, ["first"]), Row(3, cells))), TableOptions(), lambda: 0.0)
    reader = CallReader(mapped(TARGETS), table, CallSettings(ZoneInfo("Pacific/Kiritimati"), "US", NOW), CALL_FIELDS)
    ragged, *results = map(reader.read, table.rows)

    assert isinstance(ragged, RejectedRow)
    assert all(result.line == 3 for result in results)


@pytest.mark.parametrize(
    ("mapping", "fields"),
    [
        (mapped(["started_at", "answered", "topic", "agent"]), ["columns.topic", "columns.agent"]),
        (mapped(["started_at"]), ["answered"]),
        (mapped(["date", "answered"]), ["columns.date", "time"]),
        (mapped(["started_at", "answered"], defaults={"direction": "up"}), ["defaults.direction"]),
        (mapped(["started_at", "answered"], values={"status": {"x": "active"}}), ["values.status"]),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(
    write_file: WriteFile, mapping: Mapping, fields: list[str]
) -> None:
    path = write_file(lines("started_at,answered", "2026-03-02 09:30,Y"))

    with pytest.raises(ValidationFailed) as refusal:
        read_calls(path, mapping)
    assert [error.field for error in refusal.value.field_errors] == fields


def test_days_and_times_for_the_whole_file_are_plain_whatever_the_file_s_own_are(write_file: WriteFile) -> None:
    mapping = mapped(
        ["answered"],
        date_formats=["DD.MM.YYYY"],
        time_formats=["HH.mm"],
        defaults={"date": "2026-03-02", "time": "9:30"},
    )

    assert read_calls(write_file(lines("answered", "Y")), mapping).only.started_at == START


@pytest.mark.parametrize(
    ("word", "agent", "reasons"),
    [
        ("17", "ann@example.com", []),
        ("Robot", None, []),
        ("Test", None, ["You chose to skip rows with this value."]),
        ("Bob Ray", "Bob Ray", []),
        ("9", "Agent 9", []),
    ],
)
def test_whom_a_word_means_is_said_by_the_mapping(
    write_file: WriteFile, word: str, agent: str | None, reasons: list[str]
) -> None:
    people = {"17": "ann@example.com", "robot": "leave_empty", "test": "turn_away"}
    content, mapping = one_row({"agent": word}, values={"agent": people})
    result = read_calls(write_file(content), mapping)

    assert result.reasons == reasons
    assert [call.agent for call in result.calls] == ([] if reasons else [agent])


@pytest.mark.parametrize(
    ("first", "last", "agent"), [("Ann", "Lee", "Ann Lee"), ("Ann", "", "Ann"), ("", "Lee", "Lee"), ("", "", None)]
)
def test_a_first_and_a_last_name_make_an_agent(write_file: WriteFile, first: str, last: str, agent: str | None) -> None:
    content, mapping = one_row({"agent_first_name": first, "agent_last_name": last})

    assert read_calls(write_file(content), mapping).only.agent == agent


def test_rows_of_one_id_are_known_by_the_moment_where_the_mapping_says_so(write_file: WriteFile) -> None:
    content, mapping = one_row({"external_id": "77"}, several_per_id=True, timezone="UTC")
    call = read_calls(write_file(content), mapping).only

    assert (call.external_id, call.earlier_ids) == ("77@2026-03-02T14:30:00Z", ("77",))
