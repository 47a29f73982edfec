"""What became of the rows of a file."""

from typing import NamedTuple


class Loaded(NamedTuple):
    """Rows of a portion by what became of them."""

    created: int
    updated: int
    unchanged: int
