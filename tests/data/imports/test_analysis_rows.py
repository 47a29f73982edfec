"""Reading of rows of analyses and transcripts, and the errors of unreadable ones."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.data.imports.cell_rules import CellProblem
from app.data.imports.guess_rules import guess_mapping
from app.data.imports.record_rules import RejectedRow
from app.tables.file_rules import open_table
from app.tables.table_rules import TableOptions
from app.work.analyses.import_list_rules import actions_parser, objections_parser, share_parser
from app.work.analyses.import_record_rules import AnalysisRecord
from app.work.analyses.import_rules import AnalysisReader, AnalysisSettings
from app.work.analyses.import_turn_rules import MAX_TRANSCRIPT_LENGTH, holds_turns, parse_transcript
from app.work.analyses.importing import ANALYSES_IMPORT
from app.work.analyses.store_service import ANALYSIS_FIELDS
from tests.support.import_files import NOW, WriteFile, guessed

Read = Callable[..., AnalysisRecord | RejectedRow]
ONE = {"Conversation Id": "C1", "Start time": "2026-03-02 09:30:00", "Summary": "The furnace has stopped."}


@pytest.fixture
def read(write_file: WriteFile) -> Read:
    """Function that reads one object as the only row of a file."""

    def of(**more: Any) -> AnalysisRecord | RejectedRow:
        path = write_file(json.dumps([{**ONE, **more}]), "results.json")
        return _only(path)

    return of


def _only(path: Path) -> AnalysisRecord | RejectedRow:
    [result] = _all(path)
    return result


def _all(path: Path) -> list[AnalysisRecord | RejectedRow]:
    mapping = guessed(path, ANALYSES_IMPORT)
    with open_table(path, TableOptions(is_record=holds_turns)) as table:
        reader = AnalysisReader(mapping, table, AnalysisSettings(ZoneInfo("America/New_York"), NOW), ANALYSIS_FIELDS)
        return [reader.read(row) for row in table.rows]


def good(result: AnalysisRecord | RejectedRow) -> AnalysisRecord:
    """Return the record of an accepted row."""
    assert isinstance(result, AnalysisRecord), [str(error.reason) for error in result.errors]
    return result


def reasons(result: AnalysisRecord | RejectedRow) -> list[tuple[str | None, str]]:
    """Return column and message of each problem found in a row."""
    found = result.errors if isinstance(result, RejectedRow) else result.remarks
    return [(one.column, str(one.reason)) for one in found]


def test_what_providers_say_is_read_by_the_names_of_its_columns(read: Read) -> None:
    record = good(
        read(
            **{"End Time": "2026-03-02 09:42:30", "Sentiment": "Negative", "Sentiment score": -0.45, "Topic": "Furnace",
               "Booked": "no", "Qualification": "hot", "SOP score": "82%", "Confidence": 0.9, "Model": "gpt",
               "Analyzed at": "2026-03-02T15:00:00Z", "Missed opportunities": ["No tune-up was offered"],
               "Steps missed": ["Greeting", "Greeting", "Closing"], "Key phrases": "no heat, old unit"}
        )
    )  # fmt: skip

    assert (record.external_id, record.started_at) == ("C1", datetime(2026, 3, 2, 14, 30, tzinfo=UTC))
    assert (record.duration_seconds, record.ended_at) == (750, datetime(2026, 3, 2, 14, 42, 30, tzinfo=UTC))
    assert (record.sentiment, record.sentiment_score, record.topic) == ("negative", Decimal("-0.450"), "Furnace")
    assert (record.booking_status, record.qualification_status) == ("not_booked", "hot")
    assert (record.sop_compliance_score, record.confidence) == (Decimal(82), Decimal("0.900"))
    assert (record.model, record.analysed_at) == ("gpt", datetime(2026, 3, 2, 15, tzinfo=UTC))
    assert record.missed_opportunities == ({"title": "No tune-up was offered"},)
    assert record.sop_stages_missed == ("Greeting", "Closing")
    assert record.evidence == ({"kind": "remark", "title": "Key phrases", "detail": "no heat, old unit"},)
    assert record.remarks == ()


def test_a_sentiment_in_numbers_is_a_score(read: Read) -> None:
    record = good(read(Sentiment="0.7"))
    assert (record.sentiment, record.sentiment_score) == (None, Decimal("0.700"))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Sentiment score", "1.5", "It isn’t a number from -1 to 1."),
        ("Sentiment score", "good", "It isn’t a number."),
        ("SOP score", "101", "It isn’t a number from 0 to 100."),
        ("Confidence", "90", "It isn’t a number from 0 to 1."),
        ("Qualification", "lukewarm", "It isn’t one of: hot, warm, cold, unqualified."),
        ("End time", "2026-03-02 09:00:00", "The call ends before it starts."),
        ("End time", "2026-03-09 09:00:00", "It’s longer than a day."),
        ("Analysed at", "2026-09-02 09:00:00", "This date is in the future."),
        ("Transcript", "x" * (MAX_TRANSCRIPT_LENGTH + 1), "It’s longer than 200000 characters."),
        ("Transcript", [{"speaker": "a", "text": "b"}] * 5_001, "The transcript has more than 5000 turns."),
        ("Transcript", [{"speaker": "a", "text": ""}], "The transcript’s turns have no text."),
        ("Transcript", [{"speaker": "a", "text": "b\0c"}], "It contains a character that can’t be used."),
        ("Objections", [{"severity": "high"}], "An objection has no text."),
        ("Action items", [{"text": f"Call {number}"} for number in range(101)], "The list has more than 100 items."),
    ],
)
def test_what_cannot_be_used_stays_out_with_a_remark(read: Read, column: str, value: Any, reason: str) -> None:
    record = good(read(**{column: value}))
    assert reasons(record) == [(column, reason)]
    assert record.summary == ONE["Summary"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Conversation Id": "", "Start time": None}, "Nothing identifies the call."),
        ({"Start time": "2027-03-02 09:30:00"}, "The call starts in the future."),
        ({"Start time": "soon"}, "It isn’t a date and time like"),
        ({"Summary": "a\0b", "Conversation Id": "a\0b"}, "It contains a character that can’t be used."),
        ({"Switchboard id": "17"}, "There’s no call with this ID."),
    ],
)
def test_what_no_row_can_be_without_turns_it_away(read: Read, change: dict[str, Any], reason: str) -> None:
    result = read(**change)
    assert isinstance(result, RejectedRow)
    assert any(str(one.reason).startswith(reason) for one in result.errors)


def test_the_id_of_a_call_here_is_taken_from_its_column(read: Read) -> None:
    assert good(read(**{"Switchboard id": str(UUID(int=17))})).call == UUID(int=17)


def test_a_call_of_no_length_has_no_end(read: Read) -> None:
    record = good(read(**{"End time": ONE["Start time"]}))
    assert (record.duration_seconds, record.ended_at) == (0, None)
    assert good(read(Duration="3 min")).duration_seconds == 180


def test_turns_come_in_many_ways() -> None:
    turns = [{"speaker": "agent", "text": "Hello."}, {"speaker": "customer", "text": "My furnace: it stopped."}]
    for text in (
        "**Call of today** **Agent:** Hello. **Customer:** My furnace: it stopped.",
        "Agent: Hello.\n\nCustomer: My furnace: it stopped.",
        "[00:00:01] Agent: Hello.\n[00:00:04] Customer: My furnace: it stopped.",
        json.dumps([{"role": "AGENT", "content": "Hello."}, {"role": "Customer", "content": turns[1]["text"]}]),
        json.dumps(["Agent: Hello.", "Customer: My furnace: it stopped."]),
    ):
        found = parse_transcript(text)
        assert [*found.turns] == turns
        assert found.text == "Hello.\nMy furnace: it stopped."


def test_a_turn_has_its_seconds_where_the_file_has_them() -> None:
    items = [
        {"ParticipantRole": "AGENT", "Content": "Hi", "BeginOffsetMillis": "40", "EndOffsetMillis": 5050,
         "LoudnessScores": [None, 3], "Items": None},
        {"speaker": "Ann", "text": "Hi", "start": 1.5, "end": "nan"},
        {"speaker": "Ann", "text": "Hi", "start": -4, "end": True},
    ]  # fmt: skip
    assert parse_transcript(json.dumps(items)).turns == (
        {"speaker": "agent", "text": "Hi", "start": 0.04, "end": 5.05},
        {"speaker": "ann", "text": "Hi", "start": 1.5},
        {"speaker": "ann", "text": "Hi"},
    )


@pytest.mark.parametrize("text", ["He said: no.", "[noise] a word", "{curly", "[" * 100_000, "[1, 2]x"])
def test_a_text_without_marks_stays_one_text(text: str) -> None:
    assert parse_transcript(text) == (text, ())


@pytest.mark.parametrize(
    "hostile", ["[1, null]", '[{"speaker": {"a": [1]}, "text": ["b"]}]', "[" + "9" * 4_000 + "]", '{"a": {"b": 1}}']
)
def test_json_of_other_shapes_is_told_and_breaks_nothing(hostile: str) -> None:
    with pytest.raises(CellProblem):
        parse_transcript(hostile)
    with pytest.raises(CellProblem):
        objections_parser()('[{"category": {"a": 1}}]')


def test_half_a_surrogate_becomes_a_sign_that_can_be_stored() -> None:
    [turn] = parse_transcript('[{"speaker": "a", "text": "b\\ud800"}]').turns
    assert turn["text"].encode() == "b\ufffd".encode()


def test_an_object_with_its_turns_is_one_row_and_one_around_rows_is_not() -> None:
    turn = {"speaker": "a", "text": "b"}
    assert holds_turns({"Transcript": [turn], "id": 1})
    assert holds_turns({"id": 1, "summary": "b"})
    assert not holds_turns({"results": [{"id": 1, "summary": "b"}]})


def test_what_is_to_be_done_has_one_of_our_categories_and_a_moment() -> None:
    parse = actions_parser(ZoneInfo("America/New_York"))
    found = parse(
        json.dumps(
            [
                {"category": "Call back", "text": "Call  her\nback", "due_at": "2026-03-04"},
                {"type": "sing", "description": "Sing", "due": "2026-03-04T10:00:00Z"},
                {"action": "Wait", "due_date": "someday"},
            ]
        )
    )
    assert found == (
        {"category": "call_back", "text": "Call her back", "due_at": "2026-03-04T17:00:00+00:00"},
        {"category": "other", "text": "Sing", "due_at": "2026-03-04T10:00:00+00:00"},
        {"category": "other", "text": "Wait"},
    )
    assert [one["text"] for one in parse("- Call back\n2. Send the quote; Wait")] == [
        "Call back", "Send the quote", "Wait"
    ]  # fmt: skip


def test_objections_keep_what_pages_know_of_them() -> None:
    found = objections_parser()(
        json.dumps(
            [
                {"category": "price", "text": "Too dear", "severity": "HIGH", "turn": "3", "start": "7.5", "x": {}},
                "Time",
            ]
        )
    )
    assert found == (
        {"category": "price", "text": "Too dear", "turn": 3, "start": 7.5, "severity": "high"},
        {"category": "Time", "text": "Time"},
    )


def test_a_score_of_five_is_a_fifth_of_it() -> None:
    assert share_parser(lambda value: Decimal(str(value)), -5, 5, of=5)("1.8") == Decimal("0.360")


def test_a_day_and_a_time_of_two_columns_are_one_moment(write_file: WriteFile) -> None:
    rows = [{"Conversation Id": "C1", "Date": "2026-03-02", "Start time": "09:30", "Summary": "No heat.", "End": ""}]

    assert good(_only(write_file(json.dumps(rows), "results.json"))).started_at == datetime(
        2026, 3, 2, 14, 30, tzinfo=UTC
    )
    del rows[0]["Conversation Id"]
    assert good(_only(write_file(json.dumps(rows), "results.json"))).started_at is not None
    rows[0]["Start time"] = ""
    unsaid, _said = _all(write_file(json.dumps([rows[0], {**rows[0], "Start time": "10:30"}]), "results.json"))
    assert reasons(unsaid) == [(None, "Nothing identifies the call.")]


def test_of_a_day_and_a_time_it_is_not_said_that_the_start_is_missing(write_file: WriteFile) -> None:
    path = write_file(json.dumps([{"Id": "C1", "Date": "2026-03-02", "Time": "09:30", "Summary": "x"}]), "results.json")
    with open_table(path) as table:
        notices = guess_mapping(ANALYSES_IMPORT, table.header, table.rows).notices

    assert not [one for one in notices if "No call time column" in str(one)]
