"""The limit of what a full run may cost, in pieces of work, and what grew if it is exceeded.

`tests/support/cost.toml` holds the limit and the cost of each file and of each expensive test. It changes only with a
commit of its own that says why.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.cost.record import CostRecord, file_of

PATH = Path("tests/support/cost.toml")
#: Tests of which the cost is recorded one by one, in pieces of work.
_EXPENSIVE = 30.0
_MAX_NAMED = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """The accepted cost of a run, and how far a run may exceed it, since equal runs differ."""

    pieces: float
    margin: float
    files: Mapping[str, float]
    tests: Mapping[str, float]

    @property
    def most(self) -> float:
        """Pieces of work from which a run fails."""
        return self.pieces * (1 + self.margin)

    def is_exceeded_by(self, record: CostRecord) -> bool:
        """Return whether a run costs more than the limit and its margin."""
        return record.pieces > self.most

    def growth_of_files(self, record: CostRecord) -> list[tuple[str, float]]:
        """Return the files in descending order of their growth, in pieces of work."""
        return _growth(self.files, _files_of(record))

    def growth_of_tests(self, record: CostRecord) -> list[tuple[str, float]]:
        """Return the tests in descending order of their growth; those that aren't recorded here cost nothing before."""
        return _growth(self.tests, _tests_of(record))


def load_limit(path: Path) -> Limit | None:
    """Read the limit; return None if there is no file."""
    if not path.exists():
        return None
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Limit(data["pieces"], data["margin"], data["files"], data["tests"])


def limit_of(record: CostRecord, margin: float) -> Limit:
    """Return the limit that a run just meets."""
    expensive = {name: pieces for name, pieces in _tests_of(record).items() if pieces >= _EXPENSIVE}
    return Limit(record.pieces, margin, _files_of(record), expensive)


def save_limit(limit: Limit, path: Path) -> None:
    """Write a limit, rounded to tenths of a piece."""
    lines = [
        "# The accepted cost of a full run in one part, in pieces of work (tests/support/cost/yardstick.py).",
        "# It changes only with a commit of its own that says why: docs/architecture.md, “The limit of a run”.",
        f"pieces = {limit.pieces:.0f}",
        f"margin = {limit.margin}",
    ]
    for heading, pieces in (("files", limit.files), ("tests", limit.tests)):
        lines += ["", f"[{heading}]", *(f"{_quoted(name)} = {pieces[name]:.1f}" for name in sorted(pieces))]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def verdict(limit: Limit, record: CostRecord) -> Iterator[str]:
    """Yield the lines that end a full run: its cost and, if that is too much, what grew most."""
    part = f", {100 * record.pieces / limit.pieces:.0f} % of the limit" if limit.pieces else ""
    yield f"{record.seconds:,.0f} s of CPU, {record.pieces:,.0f} pieces of work of {1000 * record.piece:.2f} ms{part}"
    if not limit.is_exceeded_by(record):
        return
    yield (
        f"That is over the limit of {limit.pieces:,.0f} in {PATH} by more than the margin, {100 * limit.margin:.0f} %."
        " These grew most, in pieces of work:"
    )
    for grown in (limit.growth_of_files(record), limit.growth_of_tests(record)):
        yield from (f"{pieces:+9.0f}  {name}" for name, pieces in grown[:_MAX_NAMED])


def _files_of(record: CostRecord) -> dict[str, float]:
    """Return the pieces of work of each file."""
    piece = record.piece
    return {name: seconds / piece for name, seconds in record.by(file_of).items()}


def _tests_of(record: CostRecord) -> dict[str, float]:
    """Return the pieces of work of each test."""
    piece = record.piece
    return {name: cost.seconds / piece for name, cost in record.tests.items()}


def _growth(before: Mapping[str, float], now: Mapping[str, float]) -> list[tuple[str, float]]:
    grown = ((name, pieces - before.get(name, 0.0)) for name, pieces in now.items())
    return sorted(grown, key=lambda row: -row[1])


def _quoted(name: str) -> str:
    """Return a name as a key of TOML."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
