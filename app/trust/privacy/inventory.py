"""Inventory of all places with data about contacts, as declared by features and models.

Features declare the rows about a contact, and models the columns that can mention one (`app.models.holds`). A test
compares docs/privacy.md with both.
"""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_

from app.declarations.personal import Ending, Personal, PersonalDataMatches
from app.declarations.registry import registry
from app.errors import LazyText
from app.models import Base, holds

#: Labels of an erasure's counts that are not rows of a place, and of the contact, which is counted with those merged
#: into it.
_OTHER_COUNTS: Mapping[str, LazyText] = {
    "contact_cards": _l("Contacts"),
    "ended": _l("Open work ended"),
    "mentions": _l("Mentions removed"),
    "audit_logs": _l("Audit trail entries erased"),
    "files": _l("Files deleted"),
}


def places() -> Sequence[Personal]:
    """Return the places with rows about the person, in the order in which they are erased."""
    return registry().personal


def labeled_counts(counts: Mapping[str, int]) -> list[tuple[LazyText, int]]:
    """Return the stored counts of an erasure with their labels: those of places in their order, then the others."""
    labels: dict[str, LazyText] = {}
    for place in places():
        labels.setdefault(place.table, place.words)
    labels |= _OTHER_COUNTS
    return [(label, counts[name]) for name, label in labels.items() if name in counts]


def place_of(table: str) -> Personal:
    """Return the place for a table with rows about the person.

    Raises StopIteration if there is none.
    """
    return next(place for place in places() if place.table == table)


def endings() -> list[tuple[Personal, Ending]]:
    """Return the places whose open rows are closed when the person is erased."""
    return [(place, place.ending) for place in places() if place.ending is not None]


def is_open(place: Personal, ending: Ending, traces: PersonalDataMatches) -> ColumnElement[bool]:
    """Return the condition for the person's open rows."""
    return and_(place.condition(traces), ending.is_open)


def mentions() -> Mapping[str, Sequence[str]]:
    """Return the text columns that can mention a person, by table."""
    found = {name: holds.columns_with(table, holds.MENTIONS) for name, table in sorted(Base.metadata.tables.items())}
    return {name: columns for name, columns in found.items() if columns}
