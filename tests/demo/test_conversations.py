"""Conversations: the dialog is consistent, and everything in an analysis occurs in it."""

from datetime import UTC, datetime
from itertools import product

from demo.conversations.analysis import read
from demo.conversations.composer import Conversation, Craft, compose
from demo.conversations.library import scenarios
from demo.conversations.script import Ending, Scenario
from demo.conversations.takes import takes
from demo.seeding import stream
from tests.support.cases import case

SCENARIOS, TAKES = scenarios(), takes()
ENDED = datetime(2026, 11, 19, 16, 20, tzinfo=UTC)
CASES = [
    (f"{name}-{number}", scenario, ending)
    for name, scenario in SCENARIOS.items()
    for number, ending in enumerate(scenario.endings)
]


def talk(
    scenario: Scenario, ending: Ending, facts: dict[str, str], seed: int = 1, diligence: float = 0.7
) -> Conversation:
    take = TAKES.get(scenario.name)
    chance = stream(seed, scenario.name)
    beats = take.beats if take else None
    return compose(scenario, ending, facts, Craft(diligence, 1.0), chance, known=bool(seed % 2), beats=beats)


def test_turns_follow_each_other_within_the_call(call_facts: dict[str, str]) -> None:
    for (name, scenario, ending), seed in product(CASES, range(4)):
        with case(name, seed):
            conversation = talk(scenario, ending, call_facts, seed)
            clock = 0.0
            for turn in conversation.turns:
                assert clock <= turn.start < turn.end <= conversation.seconds
                clock = turn.end
            assert {turn.speaker for turn in conversation.turns} == {"agent", "customer"}


def test_everything_an_analysis_says_points_into_a_turn(call_facts: dict[str, str]) -> None:
    for (name, scenario, ending), diligence in product(CASES, (0.1, 0.6, 0.95)):
        with case(name, diligence):
            conversation = talk(scenario, ending, call_facts, diligence=diligence)
            reading = read(conversation, ENDED, stream(1, "reading"))
            quoted = [(item, item["quote"]) for item in (*reading.evidence, *reading.missed_opportunities)]
            for item, quote in (*quoted, *((item, item["text"]) for item in reading.objections)):
                turn = conversation.turns[item["turn"]]
                assert quote in turn.text
                assert item["start"] == turn.start
            turns = [item["turn"] for item in reading.evidence]
            assert turns == sorted(set(turns))


def test_a_step_of_the_guide_is_done_or_missed_never_both(call_facts: dict[str, str]) -> None:
    for name, scenario, ending in CASES:
        with case(name):
            reading = read(talk(scenario, ending, call_facts), ENDED, stream(1, "reading"))
            assert not set(reading.stages_completed) & set(reading.stages_missed)
            assert 0 <= reading.sop_compliance_score <= 100
            assert -1 <= reading.sentiment_score <= 1


def test_who_keeps_to_the_guide_scores_higher(call_facts: dict[str, str]) -> None:
    scenario = SCENARIOS["no_heat"]

    def mean(diligence: float) -> float:
        scores = [
            read(talk(scenario, scenario.endings[0], call_facts, seed, diligence), ENDED, stream(seed, "reading"))
            for seed in range(30)
        ]
        return sum(reading.sop_compliance_score for reading in scores) / len(scores)

    assert mean(0.9) > mean(0.6) + 10 > mean(0.3) + 20


def test_two_calls_by_one_script_differ(call_facts: dict[str, str]) -> None:
    scenario = SCENARIOS["replacement_price"]
    told = {
        tuple(turn.text for turn in talk(scenario, scenario.endings[0], call_facts, seed).turns) for seed in range(20)
    }
    assert len(told) == 20


def test_a_booked_call_names_day_address_and_window(call_facts: dict[str, str]) -> None:
    scenario = SCENARIOS["drain_backup"]
    conversation = talk(scenario, scenario.endings[0], call_facts, seed=2, diligence=0.97)
    text = " ".join(turn.text for turn in conversation.turns)
    for said in ("Saturday between 8 and 10", "4108 Elm St", "512-555-0131", "Denise Aguilar"):
        assert said in text


def test_a_quick_call_is_as_long_as_its_recording(call_facts: dict[str, str]) -> None:
    for name, take in TAKES.items():
        conversation = talk(SCENARIOS[name], SCENARIOS[name].endings[0], call_facts)
        assert 20 <= conversation.seconds <= 40
        assert abs(conversation.seconds - take.seconds) <= 1
