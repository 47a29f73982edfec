"""Rows about a contact, declared by the resource that has them: the contact's page tells of them without knowing it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from app.db.paging import Selection
from app.errors import Sentence
from app.security.actor import Actor

#: What a line is made of, as JSON has it: moments and ids are text.
Facts: TypeAlias = Mapping[str, Any]


class Story(StrEnum):
    """What the timeline of a contact can be narrowed to, in the order in which it offers it."""

    CALLS = "calls"
    TEXTS = "texts"
    APPOINTMENTS = "appointments"
    LEADS = "leads"
    TASKS = "tasks"
    NOTES = "notes"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Told:
    """A row in words: what happened, more of it, what was said, and its state as a badge of a tone.

    `waits` is what the head of the contact's page says of one that is open.
    """

    title: Sentence
    icon: str
    detail: Sentence = ""
    quote: str = ""
    state: Sentence = ""
    tone: str = "neutral"
    waits: Sentence = ""


def _as_it_is(selection: Selection) -> Selection:
    return selection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfPerson:
    """How rows of a resource are about a contact, whom `card` names.

    Their `facts` for a reader, in `joined` tables, become `words`. With a `story` they are lines of the contact's
    timeline at the moment `at`; an index has to serve (organization, card, at). Those that are `open` wait for somebody
    now, the earliest `at` first; those that `holds` tells keep the contact from being deleted, and `held` says so many
    of them in words. A line leads to `page` (its endpoint, its argument and the column of its id), by default to that
    of the resource.
    """

    card: InstrumentedAttribute[Any]
    at: InstrumentedAttribute[Any]
    words: Callable[[Facts], Told]
    facts: Callable[[Actor], Mapping[str, Any]]
    joined: Callable[[Selection], Selection] = _as_it_is
    story: Story | None = None
    open: Callable[[], ColumnElement[bool]] | None = None
    holds: Callable[[], ColumnElement[bool]] | None = None
    held: Callable[[int, str], str] | None = None
    page: tuple[str, str, InstrumentedAttribute[Any]] | None = None
