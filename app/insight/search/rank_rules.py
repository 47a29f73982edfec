"""Ranking of search results: how well a row matches, and the order of kinds."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from app.declarations.found import Spoken
from app.insight.search.fuzzy_match_rules import consonants, folded, is_long_enough, misspelling, words_of

#: Found by something other than its name: an address, an email, a number.
_BESIDE = 3
#: Shorter words are said in nearly every call.
_MIN_LETTERS_SAID = 3
#: Misspelled matches come after all others.
_MISSPELT = 100
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"\D")


class Row(Protocol):
    """The columns of a found record."""

    kind: str
    title: str | None
    named: str | None
    at: datetime | None
    is_own: bool
    line: dict[str, Any]
    said: Any


@dataclass(frozen=True, slots=True)
class Match:
    """A row and its distance from what is typed; 0 is an exact match.

    `spoken` is the name or the sentence by which it was found, if someone said it.
    """

    row: Any
    distance: int
    spoken: Spoken | None = None

    @property
    def rank(self) -> tuple[int, bool, float]:
        """The sort key, best first: the nearest, then the user's own, then the latest."""
        return self.distance, not self.row.is_own, -(self.row.at or _LONG_AGO).timestamp()


def matched(typed: str, row: Row, spoken: Spoken | None = None) -> Match | None:
    """Return the match of a row that was found by the typed words; None if they are not words of the name `spoken`."""
    if is_number(typed):
        return Match(row, _distance_of_number(typed, row))
    if spoken is not None:
        distance = _distance_of_words(typed, spoken.value)
        return None if distance is None else Match(row, distance, spoken)
    title, names = (words_of(folded(text or "")) for text in (row.title, row.named))
    words = words_of(folded(typed))
    # The full name of a company ranks above a row with its words scattered.
    is_whole = len(words) > 1 and f" {' '.join(words)} " in f" {' '.join(names)} "
    return Match(row, 0 if is_whole else sum(_nearest(word, title, names) for word in words))


def begins_of(typed: str) -> list[Callable[[str], bool]]:
    """Return a function for each typed word that tells whether it begins a word; none if too little is typed."""
    words = words_of(folded(typed))
    if max(map(len, words), default=0) < _MIN_LETTERS_SAID:
        return []
    return [partial(_begins, word) for word in words]


def among_words(typed: str, row: Row, sentence: Spoken) -> Match:
    """Return the match of a row about which the typed words were said; names are nearer."""
    return Match(row, _BESIDE * len(words_of(folded(typed))), sentence)


def misspelt(typed: str, row: Row, spoken: Spoken | None = None) -> Match | None:
    """Return the match of a row found by similar words; None if they differ too much."""
    distance = label_distance(typed, spoken.value) if spoken else _distance_of_similar(typed, row.named or "")
    return None if distance is None else Match(row, distance, spoken)


def label_distance(typed: str, label: str) -> int | None:
    """Return the distance of the typed words from the label of a page or command, or a name; None without a match."""
    distance = _distance_of_words(typed, label)
    if distance is not None:
        return distance
    return _distance_of_similar(typed, label) if all(map(is_long_enough, words_of(folded(typed)))) else None


def is_nearly(distance: int) -> bool:
    """Return whether `distance` is that of a match by similar words, not by the typed ones."""
    return distance >= _MISSPELT


def is_number(typed: str) -> bool:
    """Return whether the typed text can only be a number."""
    return any(map(str.isdigit, typed)) and not any(map(str.isalpha, typed))


def digits_of(typed: str) -> str:
    """Return the digits of the typed text."""
    return _DIGITS.sub("", typed)


def grouped(matches: Iterable[Match], kinds: Sequence[str]) -> dict[str, list[Match]]:
    """Return the matches of each kind, best first, with kinds ordered by their best match.

    Ties between kinds are in the order of `kinds`.
    """
    found: dict[str, list[Match]] = {}
    for one in sorted(matches, key=lambda match: match.rank):
        found.setdefault(one.row.kind, []).append(one)
    # Only distance orders the kinds, not the time of their latest row.
    return dict(sorted(found.items(), key=lambda item: (item[1][0].distance, kinds.index(item[0]))))


def _begins(typed: str, word: str) -> bool:
    return folded(word).startswith(typed)


def _nearest(word: str, title: Sequence[str], names: Sequence[str]) -> int:
    """Return the distance of a word, preferring the title to other names.

    A person therefore comes before a company of the same name.
    """
    return min(_distance_of_word(word, title), 1 + _distance_of_word(word, names))


def _distance_of_words(typed: str, name: str) -> int | None:
    """Return the distance of the typed words from a name; None if one of them is not part of it."""
    names, words = words_of(folded(name)), words_of(folded(typed))
    distances = [_distance_of_word(word, names) for word in words]
    return None if _BESIDE in distances else sum(distances)


def _distance_of_similar(typed: str, name: str) -> int | None:
    """Return the distance of a name with similar words; None if they differ too much.

    Of names that differ in as many letters, those that differ in vowels only come first.
    """
    apart = misspelling(typed, name)
    return None if apart is None else _MISSPELT + 2 * apart + (not set(consonants(typed)) <= set(consonants(name)))


def _distance_of_word(word: str, names: Sequence[str]) -> int:
    if word in names:
        return 0
    if any(name.startswith(word) for name in names):
        return 1
    return 2 if any(word in name for name in names) else _BESIDE


def _distance_of_number(typed: str, row: Row) -> int:
    digits = digits_of(typed)
    # Times and dates have digits too.
    told = (value for value in row.line.values() if isinstance(value, str) and value.startswith("+"))
    return 0 if any(digits_of(value or "").endswith(digits) for value in (row.named, *told)) else 1
