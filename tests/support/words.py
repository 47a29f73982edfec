"""Glossary of docs/words.md, for finding words in translations that belong to another term."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.config import PROJECT_ROOT

_DOCUMENT = PROJECT_ROOT / "docs" / "words.md"
#: Suffixes of declined words, which can differ between forms.
_ENDING = re.compile(r"(?<=\w{3})[аеёийоуыэюяьaiou]{1,2}$")  # noqa: RUF001 - vowels of both alphabets
_ANY_ENDING = r"\w*"

#: Messages whose translation contains a word of another term, by their beginning, with the reason.
ALLOWED: Mapping[tuple[str, str], str] = {
    ("ru", "Recording"): "the state of a running recording",
    ("ru", "This operation has more than %(most)s entries"): "undoes an operation, and reverts single entries",
    ("ru", "Rows are matched to contacts by number, email, company"): "the company of a contact",
    ("uz", "Rows are matched to contacts by number, email, company"): "the company of a contact",
    ("uz", "Transfer number"): "a person, not the assistant",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A row of the glossary.

    `own` has the term's words and `foreign` the words of other terms, by language; `not_english` has phrases that no
    English message can contain.
    """

    name: str
    english: re.Pattern[str]
    own: Mapping[str, re.Pattern[str]]
    foreign: Mapping[str, re.Pattern[str] | None]
    not_english: Sequence[str]


@cache
def glossary() -> Sequence[Term]:
    """Return all terms, in the order of the document."""
    text = _DOCUMENT.read_text().split("## Terms")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [_term(*row) for row in rows[2:]]


def foreign_words(english: str, translation: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield each term of an English message with a word of its translation that belongs to another term."""
    terms = [term for term in glossary() if term.english.search(english)]
    rest = translation
    for term in sorted(terms, key=lambda term: -len(term.own[language].pattern)):
        rest = term.own[language].sub("·", rest)
    for term in terms:
        foreign = term.foreign[language]
        if foreign is not None and (found := foreign.search(rest)):
            yield term.name, found.group()


def _term(english: str, russian: str, uzbek: str, not_english: str, not_russian: str, not_uzbek: str) -> Term:
    names = english.partition(":")[0]
    return Term(
        name=names.partition(",")[0].removesuffix("…"),
        english=_any_of(names),
        own={"ru": _any_of(russian, is_declined=True), "uz": _any_of(uzbek, is_declined=True)},
        foreign={"ru": _any_of(not_russian) if not_russian else None, "uz": _any_of(not_uzbek) if not_uzbek else None},
        not_english=[word.strip() for word in not_english.split(",") if word.strip()],
    )


def _any_of(cell: str, *, is_declined: bool = False) -> re.Pattern[str]:
    """Return a pattern for any of the comma-separated phrases in a cell."""
    phrases = [
        r"\s+".join(_word(word, is_declined=is_declined) for word in phrase.split()) for phrase in cell.split(",")
    ]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})\b", re.IGNORECASE)


def _word(word: str, *, is_declined: bool) -> str:
    if word.endswith("…"):
        return re.escape(word.removesuffix("…")) + _ANY_ENDING
    return re.escape(_ENDING.sub("", word)) + _ANY_ENDING if is_declined else re.escape(word)
