"""Rows about a contact, declared by their resource and listed on the contact's page.

The page itself knows none of these resources.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from app.db.paging import Selection
from app.errors import LazyText
from app.security.actor import Actor

#: Values of an entry as JSON: timestamps and ids are texts.
Facts: TypeAlias = Mapping[str, Any]


class TimelineFilter(StrEnum):
    """Kinds of entries by which the timeline of a contact can be filtered, in this order."""

    CALLS = "calls"
    TEXTS = "texts"
    APPOINTMENTS = "appointments"
    LEADS = "leads"
    TASKS = "tasks"
    NOTES = "notes"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """The texts for a row: title, detail, quoted text, and its state as a badge with a tone.

    `waits` is the text in the header of the contact's page while the row is open.
    """

    title: LazyText
    icon: str
    detail: LazyText = ""
    quote: str = ""
    state: LazyText = ""
    tone: str = "neutral"
    waits: LazyText = ""


def _as_it_is(selection: Selection) -> Selection:
    return selection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContactReference:
    """The declaration of how rows of a resource refer to a contact, by the column `card`.

    `facts` selects columns of the rows for an actor, including those of tables that `joined` adds; `words` turns the
    values into text. With a `story`, the rows are entries of the contact's timeline at the time `at`; an index must
    cover (organization, card, at). Rows that are `open` need action, the earliest `at` first. Rows that match `holds`
    prevent the contact from being deleted, and `held` is the text for their number. An entry links to `page` (endpoint,
    argument and id column), by default that of the resource.
    """

    card: InstrumentedAttribute[Any]
    at: InstrumentedAttribute[Any]
    words: Callable[[Facts], TimelineEntry]
    facts: Callable[[Actor], Mapping[str, Any]]
    joined: Callable[[Selection], Selection] = _as_it_is
    story: TimelineFilter | None = None
    open: Callable[[], ColumnElement[bool]] | None = None
    holds: Callable[[], ColumnElement[bool]] | None = None
    held: Callable[[int, str], str] | None = None
    page: tuple[str, str, InstrumentedAttribute[Any]] | None = None
