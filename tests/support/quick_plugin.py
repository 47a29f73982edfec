"""A pytest plugin that runs the tests of a plan and counts them (tests/support/quick.py).

It works in the process that gives tests out and in its workers. All of them read the plan from the file that PLAN_FILE
names.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.quick_plan import Plan
from tests.support.quick_worker import NO_TIME, Limits, Worker

#: Environment variable with the path of the plan.
PLAN_FILE = "QUICK_PLAN"
#: Ends PYTEST_ADDOPTS in the process that only gives tests out: fixtures, and with them the app, are for its workers.
NO_FIXTURES = " --noconftest"


def write_plan(path: Path, plan: Plan, limits: Limits) -> None:
    """Store what the workers have to know."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"plan": plan.to_data(), "limits": limits}), encoding="utf-8")
    os.environ[PLAN_FILE] = str(path)


def pytest_configure(config: pytest.Config) -> None:
    """Join the run as a worker."""
    if hasattr(config, "workerinput"):
        data = json.loads(Path(os.environ[PLAN_FILE]).read_text(encoding="utf-8"))
        worker = Worker(Plan.from_data(data["plan"]), Limits(*data["limits"]))
        config.pluginmanager.register(worker, "quick-worker")


class Tally:
    """Counts tests in the process that gives them out, and ends the run if a worker does not."""

    def __init__(self, limits: Limits, end: Callable[[], int]) -> None:
        self.collected: Sequence[str] = ()
        self.ran: set[str] = set()
        #: Reports of failures by node id.
        self.failures: dict[str, str] = {}
        #: When each test that is running has begun.
        self.running: dict[str, float] = {}
        self._limits, self._end = limits, end
        self._workers: list[int] = []
        self._scheduler: Any = None
        self._timer = threading.Timer(max(limits.end - time.monotonic(), 0), self._stop)
        self._timer.daemon = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self) -> None:
        """Begin to watch the clock, and let the workers load what this process does without."""
        self._timer.start()
        os.environ["PYTEST_PLUGINS"] = __name__
        os.environ["PYTEST_ADDOPTS"] = os.environ.get("PYTEST_ADDOPTS", "").removesuffix(NO_FIXTURES)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """Ask a worker for its process id."""
        channel = gateway.remote_exec("import os\nchannel.send(os.getpid())")
        self._workers.append(channel.receive())
        channel.waitclose()

    @pytest.hookimpl(wrapper=True, optionalhook=True)
    def pytest_xdist_make_scheduler(self) -> Generator[None, Any, Any]:
        """Remember who holds the tests that no worker has yet."""
        self._scheduler = yield
        return self._scheduler

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Keep what there is to run."""
        self.collected = ids

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note that a test runs."""
        self.running[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note that a test has ended; once time is up, give out no other."""
        self.running.pop(nodeid, None)
        if self._scheduler is not None and time.monotonic() > self._limits.begin:
            self._scheduler.pending.clear()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that ran to its end, or failed before it."""
        if report.when == "call" and not _had_no_time(report):
            self.ran.add(report.nodeid)
        if report.failed:
            self.ran.add(report.nodeid)
            self.failures[report.nodeid] = report.longreprtext

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Have the last line of pytest tell apart what there was no time for."""
        return ("not reached", "", "") if _had_no_time(report) else None

    def pytest_sessionfinish(self) -> None:
        """Leave the rest to pytest."""
        self._timer.cancel()

    def _stop(self) -> None:
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        # pytest's own summary will not come. What tests have started is ended by tests/support/reaper.py.
        lines = [f"\n{test}\n{text}" for test, text in self.failures.items()]
        now = time.monotonic()
        lines += [f"Still running after {now - began:.0f} s: {test}" for test, began in self.running.items()]
        print("", *lines, sep="\n", flush=True)  # noqa: T201
        os._exit(self._end())


def _had_no_time(report: pytest.TestReport) -> bool:
    return report.skipped and isinstance(report.longrepr, tuple) and report.longrepr[2].endswith(NO_TIME)
