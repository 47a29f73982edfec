"""The scripts: there are enough of them, and each line can occur."""

from collections.abc import Iterator
from string import Formatter

from demo.call_mix import AFTERWARDS, NEEDS, NUISANCES
from demo.conversations.composer import spoken
from demo.conversations.library import scenarios, scenarios_of
from demo.conversations.script import Ending, Exchange, Line, OneOf, Passage, Scenario, When
from demo.conversations.slots import SLOTS
from demo.conversations.takes import takes
from tests.support.cases import case

SCENARIOS, TAKES = scenarios(), takes()
VOICEMAILS = {scenario.name for scenario in scenarios_of("voicemails")}
SPOKEN_WITH = {name: scenario for name, scenario in SCENARIOS.items() if name not in VOICEMAILS}


def exchanges(passage: Passage) -> Iterator[Exchange]:
    for item in passage:
        if isinstance(item, OneOf):
            for option in item.passages:
                yield from option
        else:
            yield item


def lines(scenario: Scenario) -> Iterator[Line]:
    for passage in (scenario.items, *(ending.items for ending in scenario.endings)):
        for exchange in exchanges(passage):
            yield from (*exchange.lines, *exchange.missed)


def slots_of(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def lengths(passage: Passage, acquaintance: When) -> tuple[int, int]:
    """Return the fewest and the most turns of a passage."""
    fewest = most = 0
    for item in passage:
        if isinstance(item, OneOf):
            each = [lengths(option, acquaintance) for option in item.passages]
            fewest, most = fewest + min(low for low, _high in each), most + max(high for _low, high in each)
        elif item.when in {None, acquaintance}:
            said, instead = len(item.lines), len(item.missed) if item.lapse else len(item.lines)
            fewest += min(said, instead) if item.chance == 1 else 0
            most += max(said, instead)
    return fewest, most


def turn_range(scenario: Scenario, ending: Ending) -> tuple[int, int]:
    """Return the fewest and the most turns of a call, with a stranger or a known caller."""
    ranges = [
        (body[0] + end[0], body[1] + end[1])
        for acquaintance in When
        for body, end in [(lengths(scenario.items, acquaintance), lengths(ending.items, acquaintance))]
    ]
    return min(low for low, _high in ranges), max(high for _low, high in ranges)


def test_there_are_many_kinds_of_calls() -> None:
    assert len(SPOKEN_WITH) > 45
    assert len({scenario.topic for scenario in SCENARIOS.values()}) > 30


def test_every_line_uses_known_slots_only() -> None:
    for name, scenario in SCENARIOS.items():
        with case(name):
            known = SLOTS | set(scenario.choices)
            for line in lines(scenario):
                for variant in line.variants:
                    assert slots_of(variant) <= known, variant
            for text in (text for variants in scenario.choices.values() for text in variants):
                assert slots_of(text) <= SLOTS, text


def test_summaries_reasons_and_actions_can_be_told() -> None:
    for name, scenario in SCENARIOS.items():
        with case(name):
            known = SLOTS | set(scenario.choices)
            for ending in scenario.endings:
                for text in (ending.summary, ending.reason or "", *(action.text for action in ending.actions)):
                    assert slots_of(text) <= known, text


def test_a_quote_stands_in_its_line_word_for_word(call_facts: dict[str, str]) -> None:
    for name, scenario in SCENARIOS.items():
        with case(name):
            everything = {**call_facts, **{name: variants[0] for name, variants in scenario.choices.items()}}
            for line in lines(scenario):
                for variant in line.variants:
                    text, quote = spoken(variant, everything)
                    assert quote
                    assert quote in text
                    assert not set("[]{}") & set(text), text


def test_a_conversation_has_eight_to_some_thirty_turns() -> None:
    for name, scenario in SPOKEN_WITH.items():
        with case(name):
            for ending in scenario.endings:
                fewest, most = turn_range(scenario, ending)
                assert 8 <= fewest <= most <= 31


def test_only_a_step_of_the_guide_can_be_left_out_and_then_its_lapse_is_told() -> None:
    for name, scenario in SCENARIOS.items():
        with case(name):
            for passage in (scenario.items, *(ending.items for ending in scenario.endings)):
                for exchange in exchanges(passage):
                    assert exchange.stage or not exchange.lapse
                    assert exchange.lapse or not exchange.missed


def test_quick_calls_keep_the_turns_of_their_recording() -> None:
    for name in TAKES:
        with case(name):
            scenario = SCENARIOS[name]
            passages = (*scenario.items, *scenario.endings[0].items)
            for exchange in exchanges(passages):
                assert not exchange.stage or [line.speaker for line in exchange.lines] == [
                    line.speaker for line in exchange.missed
                ]
            assert len(TAKES[name].turns) == sum(len(exchange.lines) for exchange in exchanges(passages))


def test_every_share_of_the_mix_has_a_script() -> None:
    assert {share.scenario for share in (*NEEDS, *AFTERWARDS, *NUISANCES)} <= set(SCENARIOS)
