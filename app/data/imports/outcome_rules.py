"""What an import has done."""

from typing import NamedTuple


class Loaded(NamedTuple):
    """Rows by what became of them. `users_created` are the names of agents that became users."""

    created: int
    updated: int
    unchanged: int
    users_created: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """All rows of a file: those that were turned away, and the others by what became of them (see `Loaded`)."""

    total: int
    rejected: int
    created: int
    updated: int
    unchanged: int
    users_created: tuple[str, ...]
