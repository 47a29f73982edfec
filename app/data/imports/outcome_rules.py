"""What became of the rows of a file."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

#: So long an import knows what it made and changed, and can be taken back.
KEPT_DAYS = timedelta(days=30)


class Stored(NamedTuple):
    """Records that rows of a file have become: new ones, and those that were there."""

    created: int
    updated: int


def undo_operation(import_id: UUID) -> UUID:
    """What is taken back of an import is one operation in the trail, however often it is started."""
    return uuid5(import_id, "undo")
