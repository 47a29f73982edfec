"""What is a pure function of its values, kept by them: bounded in memory, and counted for /metrics.

Such a function reads nothing but its arguments: no request, no clock, nobody's name that is not among them. What is
kept needs no end then, and is right for whoever brings the same values.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_kept: dict[str, Any] = {}


def kept(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the last `most` answers of a function by its arguments, which must be hashable."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        cached = lru_cache(most)(function)
        _kept[f"{function.__module__}.{function.__name__}"] = cached
        return cached  # type: ignore[return-value]

    return wrap


def kept_counts() -> Iterator[tuple[str, int, int, int]]:
    """Of each such function: its name, how often an answer was there, how often not, and how many are kept."""
    for name, cached in _kept.items():
        hits, misses, _most, size = cached.cache_info()
        yield name, hits, misses, size


def forget_all() -> None:
    """Begin anew, as after a start."""
    for cached in _kept.values():
        cached.cache_clear()
