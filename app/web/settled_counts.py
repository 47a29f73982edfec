"""Counts of requests that a process keeps in memory, and adds to a store that all processes share.

A count is settled (added to the store) at a key's first request, then once a second or once a fiftieth of the limit is
unsettled, and at every request when no more than that is left. The error this allows is in
`docs/decisions/0079-counting-api-requests.md`.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

#: Adds an amount to the window of a key, or to a new one of so many seconds; returns its hits and its end.
AddToStore: TypeAlias = Callable[[str, int, int], tuple[int, float]]

_SECONDS_BETWEEN_WRITES = 1.0
#: The unsettled share of a limit is at most one of so many parts.
_PARTS = 50
_MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Count:
    """Requests in a window that ends at `ends_at`, in epoch seconds, and whether the last one `is_over` the limit."""

    limit: int
    used: int
    ends_at: float
    is_over: bool

    @property
    def remaining(self) -> int:
        """Requests left in the window."""
        return max(0, self.limit - self.used)


@dataclass(slots=True)
class _Window:
    """A window as the store last returned it, with the hits that were not settled yet or are being settled."""

    hits: int = 0
    ends_at: float = 0.0
    settled_at: float = 0.0
    unsettled: int = 0
    in_flight: int = 0

    @property
    def used(self) -> int:
        return self.hits + self.unsettled + self.in_flight


class SettledCounts:
    """Counts of one process by key, in windows of `seconds`. Thread-safe.

    `add` is called without a lock, and may raise an error: the hits stay unsettled then, except the one that raised it.
    Only the keys used last are kept; a key that was dropped loses its unsettled hits.
    """

    def __init__(self, add: AddToStore, seconds: int, clock: Callable[[], float] = time.time) -> None:
        self._add = add
        self._seconds = seconds
        self._clock = clock
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._lock = threading.Lock()

    def hit(self, key: str, limit: int) -> Count:
        """Count a request. One over the limit changes nothing, so refusing costs no statement."""
        with self._lock:
            window = self._open(key)
            if window.hits >= limit:
                return Count(limit, limit, window.ends_at, is_over=True)
            window.unsettled += 1
            if not self._is_due(window, limit):
                return Count(limit, window.used, window.ends_at, is_over=False)
            amount, window.unsettled = window.unsettled, 0
            window.in_flight += amount
        return self._settle(key, window, amount, limit)

    def find_exceeded(self, key: str, limit: int) -> Count | None:
        """Return the count of a key that has reached its limit, as far as this process knows; None for others."""
        with self._lock:
            window = self._windows.get(key)
            if window is None or window.ends_at <= self._clock() or window.used < limit:
                return None
            return Count(limit, limit, window.ends_at, is_over=True)

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()

    def _open(self, key: str) -> _Window:
        window = self._windows.get(key)
        if window is None or window.ends_at <= self._clock():
            window = self._windows[key] = _Window()
        self._windows.move_to_end(key)
        if len(self._windows) > _MAX_KEYS:
            self._windows.popitem(last=False)
        return window

    def _is_due(self, window: _Window, limit: int) -> bool:
        now, part = self._clock(), max(1, limit // _PARTS)
        is_late = now - window.settled_at >= _SECONDS_BETWEEN_WRITES
        return is_late or window.unsettled >= part or limit - window.used < part

    def _settle(self, key: str, window: _Window, amount: int, limit: int) -> Count:
        try:
            hits, ends_at = self._add(key, self._seconds, amount)
        except BaseException:
            with self._lock:
                window.in_flight -= amount
                window.unsettled += amount - 1
            raise
        with self._lock:
            window.in_flight -= amount
            # Of two that settle at once, the second may return first.
            window.hits = hits if ends_at > window.ends_at else max(hits, window.hits)
            window.ends_at = max(ends_at, window.ends_at)
            window.settled_at = self._clock()
        return Count(limit, min(hits, limit), ends_at, is_over=hits > limit)
