"""Declaration of work that the worker does in a thread of its own, beside its jobs."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consumer:
    """Work that begins when the database notifies `channel`, and every `interval_seconds`.

    `run` works until nothing is due, or `is_stopping` is true between two of its steps. It runs in one thread of each
    worker, under the role of jobs and without an organization.
    """

    channel: str
    run: Callable[[Callable[[], bool]], None]
    interval_seconds: float = 5.0
