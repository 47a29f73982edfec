"""Runs the tests nearest to what has changed, for 50 seconds: `make quick`, or `python -m tests.support.quick main~3`.

How near a test is follows from the words that it shares with the change and, where `var/tests/reach.json` tells, from
what of the product it reaches (tests/support/reach.py). The nearest come first, cheap ones before dear ones; what was
not reached is counted. The exit status is 0 only if something ran and nothing failed.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from tests.support.quick_changes import Changes, GitError, find_changes
from tests.support.quick_clues import clues_of
from tests.support.quick_plan import NEAR, Plan, function_of, in_order
from tests.support.quick_plugin import NO_FIXTURES, Tally, write_plan
from tests.support.quick_project import Project
from tests.support.quick_rank import make_plan
from tests.support.quick_tests import read_tests
from tests.support.quick_worker import Limits
from tests.support.reach_record import PATH as RECORD
from tests.support.reach_record import load_record

ROOT = Path(__file__).parents[2]
WORKERS = 2
#: Environment variable with the seconds after which no more tests begin, for a machine that is busy otherwise.
CHOICE = "QUICK_SECONDS"
USUAL_SECONDS = 50
#: So many seconds later a running test is interrupted, and all is over.
_INTERRUPT, _END = 3, 6
#: So many times what there is time for is collected, for times vary; of everything, collecting alone takes too long.
_RESERVE = 1.6
_MOST_FILES = 80
_MOST_NAMED = 5


def main(arguments: Sequence[str]) -> int:
    """Run what is near to the changes since the revision that is given, if one is; return the exit status."""
    began = time.monotonic()
    try:
        changes = find_changes(ROOT, arguments[0] if arguments else None)
    except GitError as error:
        raise SystemExit(str(error)) from None
    plan = _plan(changes)
    seconds = int(os.environ.get(CHOICE) or USUAL_SECONDS)
    files = _files_of(plan, seconds)
    if not files:
        click.echo("quick: no test is near to what has changed.")
        return 1
    limits = Limits(*(began + seconds + later for later in (0, _INTERRUPT, _END)))
    write_plan(ROOT / "var" / "tests" / "quick.json", plan, limits)
    return _run(files, plan, limits, began)


def _plan(changes: Changes) -> Plan:
    names = [change.path for change in changes.files]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    click.echo(f"quick: changed {changes.since}: {', '.join(names[:_MOST_NAMED]) or 'nothing'}{more}")
    record = load_record(ROOT / RECORD)
    if record is None:
        click.echo(f"No record of a full run ({RECORD}): ranked by names and importers.")
    project = Project(ROOT)
    tests = read_tests(project.files("tests", ".py"))
    return make_plan([clues_of(change, project) for change in changes.files], tests, record)


def _files_of(plan: Plan, seconds: float) -> list[str]:
    """Return the files with the tests that come first, for somewhat more time than there is."""
    left = seconds * WORKERS * _RESERVE
    files: dict[str, None] = {}
    for test in in_order(plan.nearness, plan):
        files[test.partition("::")[0]] = None
        left -= plan.seconds_of(test)
        if left < 0 or len(files) == _MOST_FILES:
            break
    return list(files)


def _run(files: Sequence[str], plan: Plan, limits: Limits, began: float) -> int:
    tally = Tally(limits, lambda: _finish(tally, plan, files, 0, began))
    os.environ["PYTEST_ADDOPTS"] = os.environ.get("PYTEST_ADDOPTS", "") + NO_FIXTURES
    status = pytest.main(
        [
            *("-q", "--no-header", "-rfE", "--tb=short", "--show-capture=no", "--maxfail=10", "-p", "no:cacheprovider"),
            *("-n", str(WORKERS), "--dist=load", "--maxschedchunk=1", "--max-worker-restart=0"),
            *files,
        ],
        plugins=[tally],
    )
    return _finish(tally, plan, files, int(status), began)


def _finish(tally: Tally, plan: Plan, files: Sequence[str], status: int, began: float) -> int:
    """Tell what ran and what did not; return the exit status."""
    near = [test for test, nearness in plan.nearness.items() if nearness >= NEAR]
    elsewhere = {function_of(test) for test in near if test.partition("::")[0] not in files}
    missed = [test for test in tally.collected if test not in tally.ran and plan.nearness_of(test) >= NEAR]
    number = len(missed) + len(elsewhere)
    took = f"{len(tally.ran)} tests ran in {time.monotonic() - began:.0f} s"
    rest = f"{number} near ones not reached: run `make test`" if number else "all that are near"
    click.echo(f"quick: {took}, {rest}.")
    return int(bool(status or tally.failures) or not tally.ran)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
