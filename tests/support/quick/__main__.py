"""Entry point for running the tests nearest to the current changes for 50 seconds.

Usage: `make quick`, or `python -m tests.support.quick main~3`. A test is near if it shares words with the change and,
according to `var/tests/reach.json` if that exists, reaches changed parts of the product (tests/support/reach.py). The
nearest tests come first, cheap ones before expensive ones; near tests that didn't run are counted. The exit status is 0
only if something ran and nothing failed.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import click

from tests.support.quick.changes import Changes, GitError, find_changes
from tests.support.quick.clues import clues_of
from tests.support.quick.nearness import make_plan
from tests.support.quick.order import Plan, function_of, in_order
from tests.support.quick.project import Project
from tests.support.quick.tests import read_tests
from tests.support.quick.worker import RESULTS, save_plan
from tests.support.reach_record import PATH as RECORD
from tests.support.reach_record import load_record

ROOT = Path(__file__).parents[3]
WORKERS = 2
#: Environment variable with the seconds after which no more tests begin, for a busy machine.
CHOICE = "QUICK_SECONDS"
USUAL_SECONDS = 50
#: Further seconds until a running test is terminated.
_GRACE = 5
#: Factor of collected tests to available time, since times vary; collecting everything would take too long.
_RESERVE = 1.6
_MAX_FILES = 80
_MAX_NAMED = 5
#: Nearness from which a test is reported if it didn't run; the nearest has 1.
_NEAR = 0.12
_OPTIONS = (
    *("-q", "--no-header", "--tb=no", "--no-summary", "--show-capture=no", "-p", "no:cacheprovider"),
    *("-n", str(WORKERS), "--dist=load", "--maxschedchunk=1", "--max-worker-restart=0", "--maxfail=10"),
    *("-p", "tests.support.quick.worker"),
)


def main(arguments: Sequence[str]) -> int:
    """Run the tests near the changes since a revision, and return the exit status.

    Without a revision, the changes are the uncommitted ones, or those of the last commit if there are none.
    """
    began = time.monotonic()
    seconds = int(os.environ.get(CHOICE) or USUAL_SECONDS)
    try:
        changes = find_changes(ROOT, arguments[0] if arguments else None)
    except GitError as error:
        raise SystemExit(str(error)) from None
    plan = _plan(changes)
    files = _files_of(plan, seconds)
    if not files:
        click.echo("quick: no tests are near the changes.")
        return 1
    save_plan(plan, began + seconds, ROOT)
    status = _run(files, began + seconds + _GRACE)
    results = [json.loads(line) for line in (ROOT / RESULTS).read_text(encoding="utf-8").splitlines()]
    return _tell(plan, results, status, time.monotonic() - began)


def _plan(changes: Changes) -> Plan:
    names = [change.path for change in changes.files]
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    click.echo(f"quick: changes {changes.since}: {', '.join(names[:_MAX_NAMED]) or 'no files'}{more}")
    record = load_record(ROOT / RECORD)
    if record is None:
        click.echo(f"No record of a full run ({RECORD}). Tests are ranked by names and imports.")
    project = Project(ROOT)
    tests = read_tests(project.files("tests", ".py"))
    return make_plan([clues_of(change, project) for change in changes.files], tests, record)


def _files_of(plan: Plan, seconds: float) -> list[str]:
    """Return the files of the tests that come first, enough for somewhat more than the available time."""
    left = seconds * WORKERS * _RESERVE
    files: dict[str, None] = {}
    for test in in_order(plan.nearness, plan):
        files[test.partition("::")[0]] = None
        left -= plan.seconds_of(test)
        if left < 0 or len(files) == _MAX_FILES:
            break
    return list(files)


def _run(files: Sequence[str], end: float) -> int:
    """Run pytest until `end` at most; return its exit status, or 0 if it was terminated."""
    # tests/support/reaper.py ends the processes that tests have started.
    pytest = subprocess.Popen([sys.executable, "-m", "pytest", *_OPTIONS, *files], cwd=ROOT, start_new_session=True)
    try:
        return pytest.wait(max(end - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        return 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pytest.pid, signal.SIGKILL)
        pytest.wait()


def _tell(plan: Plan, results: Collection[dict[str, str]], status: int, seconds: float) -> int:
    """Print what ran and what didn't; return the exit status."""
    tests = {event: {one["test"] for one in results if one["event"] == event} for event in _EVENTS}
    for one in results:
        if one["event"] == "failed":
            click.echo(f"\n{one['text']}\nFAILED {one['test']}")
    for test in sorted(tests["began"] - tests["finished"]):
        click.echo(f"Not finished in time: {test}")
    ran = tests["ended"] | tests["failed"]
    functions = {function_of(test) for test in ran}
    near = [test for test, nearness in plan.nearness.items() if nearness >= _NEAR]
    number = len([test for test in near if test not in ran and ("[" in test or test not in functions)])
    click.echo(f"quick: tests run: {len(ran)}, in {seconds:.0f} s; nearby tests not reached: {number}.")
    return int(bool(status or tests["failed"]) or not ran)


_EVENTS = ("began", "ended", "failed", "finished")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
