"""The transcript on a call's page, with marks on the words that findings quote."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.work.calls.conversation_rules import Conversation, Part, Side, read_conversation
from app.work.calls.evidence_rules import Finding, FindingKind, read_findings
from tests.support.odd_json import ALMOST_A_LIST

TURNS = [
    {"speaker": "agent", "start": 0.0, "end": 2.5, "text": "Comfort Heating, how can I help?"},
    {"speaker": "customer", "start": 2.8, "end": 6.0, "text": "It’s our furnace. It quit   last night."},
    {"speaker": "agent", "start": 6.5, "end": 9.0, "text": "I’m sorry. Is everyone warm enough? It quit last night?"},
]


def finding(quote: str = "", turn: int | None = None) -> Finding:
    return Finding(FindingKind.REMARK, "Title", "", quote, turn, None)


def parts(conversation: Conversation, turn: int) -> list[Part]:
    return list(conversation.turns[turn].parts)


def test_the_quoted_words_are_marked_and_lead_both_ways() -> None:
    said = read_conversation(TURNS, "", [finding("Is everyone warm enough?", 2)])

    assert parts(said, 2) == [Part("I’m sorry. "), Part("Is everyone warm enough?", 1), Part(" It quit last night?")]
    assert said.findings[0].turn == said.turns[2]
    assert said.marks == [(6.5, 1)]


@pytest.mark.parametrize("quote", ["it's our furnace", "It quit last night.", "IT’S OUR FURNACE. IT QUIT LAST NIGHT."])
def test_quotes_are_found_whatever_their_capitals_spaces_and_quotation_marks(quote: str) -> None:
    said = read_conversation(TURNS, "", [finding(quote, 1)])

    assert [part.number for part in parts(said, 1) if part.number] == [1]
    assert "".join(part.text for part in parts(said, 1)) == TURNS[1]["text"]


def test_words_in_another_turn_than_the_analysis_says_are_found_there() -> None:
    said = read_conversation(
        TURNS, "", [finding("how can I help", 2), finding("our furnace", 77), finding("I’m sorry")]
    )

    assert [found.turn and found.turn.anchor for found in said.findings] == ["turn-0", "turn-1", "turn-2"]


def test_words_that_nobody_said_leave_the_number_at_the_end_of_the_turn() -> None:
    said = read_conversation(TURNS, "", [finding("Never said", 0), finding("Nor this")])

    assert parts(said, 0) == [Part("Comfort Heating, how can I help?"), Part("", 1)]
    assert said.findings[1].turn is None


def test_overlapping_words_are_marked_once_and_numbered_twice() -> None:
    said = read_conversation(TURNS, "", [finding("how can I", 0), finding("can I help", 0), finding("can", 0)])

    assert parts(said, 0) == [
        Part("Comfort Heating, "), Part("how can I", 1), Part(" help", 2), Part("", 3), Part("?"),
    ]  # fmt: skip


def test_turns_are_counted_with_those_that_say_nothing_but_shown_without() -> None:
    said = read_conversation([{"speaker": "agent", "text": " "}, None, *TURNS], "", [finding("how can I help", 2)])

    assert [turn.text for turn in said.turns] == [turn["text"] for turn in TURNS]
    assert said.findings[0].turn == said.turns[0]


def test_who_speaks_is_told_apart() -> None:
    speakers = ["agent", "Sales Rep", "AI", "customer", "Caller", "", "Speaker 3"]

    said = read_conversation([{"speaker": name, "text": "Hello"} for name in speakers], "", [])

    ours, theirs = Side.OURS, Side.CALLER
    assert [turn.side for turn in said.turns] == [ours, ours, ours, theirs, theirs, theirs, Side.OTHER]


def test_only_turns_with_both_times_are_drawn() -> None:
    endless, backwards = {"text": "Hm", "start": 20}, {"text": "Hm", "start": 9, "end": 3}

    said = read_conversation([*TURNS, endless, backwards], "", [])

    assert said.speech == [(0.0, 2.5, True), (2.8, 6.0, False), (6.5, 9.0, True)]


def test_a_transcript_without_turns_is_one_text() -> None:
    assert read_conversation([], " Hello there. ", [finding("Hello")]).text == "Hello there."
    assert read_conversation(TURNS, "Hello there.", []).text == ""


SPOKEN = st.fixed_dictionaries(
    {"text": st.text("ab \u2018\u2019", max_size=8), "speaker": st.sampled_from(["agent", "x"])}
)


@given(st.lists(SPOKEN, max_size=4), st.lists(st.tuples(st.text("ab '", max_size=4), st.integers(0, 5)), max_size=5))
def test_marking_never_changes_what_was_said(labels: list[Any], quotes: list[tuple[str, int]]) -> None:
    said = read_conversation(labels, "", [finding(quote, turn) for quote, turn in quotes])

    assert all("".join(part.text for part in turn.parts) == turn.text for turn in said.turns)
    assert {found.number for found in said.findings if found.turn} == {
        part.number for turn in said.turns for part in turn.parts if part.number
    }


@given(ALMOST_A_LIST, ALMOST_A_LIST)
def test_whatever_was_delivered_is_shown_without_an_error(labels: Any, evidence: Any) -> None:
    said = read_conversation(labels, "", read_findings(evidence, [], []))

    assert len({turn.anchor for turn in said.turns}) == len(said.turns)
