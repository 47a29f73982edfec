"""The recent slow statements of this process, without their parameters, which are personal data."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

SLOW_SECONDS = 0.5

_MAX_RECENT = 50


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """A statement with the time it ended, its duration and its route (None outside of requests)."""

    at: datetime
    seconds: float
    route: str | None
    text: str


_recent: deque[SlowStatement] = deque(maxlen=_MAX_RECENT)


def keep(statement: SlowStatement) -> None:
    """Remember a statement that took SLOW_SECONDS or more, and drop the oldest if there are too many."""
    _recent.append(statement)


def slow_statements() -> Sequence[SlowStatement]:
    """Return the remembered statements, slowest first."""
    return sorted(_recent, key=lambda one: one.seconds, reverse=True)


def forget() -> None:
    """Clear the remembered slow statements."""
    _recent.clear()
