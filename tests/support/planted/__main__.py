"""Mutation testing: faults planted in a copy of a checkout, and which of them its tests catch.

    python -m tests.support.planted --of CHECKOUT --results results.jsonl
    python -m tests.support.planted --work --of CHECKOUT --results work.jsonl
    python -m tests.support.planted --fresh --of CHECKOUT --results fresh.jsonl

Faults are planted one at a time. The nearest tests of a fault run first, then those of the mirrored folder, the
contract tests and the pages in a browser, for four minutes in all. A test that fails without any fault doesn't count.
Faults that are already in the results file are skipped, so an interrupted run continues where it stopped.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from tests.support.planted.catalog import FAULTS, FRESH_FAULTS, WORK_FAULTS
from tests.support.planted.copies import Copy, copy_of
from tests.support.planted.fault import Fault
from tests.support.planted.nearest import existing_files, further_tests, nearest_tests, stands_for
from tests.support.planted.results import Result, Results, table
from tests.support.planted.runs import Outcome, collect, run

#: Maximum time for all nearest tests together without a fault.
_SECONDS_UNPLANTED = 3_600
#: With less time than this, it isn't worth starting pytest again.
_LEAST_SECONDS = 20


class Planting:
    """Planter of faults in one copy, which saves each result as soon as it is known."""

    def __init__(self, copy: Copy, results: Results, *, workers: int, seconds: float) -> None:
        self._copy = copy
        self._results = results
        self._workers = workers
        self._seconds = seconds
        self._collected: list[str] = []

    def verify_nearest(self, faults: Sequence[Fault]) -> None:
        """Run the nearest tests of `faults` without any fault, and record those that fail.

        Tests that were verified before don't run again.
        """
        self._collected = collect(self._copy, existing_files(self._copy.root, faults))
        nearest = dict.fromkeys(test for fault in faults for test in nearest_tests(fault, self._collected))
        waiting = [test for test in nearest if test not in self._results.verified]
        if not waiting:
            return
        click.echo(f"Running the {len(waiting)} nearest tests without a fault…")
        outcome = run(self._copy, waiting, _SECONDS_UNPLANTED, workers=self._workers, stop_at_first=False)
        if outcome.is_broken or outcome.is_cut_short:
            raise click.ClickException(f"The tests can’t run even without a fault:\n{outcome.output[-3000:]}")
        self._results.add_unplanted(waiting, outcome.failed)
        for test, reason in outcome.failed.items():
            click.echo(f"Fails without a fault: {test} {reason}")

    def plant(self, fault: Fault) -> Result:
        """Plant `fault`, run tests until one catches it, and record and return the result.

        The fault is missed if the time is up first, or if no test is left.
        """
        started = time.monotonic()
        spent_otherwise = 0.0
        by, reason = None, ""
        for tests in (nearest_tests(fault, self._collected), further_tests(fault, self._copy.root)):
            while tests and by is None:
                left = self._seconds - (time.monotonic() - started - spent_otherwise)
                if left < _LEAST_SECONDS:
                    break
                with fault.planted(self._copy.root):
                    outcome = run(self._copy, tests, left, workers=self._workers, without=self._results.failing)
                if not outcome.failed and not outcome.is_broken:
                    break
                checked_since = time.monotonic()
                by, reason = self._catch(outcome)
                spent_otherwise += time.monotonic() - checked_since
        seconds = round(time.monotonic() - started - spent_otherwise, 1)
        result = Result(fault.name, fault.kind.value, by is not None, by, seconds, reason[:300])
        self._results.add(result)
        return result

    def _catch(self, outcome: Outcome) -> tuple[str | None, str]:
        """Return the test that failed because of the fault, and its message.

        If pytest itself failed, return `pytest` and the end of its output. If every failed test also fails without the
        fault, return None and an empty message; the next run then excludes these tests.
        """
        if outcome.is_broken:
            return "pytest", outcome.output[-300:]
        for test, reason in outcome.failed.items():
            is_verified = any(stands_for(one, test) for one in self._results.verified)
            if is_verified or self._passes_unplanted(test):
                return test, reason
        return None, ""

    def _passes_unplanted(self, test: str) -> bool:
        outcome = run(self._copy, [test], self._seconds, workers=1)
        self._results.add_unplanted([test], outcome.failed)
        return not outcome.failed


@click.command()
@click.option(
    "--of", "checkout", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Checkout to copy."
)
@click.option(
    "--results", "path", type=click.Path(path_type=Path, dir_okay=False), help="JSON Lines file for the results."
)
@click.option("--work", "is_work", is_flag=True, help="Plant the faults of the daily work.")
@click.option("--fresh", "is_fresh", is_flag=True, help="Plant the fresh faults.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([fault.name for fault in (*FAULTS, *WORK_FAULTS, *FRESH_FAULTS)]),
    help="Plant only this fault. Can be repeated.",
)
@click.option("--workers", default=2, show_default=True, help="Number of test processes.")
@click.option("--minutes", default=4.0, show_default=True, help="Minutes per fault.")
@click.option("--list", "lists", is_flag=True, help="List the faults without planting them.")
def main(
    checkout: Path | None,
    path: Path | None,
    only: Sequence[str],
    workers: int,
    minutes: float,
    *,
    is_work: bool,
    is_fresh: bool,
    lists: bool,
) -> None:
    """Plant faults in a copy of a checkout and print which of them its tests catch."""
    chosen = (*(WORK_FAULTS if is_work else ()), *(FRESH_FAULTS if is_fresh else ())) or FAULTS
    faults = [fault for fault in chosen if not only or fault.name in only]
    if lists:
        for fault in faults:
            click.echo(f"{fault.kind:<36} {fault.name:<44} {fault.path}")
        return
    if checkout is None or path is None:
        raise click.UsageError("Use --of and --results, or --list.")
    results = Results(path)
    waiting = [fault for fault in faults if fault.name not in results.faults]
    if waiting:
        with copy_of(checkout) as copy:
            planting = Planting(copy, results, workers=workers, seconds=minutes * 60)
            planting.verify_nearest(waiting)
            for fault in waiting:
                result = planting.plant(fault)
                said = f"caught by {result.by}" if result.caught else "MISSED"
                click.echo(f"{fault.name}: {said} ({result.seconds:.0f} s)")
    click.echo("\n".join(table(faults, results.faults)))


if __name__ == "__main__":
    main()
