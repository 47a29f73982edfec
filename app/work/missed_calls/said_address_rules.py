"""Address that a caller said on the phone: a house number and a street, in English, Russian and Uzbek. Pure.

A number alone is a time, a sum or part of a phone number. So it must be next to a word for a street; only a capitalized
name after "at" and a number of three digits needs none ("at 1200 Broadway").
"""

import re
from dataclasses import dataclass

from app.work.missed_calls.said_street_rules import OTHER_LANGUAGES
from app.work.missed_calls.said_word_rules import clause_at, is_lower, plain, words_of

_SUFFIX = (
    "street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|way|circle|cir|place|pl|terrace|ter|trail|"
    "trl|parkway|pkwy|highway|hwy|loop|square|sq|cove|cv|crossing|xing|run|row|alley|bend|ridge|hollow|pass|path"
)
#: Street words that are also other words: in small letters, only a number of three digits makes them an address.
_AMBIGUOUS = words_of(
    "st dr way place pl run row bend pass path court drive square loop crossing cove ter ridge hollow"
)
_UNIT = r"""(?:
    ,?\s+(?:apt|apartment|unit|suite|ste|lot|room|floor)\b\.?\s*(?:number\s+|no\.?\s*)?\#?\s?\w{1,6}
    | ,?\s*\#\s?\w{1,6}
)?"""
_PART = r"""(?:
    \d{1,3}(?:st|nd|rd|th)
    | (?:NE|NW|SE|SW|N|S|E|W)\b\.?
    | (?:St|Mt|Ft|Dr)\.
    | [^\W\d_][^\W\d_'-]*
)"""
#: Not part of a longer number, a sum or a time.
_BEFORE_NUMBER = r"(?<![\w$€£.,:/-])"
_WITH_SUFFIX = re.compile(
    rf"""(?P<at>\bat\s+)? {_BEFORE_NUMBER}(?P<number>\d{{1,6}}(?:-\d{{1,4}})?[A-Za-z]?)\s+
    (?P<name>(?:{_PART}\s+){{1,4}}?)
    (?P<suffix>{_SUFFIX})\b\.?(?:\s+(?:{_SUFFIX})\b\.?)?
    (?:\s+(?:NE|NW|SE|SW|N|S|E|W|North|South|East|West)\b\.?)? {_UNIT}""",
    re.IGNORECASE | re.VERBOSE,
)
_WITH_ROUTE = re.compile(
    rf"""{_BEFORE_NUMBER}(?P<number>\d{{1,6}})\s+(?:{_PART}\s+)?
    (?:Highway|Hwy|Route|Rte|County\s+Road|State\s+Road|Farm\s+Road|FM)\s+\d{{1,4}}\b {_UNIT}""",
    re.VERBOSE,
)
_AT = re.compile(
    rf"\bat\s+{_BEFORE_NUMBER}(?P<number>\d{{3,6}})\s+(?P<street>{_PART}(?:\s+{_PART}){{0,3}})",
    re.IGNORECASE | re.VERBOSE,
)
#: A shorter word after a number is mostly a unit.
_SHORTEST_NAME = 4
#: Small words in names of streets, which can't begin one.
_WITHIN = words_of("the of and la le los las del de")
#: Words that are in no name of a street.
_NEVER = words_of(
    "am pm oclock a an i im we you he she they it is are was were be been have has had my our your or but so if "
    "because since at on in by from with about after before until till past to for than as this that these those "
    "please call called calling me us him her tomorrow today tonight yesterday morning afternoon evening night noon "
    "yes yeah no ok okay sir room monday tuesday wednesday thursday friday saturday sunday january february march "
    "april may june july august september october november december minute minutes min hour hours day days week "
    "weeks month months year years percent dollar dollars bucks cents degrees degree feet foot inch inches miles "
    "mile people times time units unit all any each every not can could will would should do does did dont theres "
    "there here thanks thank hi need needs want wants live lives get got come go going drive driving run running "
    "around between number phone"
)
#: Endings of Uzbek words that say "in" and "of".
_CASES = re.compile(r"(?<=uy|уй)(?:da|dan|ning|да|дан)$|(?<=xonadon|хонадон)(?:da|dan|да|дан)$")


@dataclass(frozen=True, slots=True)
class SaidAddress:
    """A street address, and the `words` that it was said in."""

    value: str
    words: str


def find_address(text: str) -> SaidAddress | None:
    """Return the address in what a caller said, or None if they didn't say one in these ways."""
    flat = plain(text)
    lower = is_lower(text)
    places = [*_english(flat, lower=lower), *_other_languages(flat)]
    if not places:
        return None
    start, end = min(places, key=lambda place: (place[0], -place[1]))
    # The point of “Ct.” at the end of a sentence isn't part of the address.
    value = _CASES.sub("", " ".join(text[start:end].split()).rstrip(" ,."))
    return SaidAddress(_capitalized(value) if lower else value, clause_at(text, start, end))


def _english(flat: str, *, lower: bool) -> list[tuple[int, int]]:
    """Return the places of the first addresses with and without a word for a street."""
    found = [match.span() for match in _WITH_ROUTE.finditer(flat)][:1]
    streets = (match for match in _WITH_SUFFIX.finditer(flat) if _is_street(match, lower=lower))
    found += [(match.start("number"), match.end()) for match in streets][:1]
    if not lower:
        named = (
            (match.start("number"), match.start("street") + _name_ends(match["street"])) for match in _AT.finditer(flat)
        )
        found += [(start, end) for start, end in named if " " in flat[start:end].strip()][:1]
    return found


def _is_street(match: re.Match[str], *, lower: bool) -> bool:
    """Return whether the words between a number and a word for a street can be its name."""
    name = match["name"].split()
    known = [word.casefold().replace("'", "").rstrip(".") for word in name]
    if _NEVER.intersection(known) or known[0] in _WITHIN - {"la", "le", "los", "las", "del"}:
        return False
    if lower:
        is_clear = match["suffix"] not in _AMBIGUOUS or len(match["number"]) > 2
        return match["at"] is not None and is_clear
    return match["suffix"][0].isupper() and any(word[0].isupper() or word[0].isdigit() for word in name)


def _name_ends(street: str) -> int:
    """Return the length of the capitalized words that `street` begins with, which can be its name."""
    end = 0
    for match in re.finditer(r"\S+", street):
        word = match[0]
        is_name = word[0].isupper() and len(word) >= _SHORTEST_NAME and word != word.upper()
        if not is_name or word.casefold().replace("'", "") in _NEVER:
            break
        end = match.end()
    return end


def _other_languages(flat: str) -> list[tuple[int, int]]:
    found = (pattern.search(flat) for pattern in OTHER_LANGUAGES)
    return [match.span("address") for match in found if match is not None]


def _capitalized(value: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in value.split())
