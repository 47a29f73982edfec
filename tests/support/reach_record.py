"""The record of a full test run: how long each test took, and which parts of the product it reached.

A part is named by its kind and its name: `template work/calls/show.html`, `endpoint calls.show`, `static js/leads.js`,
`function app.work.calls.service:end_call`, `table calls`, or `fixture world` (a fixture shared by a whole run).
"""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

PATH = Path("var/tests/reach.json")
_ONLY_IF_RARE = ("function ", "table ", "fixture ")


class Reach(NamedTuple):
    """The duration of a test in seconds, and the sorted numbers of the parts that it reached."""

    seconds: float
    parts: tuple[int, ...]


@dataclass(slots=True)
class Record:
    """The reach of each test by node ID; `numbers` maps part names to numbers, to save space."""

    numbers: dict[str, int] = field(default_factory=dict)
    tests: dict[str, Reach] = field(default_factory=dict)
    #: Seconds that it takes to set up each shared fixture.
    shared: dict[str, float] = field(default_factory=dict)

    def number_of(self, part: str) -> int:
        """Return the number of a part, assigning a new one if it has none."""
        return self.numbers.setdefault(part, len(self.numbers))

    def add(self, test: str, seconds: float, parts: Iterable[int]) -> None:
        """Record the duration and the reached parts of a test."""
        self.tests[test] = Reach(seconds, tuple(sorted(parts)))

    def merge(self, other: "Record") -> None:
        """Add the tests of `other`, which replace existing ones."""
        number = {theirs: self.number_of(part) for part, theirs in other.numbers.items()}
        for test, (seconds, parts) in other.tests.items():
            self.add(test, seconds, (number[part] for part in parts))
        for fixture, seconds in other.shared.items():
            self.shared[fixture] = max(seconds, self.shared.get(fixture, 0.0))

    def seconds_of(self, test: str) -> float:
        """Return how long a recorded test takes if it is the first one to set up its shared fixtures."""
        seconds, parts = self.tests[test]
        fixtures = (self.shared[name] for name in self.shared if self.numbers.get(f"fixture {name}") in parts)
        return seconds + sum(fixtures)

    def to_data(self, *, rare_only: bool = True) -> dict[str, Any]:
        """Return the record as JSON data.

        Common parts get small numbers, and equal sets of parts are stored once. With `rare_only`, functions and tables
        that more than half of all tests reach are excluded: they don't distinguish tests, and would make up most of the
        file.
        """
        times = Counter(part for reach in self.tests.values() for part in reach.parts)
        names = {number: name for name, number in self.numbers.items()}
        kept = [number for number, count in times.most_common() if not rare_only or self._is_rare(names[number], count)]
        renumbered = {number: position for position, number in enumerate(kept)}
        sets: dict[tuple[int, ...], int] = {}
        files: dict[str, dict[str, list[float]]] = {}
        for test, (seconds, parts) in self.tests.items():
            own = tuple(sorted(renumbered[part] for part in parts if part in renumbered))
            path, _, name = test.partition("::")
            files.setdefault(path, {})[name] = [round(seconds, 2), sets.setdefault(own, len(sets))]
        return {
            "parts": [names[number] for number in kept],
            "sets": [_as_steps(one) for one in sets],
            "tests": files,
            "shared": {name: round(seconds, 2) for name, seconds in self.shared.items()},
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Record":
        """Create a record from the result of `to_data`."""
        sets = [tuple(accumulate(steps)) for steps in data["sets"]]
        return cls(
            {name: number for number, name in enumerate(data["parts"])},
            {
                f"{path}::{name}": Reach(seconds, sets[position])
                for path, tests in data["tests"].items()
                for name, (seconds, position) in tests.items()
            },
            data["shared"],
        )

    def _is_rare(self, name: str, count: int) -> bool:
        return not name.startswith(_ONLY_IF_RARE) or count <= max(1, len(self.tests) // 2)


def load_record(path: Path = PATH) -> Record | None:
    """Read the record of the last full run, or return None if there is none that this version can read."""
    try:
        return Record.from_data(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def save_record(record: Record, path: Path = PATH) -> None:
    """Replace the file atomically, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(record.to_data(), separators=(",", ":")), encoding="utf-8")
    unfinished.replace(path)


def _as_steps(numbers: Iterable[int]) -> list[int]:
    """Return the first number and then the differences between neighbors, which have fewer digits."""
    numbers = list(numbers)
    return numbers[:1] + [after - before for before, after in pairwise(numbers)]
