"""Checks of English messages against docs/words.md: forbidden words, headless labels, and punctuation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from app.config import PROJECT_ROOT
from tests.support.words import glossary

_DOCUMENT = PROJECT_ROOT / "docs" / "words.md"

#: Messages that need a forbidden word, by how they begin.
ALLOWED: Mapping[str, str] = {
    "add ": "keywords that people type into the search",
    "Apostrophe: ": "shows the character itself",
    "Hi, this is %(company)s.": "a text to a customer, which may apologize",
}

#: Messages in which "may" is a possibility, by how they begin; for permission the word is "can".
POSSIBILITIES: Mapping[str, str] = {
    "A running import may contain": "unknown until the import finishes",
    "Changing the time zone shifts": "depends on the dates",
    "Each step counts activity": "depends on the period",
    "It may have been deleted": "the app doesn’t say more to people who can’t see the record",
    "“%(column)s” mixes": "the file doesn’t specify it",
}

_HEADLESS = re.compile(r"(?:What|Who|Whose|Whom|Whoever|Of|Which) ")
_SENTENCE_END = (".", "?", ":", "!", "…")
_TAG = re.compile(r"<[^<>]*>")
_SIGNS: Mapping[str, re.Pattern[str]] = {
    "a straight quotation mark or apostrophe": re.compile(r"[\"']"),
    "a space before an ellipsis": re.compile(r" …(?!\w|%)"),
    "three full stops": re.compile(r"\.\.\."),
    "an exclamation mark": re.compile(r"!"),
    "“id” in lower case": re.compile(r"(?<![\w%(-])ids?\b(?!\))"),
    "“already” at the end": re.compile(r"\balready[.]$"),
}


def faults(text: str) -> Iterator[str]:
    """Yield each violation of the rules in an English message."""
    if any(text.startswith(start) for start in ALLOWED):
        return
    prose = _TAG.sub("", re.sub(r"%\(\w+\)[sd]", "%()s", text))
    yield from (found.group() for found in _forbidden().finditer(prose))
    yield from (name for name, sign in _SIGNS.items() if sign.search(prose))
    if _HEADLESS.match(prose) and not prose.endswith(_SENTENCE_END):
        yield "a label that begins with a question word"
    if re.search(r"\bmay\b", prose, re.IGNORECASE) and not any(text.startswith(start) for start in POSSIBILITIES):
        yield "“may” for permission"


def greeting_faults(body: str) -> Iterator[str]:
    """Yield the text that follows an email's greeting if it begins in lower case."""
    after = re.search(r"^Hello [^\n]*,\s+(\S[^\n]*)", body, re.MULTILINE)
    if after and after.group(1)[0].islower():
        yield after.group(1)


@cache
def _forbidden() -> re.Pattern[str]:
    phrases = [*_styles(), *(word for term in glossary() for word in term.not_english)]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, phrases))})(?![\w-])", re.IGNORECASE)


def _styles() -> Sequence[str]:
    table = _DOCUMENT.read_text().split("| Not | But |")[1].split("\n\n")[0]
    rows = [line.strip("|").split("|")[0] for line in table.splitlines()[2:]]
    return [phrase.strip() for row in rows for phrase in row.split(",")]
