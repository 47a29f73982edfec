"""Recordings shared by quick calls: the start and end of each turn in the recording of a script.

All calls of one quick script have the same number of turns by the same speakers, so that one recording fits them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from demo.conversations.composer import speaking_time
from demo.conversations.library import scenarios_of
from demo.conversations.script import Exchange, Line, Scenario, Speaker

# People talk fast on such calls; it also keeps the recording small.
_HASTE = 0.76
_MIN_SECONDS, _MAX_SECONDS = 20.0, 24.5
_BREATH = 0.4


@dataclass(frozen=True, slots=True)
class Take:
    """One recording: its name, its length in seconds, and its turns as (speaker, start, end)."""

    name: str
    seconds: float
    turns: tuple[tuple[Speaker, float, float], ...]

    @property
    def beats(self) -> tuple[tuple[float, float], ...]:
        """Start and end of each turn."""
        return tuple((start, end) for _speaker, start, end in self.turns)


def _lines(scenario: Scenario) -> list[Line]:
    exchanges = (*scenario.items, *scenario.endings[0].items)
    return [line for exchange in exchanges if isinstance(exchange, Exchange) for line in exchange.lines]


def _take(scenario: Scenario) -> Take:
    lines = _lines(scenario)
    natural = [speaking_time(line.variants[0], 1.0) for line in lines]
    gaps = [_BREATH + line.pause for line in lines]
    length = sum(natural) + sum(gaps)
    stretch = (min(max(length * _HASTE, _MIN_SECONDS), _MAX_SECONDS) - sum(gaps)) / sum(natural)
    turns = []
    clock = 0.0
    for line, duration, gap in zip(lines, natural, gaps, strict=True):
        start = clock + gap
        clock = start + duration * stretch
        turns.append((line.speaker, round(start, 1), round(clock, 1)))
    return Take(scenario.name, round(clock + _BREATH, 1), tuple(turns))


@cache
def takes() -> Mapping[str, Take]:
    """Return the recording of each quick call, by the name of its script."""
    return {scenario.name: _take(scenario) for scenario in scenarios_of("quick")}
