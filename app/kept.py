"""What is a pure function of its values, kept by them: bounded in memory, and counted for /metrics.

Such a function reads nothing but its arguments: no request, no clock, nobody's name that is not among them. What is
kept needs no end then, and is right for whoever brings the same values.
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


class Values(dict[K, V]):
    """A mapping that is a value: nobody changes it, so that something can be kept by it."""

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none
        return hash(tuple(self.items()))


#: All such functions by their names, as `lru_cache` made them.
KEPT: dict[str, Any] = {}
_counted_at = [-math.inf]


def kept(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the last `most` answers of a function by its arguments, which must be hashable."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        cached = KEPT[f"{function.__module__}.{function.__name__}"] = lru_cache(most)(function)
        return cached  # type: ignore[return-value]  # lru_cache's type forgets the parameters

    return wrap


def count_kept() -> None:
    """Tell the instruments how often something was there, and how often not; once in a while."""
    if monotonic() - _counted_at[0] < _COUNTED_EVERY_SECONDS:
        return
    _counted_at[0] = monotonic()
    for name, cached in KEPT.items():
        hits, misses, _most, size = cached.cache_info()
        for outcome, number in (("there", hits), ("not there", misses), ("kept", size)):
            instruments.kept.labels(name, outcome).set(number)
