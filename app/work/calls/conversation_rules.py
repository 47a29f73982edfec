"""A conversation as its page shows it: turns with the words that findings rest on marked, and who speaks when.

Transcripts come from outside, in JSON kept as it was given: a turn without a time has none, one without text is left
out, and a transcript without turns is shown as one text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from app.work.calls.evidence_rules import Finding, seconds, text_of

MAX_TURNS = 5_000

_OURS = frozenset({"agent", "csr", "rep", "sales_rep", "representative", "operator", "assistant", "ai", "bot"})
_CALLERS = frozenset({"customer", "caller", "client", "contact", "homeowner"})

#: Typing that differs between what was said and what is quoted of it; one character each, so that places stay.
_ALIKE = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")


class Side(Enum):
    """Who speaks: our side, the person who called, or somebody whom only the transcript names."""

    OURS = "ours"
    CALLER = "caller"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a turn. With a `number` they are evidence of that finding; without words, only its number stands."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said at a time, at its `place` among all turns. `start` and `end` are seconds into the recording;
    None where unknown."""

    place: int
    side: Side
    speaker: str
    text: str
    start: float | None
    end: float | None
    parts: Sequence[Part] = ()

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"turn-{self.place}"


@dataclass(frozen=True, slots=True)
class NumberedFinding:
    """A finding with its number on the page, and the turn that its words are in, if they are in any."""

    number: int
    finding: Finding
    turn: Turn | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in their order and findings by number; `text` is the transcript where it has no turns."""

    turns: Sequence[Turn] = ()
    findings: Sequence[NumberedFinding] = ()
    text: str = ""
    #: (start, end, ours) of each turn that has both times.
    speech: Sequence[tuple[float, float, bool]] = ()

    @property
    def marks(self) -> list[tuple[float, int]]:
        """Where in the recording the findings are: (start, number)."""
        return [
            (found.turn.start, found.number) for found in self.findings if found.turn and found.turn.start is not None
        ]


def read_conversation(labels: object, text: str, findings: Sequence[Finding]) -> Conversation:
    """The conversation of `call_transcripts`' two columns with the findings of its analysis."""
    turns = _turns(labels)
    found = _Finder(turns)
    marks = [found.mark(number, finding) for number, finding in enumerate(findings, start=1)]
    shown = [_with_marks(turn, [mark for mark in marks if mark.turn == place]) for place, turn in enumerate(turns)]
    said = [turn for turn in shown if turn.text]
    return Conversation(
        turns=said,
        findings=[
            NumberedFinding(mark.number, finding, None if mark.turn is None else shown[mark.turn])
            for mark, finding in zip(marks, findings, strict=True)
        ],
        text="" if said else text.strip(),
        speech=[
            (turn.start, turn.end, turn.side is Side.OURS)
            for turn in said
            if turn.start is not None and turn.end is not None and turn.end > turn.start
        ],
    )


@dataclass(frozen=True, slots=True)
class _Mark:
    """Words of turn number `turn` (None: of no turn); an empty range where they are not found in it."""

    number: int
    turn: int | None
    start: int = 0
    end: int = 0


class _Finder:
    """Finds what an analysis quotes."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._texts = [turn.text.translate(_ALIKE) for turn in turns]

    def mark(self, number: int, finding: Finding) -> _Mark:
        """The quoted words: in the turn that the analysis names, else wherever they are; else that turn's end."""
        named = finding.turn if finding.turn is not None and finding.turn < len(self._texts) else None
        words = finding.quote.translate(_ALIKE).split()
        if words:
            pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
            for place in (*([] if named is None else [named]), *range(len(self._texts))):
                match = pattern.search(self._texts[place])
                if match is not None:
                    return _Mark(number, place, *match.span())
        if named is None or not self._texts[named]:
            return _Mark(number, None)
        end = len(self._texts[named])
        return _Mark(number, named, end, end)


def _turns(labels: object) -> list[Turn]:
    """Every turn that an analysis may count, those without text too."""
    items = labels[:MAX_TURNS] if isinstance(labels, list) else []
    return [_turn(place, item if isinstance(item, dict) else {}) for place, item in enumerate(items)]


def _turn(place: int, item: Mapping[str, Any]) -> Turn:
    speaker = text_of(item, "speaker")
    known = speaker.casefold().replace(" ", "_")
    side = Side.OURS if known in _OURS else Side.CALLER if known in _CALLERS or not known else Side.OTHER
    start, end = seconds(item.get("start")), seconds(item.get("end"))
    return Turn(place, side, speaker, text_of(item, "text"), start, end)


def _with_marks(turn: Turn, marks: Sequence[_Mark]) -> Turn:
    """Cut the text at the marks; where two overlap, the second has what the first leaves of its words."""
    parts: list[Part] = []
    place = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.number)):
        begin = max(place, mark.start)
        parts += [Part(turn.text[place:begin]), Part(turn.text[begin : mark.end], mark.number)]
        place = max(place, mark.end)
    parts.append(Part(turn.text[place:]))
    return replace(turn, parts=[part for part in parts if part.text or part.number is not None])
