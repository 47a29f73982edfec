"""Order in which `make quick` runs the tests, by their nearness to the changes and their duration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

#: Seconds that it takes to start any test.
_OVERHEAD = 0.05
#: Seconds of a test without a measurement.
_USUAL_SECONDS = 0.2
#: Factor for each further case of one function.
_FURTHER_CASE = 0.3


@dataclass(frozen=True)
class Plan:
    """Nearness of tests, from 0 to 1, and their durations in seconds.

    The keys are node IDs of recorded cases, or else of test functions.
    """

    nearness: Mapping[str, float]
    seconds: Mapping[str, float]

    def nearness_of(self, test: str) -> float:
        """Return the nearness of a test, or 0 if it isn't near.

        A case that isn't recorded is as near as the nearest case of its function.
        """
        return self.nearness.get(test, self._functions.get(function_of(test), 0.0))

    def seconds_of(self, test: str) -> float:
        """Return the expected duration of a test."""
        return self.seconds.get(test, self.seconds.get(function_of(test), _USUAL_SECONDS))

    @cached_property
    def _functions(self) -> dict[str, float]:
        nearest: dict[str, float] = {}
        for test, nearness in self.nearness.items():
            nearest[function_of(test)] = max(nearness, nearest.get(function_of(test), 0.0))
        return nearest


def function_of(test: str) -> str:
    """Return a node ID without its parameters."""
    return test.partition("[")[0]


def in_order(tests: Iterable[str], plan: Plan) -> list[str]:
    """Sort near tests so that those most likely to find a fault for their duration come first.

    The likelihood grows with the cube of the nearness: a long test that opens every page comes after near tests, and
    before many distant ones. Cases of one function tend to find the same faults, so each further one counts less.
    """
    by_function: dict[str, list[str]] = {}
    for test in tests:
        by_function.setdefault(function_of(test), []).append(test)
    worth: dict[str, float] = {}
    for cases in by_function.values():
        for place, test in enumerate(sorted(cases, key=plan.nearness_of, reverse=True)):
            gain = plan.nearness_of(test) ** 3 / (1 + _FURTHER_CASE * place)
            worth[test] = gain / (plan.seconds_of(test) + _OVERHEAD)
    # Sort by name where the worth is equal, so that all workers have the same order.
    return sorted(worth, key=lambda test: (-worth[test], test))
