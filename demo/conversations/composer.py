"""Composition of a conversation from a script and the facts of one call: turns, times, and findings."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.models.calls import Severity
from demo.conversations.script import (
    Ending,
    Exchange,
    Finding,
    Line,
    Objection,
    OneOf,
    Passage,
    Scenario,
    Speaker,
    Stage,
    When,
)
from demo.conversations.slots import resolve

_SENTENCE_START = re.compile(r"(?:^|[.?!] )[a-z]")
_MARKED = re.compile(r"\[(.*)\]")
_WORDS_A_SECOND = 2.3
# Added to the CSR's diligence: how much more or less likely a step is than the rest of the guide.
_EASE = {
    Stage.GREETING: 0.15,
    Stage.EMPATHY: -0.12,
    Stage.VALUE: -0.05,
    Stage.OBJECTION_HANDLING: -0.1,
    Stage.BOOKING_ASK: 0.05,
    Stage.CLOSING: 0.05,
}
_NEVER_PERFECT = 0.97


@dataclass(frozen=True, slots=True)
class Craft:
    """Skill of an agent.

    `diligence` (0–1) is the share of the call script's steps that are done, `pace` is the speed of speech (1 is
    average).
    """

    diligence: float
    pace: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn; start and end are in seconds from the beginning of the conversation."""

    speaker: Speaker
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding and the quote that supports it, from turn number `turn` (counted from 0)."""

    finding: Finding
    turn: int
    quote: str


@dataclass(frozen=True, slots=True)
class Hesitation:
    """An objection the caller raised."""

    objection: Objection
    severity: Severity
    turn: int
    quote: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole call: its turns, its length in whole seconds, and everything that an analysis finds in it."""

    scenario: Scenario
    ending: Ending
    turns: tuple[Turn, ...]
    seconds: int
    hesitations: tuple[Hesitation, ...]
    strengths: tuple[Remark, ...]
    lapses: tuple[Remark, ...]
    done: tuple[Stage, ...]
    missed: tuple[Stage, ...]
    facts: Mapping[str, str]

    def tell(self, template: str) -> str:
        """Fill `template` with the facts of this call."""
        return _sentence_case(template.format_map(self.facts))


