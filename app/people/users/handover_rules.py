"""Telling one handover from another: which work of which kinds goes to whom."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.declarations.open_work import WorkKind

#: What stands for a person where work waits for somebody, or stays with who goes.
NOBODY: Final = "nobody"
KEEP: Final = "keep"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows there are; `mark` tells them from other rows, however many those are."""

    count: int
    mark: int


def fingerprint(found: Mapping[WorkKind, Counted], takers: Mapping[WorkKind, object]) -> str:
    """A text that is another as soon as other rows, or rows of another kind, change hands, or go to somebody else."""
    handed = sorted((kind.value, left.count, left.mark, str(takers.get(kind, ""))) for kind, left in found.items())
    return hashlib.sha256(repr(handed).encode()).hexdigest()[:16]
