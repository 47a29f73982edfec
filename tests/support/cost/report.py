"""Printed tables of a run's cost: by folder, file, fixture and kind, and by what belongs to no test."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from tests.support.cost.limit import PATH as LIMIT
from tests.support.cost.limit import Limit, limit_of, load_limit, save_limit, verdict
from tests.support.cost.record import CHOICE, PATH, CostRecord, file_of, folder_of, load_cost

_ROOT = Path(__file__).parents[3]
_FILES, _TESTS, _FIXTURES, _GROWN = 60, 100, 40, 20
ADDED = "--added"
#: Margin of the first limit.
_MARGIN = 0.1


def report(arguments: Sequence[str]) -> int:
    """Print the record of the last full run, or with `--added` what grew; return the exit status."""
    record = _recorded()
    limit = load_limit(_ROOT / LIMIT)
    if arguments == [ADDED] and limit is not None:
        lines = added(record, limit)
    elif arguments:
        raise SystemExit(f"{' '.join(arguments)} is no option, or {LIMIT} is missing. There is {ADDED}.")
    else:
        lines = tables(record)
    for line in lines:
        click.echo(line)
    return 0


def accept() -> int:
    """Make the cost of the last full run the limit, with the margin of the present one; return the exit status."""
    present = load_limit(_ROOT / LIMIT)
    save_limit(limit_of(_recorded(), present.margin if present else _MARGIN), _ROOT / LIMIT)
    return 0


def added(record: CostRecord, limit: Limit) -> Iterator[str]:
    """Yield what grew most since the limit was recorded, in seconds of this run's machine."""
    yield from verdict(limit, record)
    piece = record.piece
    for title, grown in (("file", limit.growth_of_files(record)), ("test", limit.growth_of_tests(record))):
        seconds = {name: pieces * piece for name, pieces in grown}
        yield from _table(f"growth of a {title}", seconds, record.seconds, _GROWN)


def _recorded() -> CostRecord:
    path = Path(os.environ.get(CHOICE) or PATH)
    record = load_cost(_ROOT / path)
    if record is None:
        raise SystemExit(f"There is no record at {path}. A full run writes one: `make test`.")
    return record


def tables(record: CostRecord) -> Iterator[str]:
    """Yield the lines of all tables, each sorted by cost."""
    yield f"{len(record.tests):,} tests, {record.workers} workers, {record.seconds:,.1f} s of CPU"
    yield from _table("belongs to no test", record.lines, record.seconds)
    yield from _table("kind", record.by(lambda test: record.tests[test].kind), record.seconds)
    yield from _table("where", _by_place(record), record.seconds)
    yield from _table("folder", record.by(folder_of), record.seconds)
    yield from _table("file", record.by(file_of), record.seconds, _FILES)
    fixtures = {f"{name} ({uses} times)": seconds for name, (uses, seconds) in record.fixtures.items()}
    yield from _table("fixture, in the tests", fixtures, record.seconds, _FIXTURES)
    yield from _table("test", record.by(lambda test: test.partition("[")[0]), record.seconds, _TESTS)


def _by_place(record: CostRecord) -> Mapping[str, float]:
    tests = record.tests.values()
    return {
        "Python": sum(test.python for test in tests),
        "database": sum(test.database for test in tests),
        "children": sum(test.children for test in tests),
        "of all that, fixtures": sum(test.fixtures for test in tests),
    }


def _table(title: str, seconds: Mapping[str, float], total: float, most: int | None = None) -> Iterator[str]:
    yield ""
    yield f"{'s':>9} {'%':>5}  {title}"
    rows: Iterable[tuple[str, float]] = sorted(seconds.items(), key=lambda row: -row[1])[:most]
    yield from (f"{used:>9.2f} {100 * used / total:>5.1f}  {name}" for name, used in rows)
