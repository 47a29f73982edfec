"""What became of the rows of a file."""

from datetime import timedelta
from typing import NamedTuple

#: So long an import knows what it made and changed, and can be taken back.
KEPT_DAYS = timedelta(days=30)


class Loaded(NamedTuple):
    """Rows of a portion by what became of them."""

    created: int
    updated: int
    unchanged: int
