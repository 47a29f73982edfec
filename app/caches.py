"""Bounded caches of pure functions, with their hits and sizes in /metrics.

A cached function depends only on its arguments: not on the request, the clock or the current user. Its results
therefore never expire and are valid for every caller with the same arguments.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from app import instruments

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K")
V = TypeVar("V")

_COUNTED_EVERY_SECONDS = 10


class HashableDict(dict[K, V]):
    """A mapping that can be hashed, as a cache key; it must not be changed afterwards."""

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none
        return hash(tuple(self.items()))


#: All cached functions by name, as returned by `lru_cache`.
CACHES: dict[str, Any] = {}
_counted_at = [-math.inf]


def memoize(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache the results of a function by its arguments, which must be hashable.

    When there are more than `most`, the least recently used result is dropped.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        cached = CACHES[f"{function.__module__}.{function.__name__}"] = lru_cache(most)(function)
        return cached  # type: ignore[return-value]  # lru_cache's type forgets the parameters

    return wrap


def count_caches() -> None:
    """Update the metrics of cache hits, misses and sizes, at most once per interval."""
    if monotonic() - _counted_at[0] < _COUNTED_EVERY_SECONDS:
        return
    _counted_at[0] = monotonic()
    for name, cached in CACHES.items():
        hits, misses, _most, size = cached.cache_info()
        for outcome, number in (("there", hits), ("not there", misses), ("kept", size)):
            instruments.kept.labels(name, outcome).set(number)
