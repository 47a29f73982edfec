"""Normalized words of source text: `handBack`, `hand-back` and `handed_back` have the same words."""

import re
from functools import cache

_NAME = re.compile(r"[^\W\d]\w*(?:-[^\W\d]\w*)*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "s", "e", "y")
_MIN_LENGTH = 3

Weights = dict[str, float]


def words_of(text: str) -> frozenset[str]:
    """Return all words of `text`: whole names, joined by underscores, and their parts."""
    return frozenset(word for name in set(_NAME.findall(text)) for word in _words_of_name(name))


def weigh(text: str, weight: float, into: Weights) -> None:
    """Give the names in `text` a weight, and their parts half of it.

    If a word already has a weight, the higher one counts.
    """
    for name in set(_NAME.findall(text)):
        for position, word in enumerate(_words_of_name(name)):
            raised = weight if position == 0 else weight / 2
            into[word] = max(into.get(word, 0.0), raised)


@cache
def _words_of_name(name: str) -> tuple[str, ...]:
    parts = [_stem(part.lower()) for part in _PART.findall(name)]
    whole = "_".join(parts)
    return tuple(dict.fromkeys(word for word in (whole, *parts) if len(word) >= _MIN_LENGTH))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_LENGTH:
            return word[: -len(ending)]
    return word
