"""Fingerprints of reassignments: which work of which kinds is assigned to whom."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.declarations.open_work import WorkKind

#: Values used instead of a person: leave the work unassigned, or keep it with the person who leaves.
NOBODY: Final = "nobody"
KEEP: Final = "keep"


@dataclass(frozen=True, slots=True)
class Counted:
    """The number of rows of a kind of work; `mark` tells apart sets of rows that have the same number."""

    count: int
    mark: int


def fingerprint(found: Mapping[WorkKind, Counted], takers: Mapping[WorkKind, object]) -> str:
    """Return a hash of the rows to reassign, their kinds, and their successors."""
    handed = sorted((kind.value, left.count, left.mark, str(takers.get(kind, ""))) for kind, left in found.items())
    return hashlib.sha256(repr(handed).encode()).hexdigest()[:16]
