"""Every place where something about a contact is kept, and what every other column holds: as the features declare it.

A test holds the declarations against the database, and docs/privacy.md against them. To add a column that can tell of
somebody: say what it holds in the `privacy.py` of its feature (`app.declarations.personal`).
"""

from collections.abc import Mapping, Sequence

from app.declarations.personal import ColumnsOf, Personal
from app.declarations.registry import registry


def places() -> Sequence[Personal]:
    """The rows about the person themselves, in the order in which they are erased."""
    return registry().personal


def place_of(table: str) -> Personal:
    """The person's own rows of a table; raises StopIteration for one that has none."""
    return next(place for place in places() if place.table == table)


def columns_of(table: str) -> ColumnsOf:
    """What the other columns of a table hold."""
    return registry().columns.get(table) or ColumnsOf(table)


def mentions() -> Mapping[str, Sequence[str]]:
    """The columns of free text that may mention somebody, by table."""
    return {name: held.mentions for name, held in registry().columns.items() if held.mentions}
