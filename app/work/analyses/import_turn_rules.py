"""Parsing of a transcript from a cell: turns in JSON, or text with speaker labels.

All functions are pure.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text, clean
from app.work.analyses.import_record_rules import Item
from app.work.calls.conversation_rules import MAX_TURNS
from app.work.calls.evidence_rules import MAX_SECONDS

MAX_TRANSCRIPT_LENGTH = 200_000
MAX_SPEAKER_LENGTH = 60

_TEXT_NAMES = ("content", "text", "transcript", "utterance", "sentence", "words", "message", "body")
_SPEAKER_NAMES = (
    "participant_role", "participantrole", "speaker", "role", "participant", "speaker_label", "speaker_name",
    "speakername", "name", "channel",
)  # fmt: skip
#: Names of times within the recording: first those in seconds, then those in milliseconds.
_STARTS = (
    ("start", "start_time", "starttime", "begin", "offset"),
    ("beginoffsetmillis", "start_ms", "startms", "starttimems", "begin_ms"),
)
_ENDS = (("end", "end_time", "endtime"), ("endoffsetmillis", "end_ms", "endms", "endtimems"))

# Matches **Agent:** within one long line, and "Agent:" at the beginning of a line, optionally preceded by a time.
_BOLD = re.compile(r"\*\*\s*([^*:\n]{1,60}?)\s*:\s*\*\*|\*\*\s*([^*:\n]{1,60}?)\s*\*\*\s*:")
_AT_LINE = re.compile(
    r"^[ \t]*(?:[\[(]?(?:[0-9]{1,2}:)?[0-9]{1,2}:[0-9]{2}(?:[.,][0-9]+)?[\])]?[ \t]*[-–]?[ \t]*)?"
    r"(agent|csr|rep|sales rep|representative|operator|assistant|ai|bot|customer|caller|client|contact|homeowner|"
    r"speaker [0-9]{1,2}|агент|оператор|клиент|mijoz|xodim)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(r"(?:\*\*[^*]*\*\*|#+[^\n]*)?")


class Transcript(NamedTuple):
    """Transcript as a single string, and as turns {speaker, start, end, text}.

    Start and end are in seconds, if known.
    """

    text: str
    turns: tuple[Item, ...]


def holds_turns(found: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is one conversation with a list of turns, not a wrapper of a list of rows."""
    lists = [
        value for value in found.values() if isinstance(value, list) and all(isinstance(one, dict) for one in value)
    ]
    return len(lists) != 1 or any(map(_is_turn, lists[0][:1]))


def parse_transcript(value: Value) -> Transcript:
    """Parse a transcript; text without speaker labels has no turns.

    An empty list is an empty transcript. Raises CellProblem if its turns have no text, or if it has too many turns or
    characters.
    """
    text = as_text(value)
    items = items_in(text) if text.startswith(("[", "{")) else None
    if items == []:
        return Transcript("", ())
    if items and all(isinstance(one, str) for one in items):
        text, items = "\n".join(map(plain_text, items)), None
    turns = tuple(_turns_of_items(items)) if items and any(map(_is_turn, items)) else tuple(_turns_of_text(text))
    if items and not turns:
        raise CellProblem(_l("The transcript’s turns have no text."))
    if len(turns) > MAX_TURNS:
        raise CellProblem(_l("The transcript has more than %(limit)s turns.", limit=MAX_TURNS))
    whole = "\n".join(turn["text"] for turn in turns) if turns else text
    if len(whole) > MAX_TRANSCRIPT_LENGTH:
        raise CellProblem(_l("It’s longer than %(limit)s characters.", limit=MAX_TRANSCRIPT_LENGTH))
    return Transcript(whole, turns)


def items_in(text: str) -> list[Any] | None:
    """Return the items of a JSON list, or a JSON object as the only item; None for any other text."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else [found] if isinstance(found, dict) else None


def plain_text(value: object) -> str:
    """Return a value within JSON as clean text, or "" if it is neither text nor a number.

    Raises CellProblem for a NUL character.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # JSON can contain an unpaired surrogate, which the database cannot store.
    return clean(str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def number_in(value: object) -> float | None:
    """Return `value` as a float, or None unless it is a finite number or a string that contains one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def by_plain_name(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the item with its names in lower case, and spaces and hyphens replaced by underscores."""
    return {re.sub(r"[\s-]+", "_", name.casefold()): value for name, value in item.items()}


def _is_turn(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    names = by_plain_name(item)
    return any(name in names for name in _TEXT_NAMES) and any(
        name in names for name in (*_SPEAKER_NAMES, *_STARTS[0], *_STARTS[1])
    )


def _turns_of_items(items: Sequence[Any]) -> list[Item]:
    turns = []
    for item in items:
        found = by_plain_name(item) if isinstance(item, dict) else {}
        text = next((words for name in _TEXT_NAMES if (words := plain_text(found.get(name)))), "")
        if text:
            speaker = next((said for name in _SPEAKER_NAMES if (said := plain_text(found.get(name)))), "")
            turns.append(_turn(speaker, text, _moment(found, _STARTS), _moment(found, _ENDS)))
    return turns


def _turns_of_text(text: str) -> list[Item]:
    """Split text with speaker labels into turns. Returns an empty list if it has no labels."""
    marks = list(_BOLD.finditer(text)) or list(_AT_LINE.finditer(text))
    if not marks:
        return []
    before = text[: marks[0].start()].strip()
    turns = [] if _HEADING.fullmatch(before) else [_turn("", before, None, None)]
    ends = (*(mark.start() for mark in marks[1:]), len(text))
    for mark, end in zip(marks, ends, strict=True):
        if words := text[mark.end() : end].strip():
            turns.append(_turn(next(filter(None, mark.groups())), words, None, None))
    return turns


def _turn(speaker: str, text: str, start: float | None, end: float | None) -> Item:
    """Build a turn as stored in `call_transcripts`.

    A speaker in capitals or title case, such as a role, is converted to lower case.
    """
    known = speaker.casefold() if speaker.isupper() or speaker.istitle() else speaker
    turn: Item = {"speaker": known[:MAX_SPEAKER_LENGTH], "text": text}
    return {**turn, **{name: at for name, at in (("start", start), ("end", end)) if at is not None}}


def _moment(found: Mapping[str, Any], names: tuple[tuple[str, ...], tuple[str, ...]]) -> float | None:
    """Return the position in the recording in seconds, from the first of `names` with a valid number.

    The second group of `names` is in milliseconds. Returns None if there is none.
    """
    for in_one_second, group in zip((1, 1000), names, strict=True):
        for name in group:
            number = number_in(found.get(name))
            if number is not None and 0 <= number / in_one_second <= MAX_SECONDS:
                return round(number / in_one_second, 3)
    return None
