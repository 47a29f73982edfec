"""The record of a run's cost: seconds of CPU by test and by everything that belongs to no test."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tests.support.cost.meter import Cpu

PATH = Path("var/tests/cost.json")
#: Environment variable with another file: a run of some tests writes its record there, and `report` reads it.
CHOICE = "COST_FILE"
#: Measurements on each side of one by whose median a single disturbed one is ignored.
_NEAR = 3


class Kind(StrEnum):
    """The most expensive thing that a test does."""

    BROWSER = "browser"
    PROCESS = "start of a process"
    REQUEST = "request"
    DIRECT = "neither"


class CostOfTest(NamedTuple):
    """The CPU of a test by where it was spent, and the seconds of it that its fixtures took."""

    kind: str
    python: float
    database: float
    children: float
    fixtures: float

    @property
    def seconds(self) -> float:
        """CPU of the test with its fixtures."""
        return self.python + self.database + self.children


class Slice(NamedTuple):
    """A measurement of the yardstick, its CPU by part, and the CPU of the worker's tests since the previous one."""

    since: float
    python: float
    sql: float
    page: float

    @property
    def piece(self) -> float:
        """Seconds of CPU of the whole piece of work."""
        return self.python + self.sql + self.page


@dataclass(slots=True)
class CostRecord:
    """The cost of a run; tests by node ID.

    `lines` are the seconds that belong to no test, `fixtures` the uses and seconds of each fixture.
    """

    tests: dict[str, CostOfTest] = field(default_factory=dict)
    lines: dict[str, float] = field(default_factory=dict)
    fixtures: dict[str, tuple[int, float]] = field(default_factory=dict)
    #: Measurements of the yardstick in the order of time, for each worker.
    slices: list[list[Slice]] = field(default_factory=list)
    #: CPU of the run's database server, and how much of it tests and lines account for.
    server: float = 0.0
    of_server: float = 0.0
    workers: int = 0

    @property
    def seconds(self) -> float:
        """CPU of the whole run."""
        return sum(cost.seconds for cost in self.tests.values()) + sum(self.lines.values())

    @property
    def pieces(self) -> float:
        """CPU of the whole run in pieces of work, each period by the speed of the machine at that time."""
        known = pieces = 0.0
        for slices in self.slices:
            for place, measured in enumerate(slices):
                near = slices[max(0, place - _NEAR) : place + _NEAR + 1]
                known += measured.since
                pieces += measured.since / median(other.piece for other in near)
        return pieces * self.seconds / known if known else 0.0

    @property
    def piece(self) -> float:
        """Seconds of CPU of a piece of work, averaged over the run."""
        return self.seconds / self.pieces if self.pieces else 0.0

    def by(self, label: Callable[[str], str]) -> dict[str, float]:
        """Return the seconds of the tests by the label of their node IDs."""
        found: dict[str, float] = {}
        for test, cost in self.tests.items():
            found[label(test)] = found.get(label(test), 0.0) + cost.seconds
        return found

    def charge_line(self, name: str, seconds: float) -> None:
        """Add seconds that belong to no test."""
        self.lines[name] = self.lines.get(name, 0.0) + seconds

    def charge_fixture(self, name: str, seconds: float, uses: int = 1) -> None:
        """Add the uses of a fixture."""
        known_uses, known = self.fixtures.get(name, (0, 0.0))
        self.fixtures[name] = known_uses + uses, known + seconds

    def charge_test(self, test: str, kind: Kind, cpu: Cpu, fixtures: float) -> None:
        """Add a test."""
        self.tests[test] = CostOfTest(kind.value, *cpu, fixtures)

    def merge(self, other: "CostRecord") -> None:
        """Add the record of another worker of the same run."""
        self.tests |= other.tests
        for name, seconds in other.lines.items():
            self.charge_line(name, seconds)
        for name, (uses, seconds) in other.fixtures.items():
            self.charge_fixture(name, seconds, uses)
        self.slices += other.slices
        self.server = max(self.server, other.server)
        self.of_server += other.of_server
        self.workers += other.workers

    def to_data(self) -> dict[str, Any]:
        """Return the record as JSON data."""
        return {
            "tests": {test: [cost.kind, *_rounded(cost[1:])] for test, cost in self.tests.items()},
            "lines": dict(zip(self.lines, _rounded(self.lines.values()), strict=True)),
            "fixtures": {name: [uses, *_rounded([seconds])] for name, (uses, seconds) in self.fixtures.items()},
            "slices": [[_rounded(measured, 6) for measured in slices] for slices in self.slices],
            "server": self.server,
            "of_server": self.of_server,
            "workers": self.workers,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "CostRecord":
        """Create a record from the result of `to_data`."""
        return cls(
            tests={test: CostOfTest(*cost) for test, cost in data["tests"].items()},
            lines=dict(data["lines"]),
            fixtures={name: (uses, seconds) for name, (uses, seconds) in data["fixtures"].items()},
            slices=[[Slice(*values) for values in slices] for slices in data["slices"]],
            server=data["server"],
            of_server=data["of_server"],
            workers=data["workers"],
        )


def file_of(test: str) -> str:
    """Return the file of a node ID."""
    return test.partition("::")[0]


def folder_of(test: str) -> str:
    """Return the folder below `tests/` that a node ID is in."""
    return "/".join(file_of(test).split("/")[:2])


def save_cost(record: CostRecord, path: Path) -> None:
    """Replace the file atomically, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(record.to_data()), encoding="utf-8")
    unfinished.replace(path)


def load_cost(path: Path) -> CostRecord | None:
    """Read the record of a run, or return None if there is none that this version can read."""
    try:
        return CostRecord.from_data(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _rounded(values: Iterable[float], digits: int = 4) -> list[float]:
    return [round(value, digits) for value in values]
