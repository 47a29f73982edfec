"""Fingerprints of handovers: which work of which kinds is assigned to whom."""

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
    """A number of rows; `mark` differs for different rows, even if there are as many."""

    count: int
    mark: int


def fingerprint(found: Mapping[WorkKind, Counted], takers: Mapping[WorkKind, object]) -> str:
    """Return a text that changes with the rows that change hands, their kinds, and their takers."""
    handed = sorted((kind.value, left.count, left.mark, str(takers.get(kind, ""))) for kind, left in found.items())
    return hashlib.sha256(repr(handed).encode()).hexdigest()[:16]
