"""Every place where something about a contact is kept, as the features declare it, and where one may be mentioned, as
the models do (`app.models.holds`). A test holds docs/privacy.md against both.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_

from app.declarations.personal import Ending, Personal, Traces
from app.declarations.registry import registry
from app.models import Base, holds


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


def mentions() -> Mapping[str, Sequence[str]]:
    """The columns of free text that may mention somebody, by table."""
    found = {name: holds.columns_with(table, holds.MENTIONS) for name, table in sorted(Base.metadata.tables.items())}
    return {name: columns for name, columns in found.items() if columns}
