"""The slowest statements of late, as this process has seen them: without their values, which are people's data."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

SLOW_SECONDS = 0.5

_MAX_KEPT = 50


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """One statement: when it ended, how long it took, and on which route (None outside of requests)."""

    at: datetime
    seconds: float
    route: str | None
    text: str


_kept: deque[SlowStatement] = deque(maxlen=_MAX_KEPT)


def keep(statement: SlowStatement) -> None:
    """Remember a statement that took SLOW_SECONDS or more; the oldest is forgotten for it."""
    _kept.append(statement)


def slow_statements() -> Sequence[SlowStatement]:
    """Those that are remembered, the slowest first."""
    return sorted(_kept, key=lambda one: one.seconds, reverse=True)


def forget() -> None:
    """Remember none of them any more."""
    _kept.clear()
