"""Outcomes of the rows of a file."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

#: For this long the rows of an import are recorded, and it can be undone.
UNDO_PERIOD = timedelta(days=30)


class Stored(NamedTuple):
    """The numbers of records that were created and updated from rows of a file."""

    created: int
    updated: int


def undo_operation(import_id: UUID) -> UUID:
    """Return the operation id of undoing an import, which is the same however often the undo is started."""
    return uuid5(import_id, "undo")
