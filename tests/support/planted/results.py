"""Results of planted faults, stored as JSON lines that a later run continues, and their summary table."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.support.planted.fault import Fault, Kind


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a fault; `by` is the node ID of the test that caught it, and `reason` its message."""

    name: str
    kind: str
    caught: bool
    by: str | None
    seconds: float
    reason: str = ""


class Results:
    """Contents of a results file: a line per fault, and a line per run of tests without a fault."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        self.faults: dict[str, Result] = {}
        #: Tests that ran in a copy without any fault, and the node ids of those that failed.
        self.verified: set[str] = set()
        self.failing: set[str] = set()
        for line in lines:
            self._take(line)

    def add(self, result: Result) -> None:
        """Append the result of a fault."""
        self._append(asdict(result))

    def add_unplanted(self, verified: Sequence[str], failing: Mapping[str, str]) -> None:
        """Append the tests that ran without any fault, and the reasons of those that failed."""
        self._append({"unplanted": list(verified), "failing": dict(failing)})

    def _append(self, line: dict[str, Any]) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        if "unplanted" in line:
            self.verified |= set(line["unplanted"])
            self.failing |= set(line["failing"])
        else:
            self.faults[line["name"]] = Result(**line)


def table(faults: Sequence[Fault], results: Mapping[str, Result]) -> Iterator[str]:
    """Yield the lines of a table that counts faults by kind and result, then the names of missed faults."""
    shown = [(fault, results.get(fault.name)) for fault in faults]
    yield f"{'kind':<36} {'faults':>6} {'caught':>6} {'missed':>6} {'not run':>7}"
    for kind in [*Kind, None]:
        those = [result for fault, result in shown if kind is None or fault.kind is kind]
        if not those:
            continue
        caught = sum(result is not None and result.caught for result in those)
        waiting = those.count(None)
        missed = len(those) - caught - waiting
        yield f"{kind or 'all':<36} {len(those):>6} {caught:>6} {missed:>6} {waiting:>7}"
    yield from (f"missed: {fault.name}" for fault, result in shown if result is not None and not result.caught)
