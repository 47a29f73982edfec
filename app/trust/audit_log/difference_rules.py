"""What differs between two texts, word by word. Pure: nothing of it is markup, and no character is lost."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Comparing takes time with the square of the length: of longer texts, the whole is what changed.
MAX_WORDS = 2_000

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; `is_changed` where the other text has something else, or nothing, in its place."""

    text: str
    is_changed: bool


def differing_parts(before: str, after: str) -> tuple[Sequence[Part], Sequence[Part]]:
    """Both texts in parts: joined, they are the texts again."""
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
