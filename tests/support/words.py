"""The glossary of docs/words.md, as a check of translations: which words stand for another term than is meant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.config import PROJECT_ROOT

_DOCUMENT = PROJECT_ROOT / "docs" / "words.md"
#: What may differ at the end of a word of a translation: it is declined.
_ENDING = re.compile(r"(?<=\w{3})[аеёийоуыэюяьaiou]{1,2}$")  # noqa: RUF001 - vowels of both alphabets
_ANY_ENDING = r"\w*"

#: Messages whose translation has a word that belongs to another term, by what they begin with.
ALLOWED: Mapping[tuple[str, str], str] = {
    ("ru", "Recording"): "the state of a recording that goes on",
    ("ru", "This operation has more than %(most)s entries"): "undoes the whole, and sets single entries back",
    ("ru", "The audit trail keeps what was done"): "the name that stands there",
    ("uz", "The audit trail keeps what was done"): "the name that stands there",
    ("uz", "Number for callers who want a person"): "a human being, not the assistant",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the glossary; `own` and `foreign` by language."""

    name: str
    english: re.Pattern[str]
    own: Mapping[str, re.Pattern[str]]
    foreign: Mapping[str, re.Pattern[str] | None]


@cache
def glossary() -> Sequence[Term]:
    """All terms, in the order of the document."""
    text = _DOCUMENT.read_text().split("## Terms")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [_term(*row) for row in rows[2:]]


def foreign_words(english: str, translation: str, language: str) -> Iterator[tuple[str, str]]:
    """Terms of the English message with the word of the translation that does not stand for them."""
    terms = [term for term in glossary() if term.english.search(english)]
    rest = translation
    for term in sorted(terms, key=lambda term: -len(term.own[language].pattern)):
        rest = term.own[language].sub("·", rest)
    for term in terms:
        foreign = term.foreign[language]
        if foreign is not None and (found := foreign.search(rest)):
            yield term.name, found.group()


def _term(english: str, russian: str, uzbek: str, _not_english: str, not_russian: str, not_uzbek: str) -> Term:
    names = english.partition(":")[0]
    return Term(
        name=names.partition(",")[0].removesuffix("…"),
        english=_any_of(names),
        own={"ru": _any_of(russian, is_declined=True), "uz": _any_of(uzbek, is_declined=True)},
        foreign={"ru": _any_of(not_russian) if not_russian else None, "uz": _any_of(not_uzbek) if not_uzbek else None},
    )


def _any_of(cell: str, *, is_declined: bool = False) -> re.Pattern[str]:
    """What finds one of the words of a cell, between which there are commas."""
    phrases = [
        r"\s+".join(_word(word, is_declined=is_declined) for word in phrase.split()) for phrase in cell.split(",")
    ]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})\b", re.IGNORECASE)


def _word(word: str, *, is_declined: bool) -> str:
    if word.endswith("…"):
        return re.escape(word.removesuffix("…")) + _ANY_ENDING
    return re.escape(_ENDING.sub("", word)) + _ANY_ENDING if is_declined else re.escape(word)