def compose(
    scenario: Scenario,
    ending: Ending,
    facts: Mapping[str, str],
    craft: Craft,
    chance: random.Random,
    *,
    known: bool = False,
    beats: Sequence[tuple[float, float]] | None = None,
) -> Conversation:
    """Play `scenario` to `ending`. `beats` are the times of the turns if a recording already fixes them."""
    chosen = {name: chance.choice(variants) for name, variants in scenario.choices.items()}
    everything = {**facts, **resolve(chosen, facts)}
    play = _Play(everything, craft, chance, When.KNOWN if known else When.NEW)
    play.passage(scenario.items)
    play.passage(ending.items)
    turns = _at_beats(play.said, beats) if beats else _at_pace(play.said, craft.pace, chance)
    missed = frozenset(play.missed)
    return Conversation(
        scenario=scenario,
        ending=ending,
        turns=turns,
        seconds=int(turns[-1].end) + 1,
        hesitations=tuple(play.hesitations),
        strengths=tuple(play.strengths),
        lapses=tuple(play.lapses),
        done=tuple(dict.fromkeys(stage for stage in play.done if stage not in missed)),
        missed=tuple(dict.fromkeys(play.missed)),
        facts=everything,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    speaker: Speaker
    text: str
    quote: str
    pause: float


@dataclass(slots=True)
class _Play:
    facts: Mapping[str, str]
    craft: Craft
    chance: random.Random
    acquaintance: When
    said: list[_Said] = field(default_factory=list)
    hesitations: list[Hesitation] = field(default_factory=list)
    strengths: list[Remark] = field(default_factory=list)
    lapses: list[Remark] = field(default_factory=list)
    done: list[Stage] = field(default_factory=list)
    missed: list[Stage] = field(default_factory=list)

    def passage(self, items: Passage) -> None:
        for item in items:
            if isinstance(item, OneOf):
                self.passage(self.chance.choice(item.passages))
            elif item.when is None or item.when is self.acquaintance:
                self._exchange(item)

    def _exchange(self, exchange: Exchange) -> None:
        if exchange.stage is None:
            if self.chance.random() < exchange.chance:
                self._perform(exchange)
        elif exchange.lapse is None or self._remembers(exchange.stage):
            self.done.append(exchange.stage)
            self._perform(exchange)
        else:
            self.missed.append(exchange.stage)
            self._leave_out(exchange)

    def _remembers(self, stage: Stage) -> bool:
        odds = self.craft.diligence + _EASE.get(stage, 0.0)
        return self.chance.random() < min(odds, _NEVER_PERFECT)

    def _perform(self, exchange: Exchange) -> None:
        first = len(self.said)
        self._lines(exchange.lines)
        if exchange.finding is not None:
            spoken = next(n for n in range(first, len(self.said)) if self.said[n].speaker is Speaker.AGENT)
            self.strengths.append(Remark(exchange.finding, spoken, self.said[spoken].quote))

    def _leave_out(self, exchange: Exchange) -> None:
        # The lapse is shown by what was said instead, or else by the caller's words that got no answer.
        shown_by = len(self.said) if exchange.missed else len(self.said) - 1
        self._lines(exchange.missed)
        if exchange.lapse is not None and shown_by >= 0:
            self.lapses.append(Remark(exchange.lapse, shown_by, self.said[shown_by].quote))

    def _lines(self, lines: Iterable[Line]) -> None:
        for line in lines:
            text, quote = spoken(self.chance.choice(line.variants), self.facts)
            if line.objection is not None:
                self.hesitations.append(Hesitation(line.objection, line.severity, len(self.said), quote))
            self.said.append(_Said(line.speaker, text, quote, line.pause))


def spoken(variant: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Return the text of a variant, and the part of it that evidence quotes."""
    filled = variant.format_map(facts)
    marked = _MARKED.search(filled)
    if marked is None:
        text = _sentence_case(filled)
        return text, text
    text = _sentence_case(filled[: marked.start()] + marked[1] + filled[marked.end() :])
    return text, text[marked.start() : marked.start() + len(marked[1])]


def speaking_time(text: str, pace: float) -> float:
    """Return the seconds it takes to say `text`."""
    return 0.4 + len(text.split()) / (_WORDS_A_SECOND * pace)


def _sentence_case(text: str) -> str:
    return _SENTENCE_START.sub(lambda start: start[0].upper(), text)


def _at_pace(said: Iterable[_Said], pace: float, chance: random.Random) -> tuple[Turn, ...]:
    turns = []
    clock = chance.uniform(0.4, 1.6)
    for line in said:
        start = clock + line.pause * chance.uniform(0.8, 2.2) / pace
        end = start + speaking_time(line.text, pace)
        turns.append(Turn(line.speaker, round(start, 1), round(end, 1), line.text))
        # Occasionally a person thinks, types or turns away before answering.
        clock = end + (chance.uniform(3.0, 22.0) / pace if chance.random() < 0.33 else chance.uniform(0.2, 1.2))
    return tuple(turns)


def _at_beats(said: Sequence[_Said], beats: Sequence[tuple[float, float]]) -> tuple[Turn, ...]:
    return tuple(Turn(line.speaker, start, end, line.text) for line, (start, end) in zip(said, beats, strict=True))


def stretched(conversation: Conversation, factor: float) -> Conversation:
    """Return the conversation spread over a longer time, with people looking, measuring and walking in between."""
    turns = tuple(
        replace(turn, start=round(turn.start * factor, 1), end=round(turn.start * factor + turn.end - turn.start, 1))
        for turn in conversation.turns
    )
    return replace(conversation, turns=turns, seconds=int(turns[-1].end) + 1)
