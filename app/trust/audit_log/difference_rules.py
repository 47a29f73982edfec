"""Word-by-word differences of two texts.

The parts contain no markup, and no characters are lost.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Comparison time grows with the square of the length: longer texts are marked as changed as a whole.
MAX_WORDS = 2_000

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text; `is_changed` is True where the other text differs or has nothing in its place."""

    text: str
    is_changed: bool


def differing_parts(before: str, after: str) -> tuple[Sequence[Part], Sequence[Part]]:
    """Split both texts into changed and unchanged parts; joined, the parts are the original texts.

    If either text has more than MAX_WORDS words, spaces and punctuation marks, they are not compared, and each is
    marked as changed as a whole.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MAX_WORDS:
        return _whole(before), _whole(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    steps = matcher.get_opcodes()
    return (
        _joined((old[start:end], tag != "equal") for tag, start, end, _from, _to in steps),
        _joined((new[start:end], tag != "equal") for tag, _from, _to, start, end in steps),
    )


def _whole(text: str) -> Sequence[Part]:
    return (Part(text, is_changed=True),) if text else ()


def _joined(stretches: Iterable[tuple[list[str], bool]]) -> Sequence[Part]:
    return tuple(Part("".join(words), is_changed) for words, is_changed in stretches if words)
