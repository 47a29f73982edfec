"""A conversation as shown on its page: turns with highlighted evidence, and speaking times.

Transcripts come from outside, as JSON that is stored unchanged: a turn can lack its times, a turn without text is left
out, and a transcript without turns is shown as plain text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from app.work.calls.evidence_rules import Finding, seconds, text_of

MAX_TURNS = 5_000

#: Speakers of our side, as transcripts name them.
OURS = frozenset({"agent", "csr", "rep", "sales_rep", "representative", "operator", "assistant", "ai", "bot"})
_CALLERS = frozenset({"customer", "caller", "client", "contact", "homeowner"})

#: Typographic characters that can differ between a transcript and a quote. Each maps to one character, so that
#: positions stay valid.
_ALIKE = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")


class Side(StrEnum):
    """Speaker of a turn: our side, the caller, or another person named in the transcript."""

    OURS = "ours"
    CALLER = "caller"
    OTHER = "other"


class Part(NamedTuple):
    """Part of a turn's text.

    A part with a `number` is evidence of the finding with that number; if it has no text, only the number is shown.
    """

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Speech of one side, at its `place` among all turns.

    `start` and `end` are seconds into the recording, None if unknown.
    """

    place: int
    side: Side
    speaker: str
    text: str
    start: float | None
    end: float | None
    parts: Sequence[Part] = ()

    @property
    def anchor(self) -> str:
        """Element ID of the turn on the page."""
        return f"turn-{self.place}"


@dataclass(frozen=True, slots=True)
class NumberedFinding:
    """A finding with its number on the page, and the turn that it is marked in, if any."""

    number: int
    finding: Finding
    turn: Turn | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order, with numbered findings. `text` is the transcript if it has no turns."""

    turns: Sequence[Turn] = ()
    findings: Sequence[NumberedFinding] = ()
    text: str = ""
    #: (start, end, is ours) of each turn with both times.
    speech: Sequence[tuple[float, float, bool]] = ()

    @property
    def marks(self) -> list[tuple[float, int]]:
        """Positions of the findings in the recording: (start in seconds, number)."""
        return [
            (found.turn.start, found.number) for found in self.findings if found.turn and found.turn.start is not None
        ]


def read_conversation(labels: object, text: str, findings: Sequence[Finding]) -> Conversation:
    """Build the conversation from the two columns of `call_transcripts` and the findings of the analysis."""
    turns = read_turns(labels)
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
    """Text range of a finding in turn number `turn`, which is None if the finding is in no turn.

    The range is empty if the quote was not found in the turn.
    """

    number: int
    turn: int | None
    start: int = 0
    end: int = 0


class _Finder:
    """Finder of the quotes of an analysis in the turns of a transcript."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._texts = [turn.text.translate(_ALIKE) for turn in turns]

    def mark(self, number: int, finding: Finding) -> _Mark:
        """Return the range of the finding's quote in a turn.

        The turn is the one that the analysis names, or else the first one that contains the quote. If no turn contains
        the quote, the mark is at the end of the named turn, or in no turn if none is named or that turn has no text.
        """
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


def read_turns(labels: object) -> list[Turn]:
    """Return every turn that an analysis could refer to, including those without text."""
    items = labels[:MAX_TURNS] if isinstance(labels, list) else []
    return [_turn(place, item if isinstance(item, dict) else {}) for place, item in enumerate(items)]


def _turn(place: int, item: Mapping[str, Any]) -> Turn:
    speaker = text_of(item, "speaker")
    known = speaker.casefold().replace(" ", "_")
    side = Side.OURS if known in OURS else Side.CALLER if known in _CALLERS or not known else Side.OTHER
    start, end = seconds(item.get("start")), seconds(item.get("end"))
    return Turn(place, side, speaker, text_of(item, "text"), start, end)


def _with_marks(turn: Turn, marks: Sequence[_Mark]) -> Turn:
    """Split the text at the marks. If two overlap, the second one gets the remaining text."""
    parts: list[Part] = []
    place = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.number)):
        begin = max(place, mark.start)
        parts += [Part(turn.text[place:begin]), Part(turn.text[begin : mark.end], mark.number)]
        place = max(place, mark.end)
    parts.append(Part(turn.text[place:]))
    return replace(turn, parts=[part for part in parts if part.text or part.number is not None])
