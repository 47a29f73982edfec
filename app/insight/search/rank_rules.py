"""How well a row matches what is typed, and which kinds of rows come first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from app.insight.search.spelling_rules import folded, is_long_enough, misspelling, words_of

#: Found by something else than its name: an address, an email, a number.
_BESIDE = 3
#: Whatever is misspelt comes after what is not.
_MISSPELT = 100
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"\D")


class Row(Protocol):
    """What a kind of record tells of one that is found."""

    kind: str
    title: str | None
    named: str | None
    at: datetime | None
    is_own: bool
    line: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """A row and how far it is from what is typed: 0 is the whole of it."""

    row: Any
    distance: int

    @property
    def rank(self) -> tuple[int, bool, float]:
        """What it is sorted by, the first best: the nearest, then one's own, then the latest."""
        return self.distance, not self.row.is_own, -(self.row.at or _LONG_AGO).timestamp()


def matched(typed: str, row: Row) -> Match:
    """How well a row matches that was found by the words of what is typed."""
    if is_number(typed):
        return Match(row, _distance_of_number(typed, row))
    title, names = (words_of(folded(text or "")) for text in (row.title, row.named))
    words = words_of(folded(typed))
    # All of a company's name is more than a word of it here and a word there.
    is_whole = len(words) > 1 and f" {' '.join(words)} " in f" {' '.join(names)} "
    return Match(row, 0 if is_whole else sum(_nearest(word, title, names) for word in words))


def misspelt(typed: str, row: Row) -> Match | None:
    """How well a row matches that was found by words like those that are typed; None where they are too far."""
    apart = misspelling(typed, row.named or "")
    return None if apart is None else Match(row, _MISSPELT + apart)


def label_distance(typed: str, label: str) -> int | None:
    """How far what is typed is from the words of a page or a command; None where one of its words is not there."""
    names, words = words_of(folded(label)), words_of(folded(typed))
    distance = sum(_distance_of_word(word, names) for word in words)
    if all(any(word in name for name in names) for word in words):
        return distance
    apart = misspelling(typed, label)
    return None if apart is None or not all(map(is_long_enough, words)) else _MISSPELT + apart


def is_nearly(distance: int) -> bool:
    """Whether it is another word than what is typed."""
    return distance >= _MISSPELT


def is_number(typed: str) -> bool:
    """Whether what is typed can only be a number."""
    return any(map(str.isdigit, typed)) and not any(map(str.isalpha, typed))


def grouped(matches: Iterable[Match], kinds: Sequence[str]) -> dict[str, list[Match]]:
    """The matches of each kind, the best first, and the kinds by their best; `kinds` decides between equal ones."""
    found: dict[str, list[Match]] = {}
    for one in sorted(matches, key=lambda match: match.rank):
        found.setdefault(one.row.kind, []).append(one)
    # The latest of all is no better kind.
    return dict(sorted(found.items(), key=lambda item: (item[1][0].distance, kinds.index(item[0]))))


def _nearest(word: str, title: Sequence[str], names: Sequence[str]) -> int:
    """What a row is called counts more than what it is also called: a person before a company of the same name."""
    return min(_distance_of_word(word, title), 1 + _distance_of_word(word, names))


def _distance_of_word(word: str, names: Sequence[str]) -> int:
    if word in names:
        return 0
    if any(name.startswith(word) for name in names):
        return 1
    return 2 if any(word in name for name in names) else _BESIDE


def _distance_of_number(typed: str, row: Row) -> int:
    digits = _DIGITS.sub("", typed)
    # Moments and dates have digits too.
    told = (value for value in row.line.values() if isinstance(value, str) and value.startswith("+"))
    return 0 if any(_DIGITS.sub("", value or "").endswith(digits) for value in (row.named, *told)) else 1
