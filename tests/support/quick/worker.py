"""A pytest plugin that runs the tests of a plan, the nearest first, until their time is up."""

import asyncio
import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.support.quick.order import Plan, in_order

#: Files of the plan and its results: an entry for each test that began, failed or ended.
PLAN, RESULTS = Path("var/tests/quick-plan.json"), Path("var/tests/quick-results.jsonl")
#: The browser fixture.
_BROWSER = "_browser"
#: Timeout of a browser's expectations. A full run is more patient, for busy machines.
_PATIENCE_MS = 10_000
#: Minimum share of the expected seconds: a full run, where they were measured, keeps the machine busier.
_AT_LEAST = 0.7


def save_plan(plan: Plan, end: float, root: Path) -> None:
    """Store the plan for the workers, and empty the file of results.

    `end` is a time of the monotonic clock, which all processes of a machine share.
    """
    path = root / PLAN
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"nearness": plan.nearness, "seconds": plan.seconds, "end": end}), encoding="utf-8")
    (root / RESULTS).write_text("")


def pytest_configure(config: pytest.Config) -> None:
    """Register the runner of the plan in a worker, or else the recorder of results."""
    if hasattr(config, "workerinput"):
        data = json.loads((config.rootpath / PLAN).read_text(encoding="utf-8"))
        config.pluginmanager.register(Worker(Plan(data["nearness"], data["seconds"]), data["end"]))
    else:
        config.pluginmanager.register(Notes(config.rootpath / RESULTS))


class Notes:
    """Recorder of test progress and failures, whose file remains if the process is terminated."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def _note(self, **values: str) -> None:
        self._file.write(json.dumps(values) + "\n")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Record that a test has begun, even if it is then skipped as too long."""
        self._note(test=nodeid, event="began")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record that a test has failed or ended."""
        if report.failed:
            self._note(test=report.nodeid, event="failed", text=report.longreprtext)
        elif report.when == "call":
            self._note(test=report.nodeid, event="ended")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Record that a test and its teardown are finished."""
        self._note(test=nodeid, event="finished")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record that a test file can't be collected."""
        if report.failed:
            self._note(test=report.nodeid, event="failed", text=report.longreprtext)


class Worker:
    """Runner of the tests that are distributed to a worker."""

    def __init__(self, plan: Plan, end: float) -> None:
        self._plan, self._end = plan, end

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Select near tests, in the order of the plan, which is the same for all workers."""
        near = {item.nodeid: item for item in items if self._plan.nearness_of(item.nodeid) > 0}
        items[:] = [near[test] for test in in_order(near, self._plan)]

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Skip a test that can't finish in time; otherwise, hide the event loop of an open browser."""
        if time.monotonic() + self._plan.seconds_of(item.nodeid) * _AT_LEAST > self._end:
            pytest.skip("no time left")
        with _own_loop(item):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Hide the event loop of an open browser."""
        with _own_loop(item):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Shorten the browser's timeouts, since a run would end before the usual ones report a failure."""
        made = yield
        if fixturedef.argname == _BROWSER:
            _hurry(made)
        return made


@contextmanager
def _own_loop(item: pytest.Item) -> Iterator[None]:
    """Allow a test without a browser to start an event loop.

    A full run has its browser tests last. In this one, the nearest tests come first, and Playwright's event loop keeps
    running in the thread once it has started.
    """
    hidden = None if _BROWSER in getattr(item, "fixturenames", ()) else asyncio._get_running_loop()
    if hidden is not None:
        asyncio._set_running_loop(None)
    try:
        yield
    finally:
        if hidden is not None:
            asyncio._set_running_loop(hidden)


def _hurry(browser: Browser) -> None:
    expect.set_options(timeout=_PATIENCE_MS)
    new_context = browser.new_context

    def new_hurried_context(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.set_default_timeout(_PATIENCE_MS)
        return context

    browser.new_context = new_hurried_context  # type: ignore[method-assign]
