"""Words of a transcript, for the rules that look for what was said. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Longest quotation of what was said, in characters.
MAX_QUOTED = 160

#: Sounds and words between the words that matter.
FILLERS = r"(?:[\s,]+(?:uh|um|er|erm|ah|hm|like|well|э|эм|ээ|ну|значит|eee|haligi)\b[,.…]*)*"

_APOSTROPHES = "'‘’ʻʼ`´"
_ALIKE = str.maketrans({**dict.fromkeys(_APOSTROPHES, "'"), "\n": " ", "\t": " ", "\u00a0": " "})
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*")
_ENDS = re.compile(r"[.!?…](?=\s|$)|\n")


def plain(text: str) -> str:
    """Return `text` with one kind of apostrophe and of space; each character keeps its place."""
    return text.translate(_ALIKE)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list of words, without apostrophes, which transcripts write in many ways."""
    return frozenset(plain(text).replace("'", "").split())


def is_lower(text: str) -> bool:
    """Return whether `text` is written without capital letters, as some speech recognition does."""
    return not any(character.isupper() for character in text)


def shortened(text: str, longest: int = MAX_QUOTED) -> str:
    """Return the beginning of `text`, up to the end of a word, with “…” if it goes on."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    cut = flat[: longest - 1]
    whole = cut if flat[longest - 1] == " " else cut.rpartition(" ")[0]
    return (whole or cut).rstrip(" ,;:–—-") + "…"


@dataclass(frozen=True, slots=True)
class SaidWords:
    """Words that a caller said, as they were searched for, and the sentence with the first of them as `words`."""

    value: str
    words: str


def find_words(text: str, meant: Sequence[Callable[[str], bool]]) -> SaidWords | None:
    """Return the words of `text` for which these functions return true, or None if there is none for one of them."""
    said = list(_WORD.finditer(text))
    places = [next((word for word in said if means(word[0])), None) for means in meant]
    matches = [place for place in places if place is not None]
    if not meant or len(matches) < len(meant):
        return None
    first = min(matches, key=re.Match.start)
    return SaidWords(" ".join(place[0] for place in matches), clause_at(text, first.start(), first.end()))


def clause_at(text: str, start: int, end: int) -> str:
    """Return the sentence of `text` that contains the part from `start` to `end`, at most MAX_QUOTED characters.

    A sentence that is longer begins with the part.
    """
    before = [match.end() for match in _ENDS.finditer(text, 0, start)]
    after = _ENDS.search(text, max(start, end - 1))  # “Ct.” can end both
    stop = after.end() if after else len(text)
    sentence = shortened(text[before[-1] if before else 0 : stop], len(text))
    return sentence if len(sentence) <= MAX_QUOTED else shortened(text[start:stop])
