"""Successors for a person's work by kind, and fingerprints of what was reassigned to whom."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from uuid import UUID

from app.declarations.open_work import WorkKind

#: Values used instead of a person: leave the work unassigned, or keep it with the person who leaves.
NOBODY: Final = "nobody"
KEEP: Final = "keep"

Successor: TypeAlias = UUID | Literal["nobody", "keep"]
Successors: TypeAlias = Mapping[WorkKind, Successor]


@dataclass(frozen=True, slots=True)
class Counted:
    """The number of rows of a kind of work; `mark` tells apart sets of rows that have the same number."""

    count: int
    mark: int


def field_of(kind: WorkKind) -> str:
    """Return the name of the form field for the successor of a kind of work, also used in refusals."""
    return f"takeover_{kind}"


def parse_successor(text: str) -> Successor:
    """Parse a successor – a user id, NOBODY or KEEP – as written in forms, inputs and the database.

    Raises ValueError.
    """
    if text == NOBODY:
        return NOBODY
    return KEEP if text == KEEP else UUID(text)


def fingerprint(found: Mapping[WorkKind, Counted], takers: Mapping[WorkKind, object]) -> str:
    """Return a hash of the rows to reassign, their kinds, and their successors."""
    handed = sorted((kind.value, left.count, left.mark, str(takers.get(kind, ""))) for kind, left in found.items())
    return hashlib.sha256(repr(handed).encode()).hexdigest()[:16]
