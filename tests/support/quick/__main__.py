"""Run the tests nearest to what has changed, for 50 seconds: `make quick`, or `python -m tests.support.quick main~3`.

How near a test is follows from the words that it shares with the change and, where `var/tests/reach.json` tells, from
what of the product it reaches (tests/support/reach.py). The nearest come first, cheap ones before dear ones; what was
not reached is counted. The exit status is 0 only if something ran and nothing failed.
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
#: Environment variable with the seconds after which no more tests begin, for a machine that is busy otherwise.
CHOICE = "QUICK_SECONDS"
USUAL_SECONDS = 50
#: Seconds later, when a test that still runs is ended.
_GRACE = 5
#: So many times what there is time for is collected, for times vary; of everything, collecting alone takes too long.
_RESERVE = 1.6
_MOST_FILES = 80
_MOST_NAMED = 5
#: From this nearness on a test is worth counting when it is not reached; the nearest has 1.
_NEAR = 0.12
_OPTIONS = (
    *("-q", "--no-header", "--tb=no", "--no-summary", "--show-capture=no", "-p", "no:cacheprovider"),
    *("-n", str(WORKERS), "--dist=load", "--maxschedchunk=1", "--max-worker-restart=0", "--maxfail=10"),
    *("-p", "tests.support.quick.worker"),
)


def main(arguments: Sequence[str]) -> int:
    """Run what is near to the changes since the revision that is given, if one is; return the exit status."""
    began = time.monotonic()
    seconds = int(os.environ.get(CHOICE) or USUAL_SECONDS)
    try:
        changes = find_changes(ROOT, arguments[0] if arguments else None)
    except GitError as error:
        raise SystemExit(str(error)) from None
    plan = _plan(changes)
    files = _files_of(plan, seconds)
    if not files:
        click.echo("quick: no test is near to what has changed.")
        return 1
    save_plan(plan, began + seconds, ROOT)
    status = _run(files, began + seconds + _GRACE)
    results = [json.loads(line) for line in (ROOT / RESULTS).read_text(encoding="utf-8").splitlines()]
    return _tell(plan, results, status, time.monotonic() - began)


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


def _run(files: Sequence[str], end: float) -> int:
    """Run pytest until `end` at most; return its exit status, 0 where it had to be ended."""
    # What tests have started is ended by tests/support/reaper.py.
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
    """Tell what ran and what did not; return the exit status."""
    tests = {event: {one["test"] for one in results if one["event"] == event} for event in _EVENTS}
    for one in results:
        if one["event"] == "failed":
            click.echo(f"\n{one['text']}\nFAILED {one['test']}")
    for test in sorted(tests["began"] - tests["finished"]):
        click.echo(f"Still running when the time was up: {test}")
    ran = tests["ended"] | tests["failed"]
    functions = {function_of(test) for test in ran}
    near = [test for test, nearness in plan.nearness.items() if nearness >= _NEAR]
    number = len([test for test in near if test not in ran and ("[" in test or test not in functions)])
    click.echo(f"quick: tests run: {len(ran)}, in {seconds:.0f} s; nearby tests not reached: {number}.")
    return int(bool(status or tests["failed"]) or not ran)


_EVENTS = ("began", "ended", "failed", "finished")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
