"""Contacts that are named in the title of a task: possible names, and which contact the task is about."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed

#: A single word is too often just a word.
_FEWEST_WORDS, _MOST_WORDS = 2, 4
#: Chosen instead of a contact.
NO_CONTACT = "none"

_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class NamedContact:
    """A contact whose name is in a title, with what tells it from others of that name."""

    id: UUID
    name: str
    number: str | None = None
    place: str = ""


def names_in(runs: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return every text in these runs of words that can be the full name of a contact, in small letters."""
    found: dict[str, None] = {}
    for run in runs:
        words = [_bare(word) for word in run]
        for length in range(_FEWEST_WORDS, _MOST_WORDS + 1):
            for start in range(len(words) - length + 1):
                found[" ".join(words[start : start + length])] = None
    return tuple(found)


def longest_named(contacts: Sequence[NamedContact]) -> list[NamedContact]:
    """Return the contacts with the most words in their name: "Ruth Delgado Smith" isn't "Ruth Delgado"."""
    most = max((len(one.name.split()) for one in contacts), default=0)
    return [one for one in contacts if len(one.name.split()) == most]


def contact_of(named: Sequence[NamedContact], chosen: str | None) -> UUID | None:
    """Return the contact that a task is about, or None.

    It is the `chosen` one of those that are named, else the only one. Raises ValidationFailed if there are several and
    nothing was chosen.
    """
    if chosen == NO_CONTACT or not named:
        return None
    picked = next((one.id for one in named if str(one.id) == chosen), None)
    if picked is not None or len(named) == 1:
        return picked or named[0].id
    raise ValidationFailed([FieldError("line", _l("Several contacts have this name. Choose one below."))])


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word.strip(".,;:!?()").lower())
