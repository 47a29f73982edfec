"""Every place where something about a contact is kept, and what every other column holds: as the features declare it.

A test holds the declarations against the database, and docs/privacy.md against them. To add a column that can tell of
somebody: say what it holds in the `privacy.py` of its feature (`app.declarations.personal`).
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_

from app.declarations.personal import ColumnsOf, Ending, Personal, Traces
from app.declarations.registry import registry


def places() -> Sequence[Personal]:
    """The rows about the person themselves, in the order in which they are erased."""
    return registry().personal


def place_of(table: str) -> Personal:
    """The person's own rows of a table; raises StopIteration for one that has none."""
    return next(place for place in places() if place.table == table)


def endings() -> list[tuple[Personal, Ending]]:
    """The places whose open rows end with the person."""
    return [(place, place.ending) for place in places() if place.ending is not None]


def is_open(place: Personal, ending: Ending, traces: Traces) -> ColumnElement[bool]:
    """Which of the person's rows are open."""
    return and_(place.condition(traces), ending.is_open)


def columns_of(table: str) -> ColumnsOf:
    """What the other columns of a table hold."""
    return registry().columns.get(table) or ColumnsOf(table)


def mentions() -> Mapping[str, Sequence[str]]:
    """The columns of free text that may mention somebody, by table."""
    return {name: held.mentions for name, held in registry().columns.items() if held.mentions}
