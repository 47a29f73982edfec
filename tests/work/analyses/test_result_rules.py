"""Reading of results: values that can't be used are left out or shortened, and no value breaks the reading."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.errors import ValidationFailed
from app.work.analyses.result_rules import MAX_PROPERTY_FACTS, TaskResult, read_result
from tests.work.analyses.conftest import RESULT, result_with

NOW = datetime(2026, 12, 1, tzinfo=UTC)
CALL = UUID("01900000-0000-7000-8000-000000000000")


def read(result: dict[str, Any]) -> TaskResult:
    return read_result(result, CALL, "shu_1", ZoneInfo("America/New_York"), NOW)


def test_a_complete_result_has_nothing_left_out() -> None:
    result = read(RESULT)

    assert result.left_out == ()
    assert result.record.pending_actions == (
        {"category": "call_back", "text": "Call back", "due_at": "2026-12-02T17:00:00+00:00"},
    )
    assert (result.record.objection_severity, result.record.sentiment_score) == ("high", Decimal("-0.400"))
    assert {"summary", "objections", "model"} <= result.targets


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("summary", ["text"]),
        ("summary", "a\0b"),
        ("topic", True),
        ("sentiment", "angry"),
        ("sentiment", {}),
        ("sentiment_score", 1.1),
        ("sentiment_score", "0.5"),
        ("sentiment_score", True),
        ("sop_score", 10**400),
        ("sop_score", -1),
        ("confidence", [0.5]),
        ("booking_status", 1),
        ("qualification_status", "boiling"),
        ("risks", "none"),
        ("risks", [["nested"], {}]),
        ("objections", {"category": "price"}),
        ("pending_actions", [{"text": "a\0b"}]),
        ("missed_opportunities", [None]),
        ("property", ["house"]),
    ],
)
def test_a_value_that_cannot_be_used_is_left_out_alone(name: str, value: Any) -> None:
    result = read(result_with(analysis={name: value}))

    assert result.left_out == (name,)
    assert name not in result.targets
    assert result.record.transcript_text


def test_long_values_are_shortened_and_long_lists_cut() -> None:
    result = read(
        result_with(
            analysis={
                "summary": "s" * 20_000,
                "topic": "t" * 200,
                "risks": [f"{number} {'r' * 500}" for number in range(500)],
                "objections": [{"category": "c" * 900, "text": "o" * 9_000}] * 300,
                "property": {f"fact {number}": "x" * 900 for number in range(200)},
            }
        )
    )

    record = result.record
    assert (len(record.summary or ""), len(record.topic or "")) == (10_000, 100)
    assert (len(record.risks), len(record.objections)) == (100, 100)
    assert (len(record.objections[0]["category"]), len(record.objections[0]["text"])) == (50, 2_000)
    assert (len(result.facts), len(str(result.facts["fact 1"]))) == (MAX_PROPERTY_FACTS, 500)


def test_facts_are_texts_and_numbers() -> None:
    facts = {"year": 1998, "type": " house ", "size": 10**400, "pool": True, "rooms": [1], "old": None, "a\0": "b"}

    result = read(result_with(analysis={"property": facts}))

    assert result.facts == {"year": 1998, "type": "house"}
    assert result.left_out == ("property.size", "property.pool", "property.rooms")


@pytest.mark.parametrize(
    "changes",
    [
        {"analyzed_at": None},
        {"analyzed_at": 5},
        {"analyzed_at": "2026-11-20T10:00:00"},
        {"analyzed_at": "0001-01-01T00:00:00+14:00"},
        {"analyzed_at": "2026-12-01T00:06:00Z"},
        {"transcript": "text"},
        {"transcript": {"turns": "text"}},
        {"transcript": {"turns": [{"speaker": "agent"}]}},
        {"transcript": {"turns": [{"speaker": "agent", "text": "a\0b"}]}},
        {"transcript": {"text": "x" * 200_001}},
        {"transcript": {"text": "a\0b"}},
        {"transcript": {"text": 5}},
    ],
)
def test_a_result_without_a_time_or_with_an_unusable_transcript_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        read(result_with(**changes))

    assert refusal.value.sentence.startswith("The result can’t be read: result.")


def test_text_without_turns_is_a_transcript() -> None:
    result = read({"analyzed_at": RESULT["analyzed_at"], "transcript": {"text": "Good morning."}})

    assert (result.record.transcript_text, result.record.turns, result.targets) == ("Good morning.", (), frozenset())
