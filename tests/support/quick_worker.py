"""The part of `make quick` that runs in each worker: planned tests, the nearest first, until their time is up."""

import asyncio
import signal
import time
from collections.abc import Generator
from types import FrameType
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.support.quick_plan import Plan, in_order

#: Why a test was skipped that would have begun or ended too late.
NO_TIME = "no time left"
#: The fixture of a browser.
BROWSER = "_browser"
#: How long a browser waits for what a test expects. A full run is more patient, for machines that are busy.
_PATIENCE_MS = 10_000
#: Share of the expected seconds that a test takes at least: a full run, which they are from, keeps the machine busier.
_AT_LEAST = 0.7


class Limits(NamedTuple):
    """Moments of the monotonic clock, which all processes of a machine share.

    After `begin` no test begins, at `interrupt` one that runs is interrupted, at `end` the whole run is over.
    """

    begin: float
    interrupt: float
    end: float


class TimeIsUp(BaseException):
    """Interrupts a running test. Not an Exception, so that the test does not handle it."""


class Worker:
    """Runs the tests that one worker is given."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        self._plan, self._limits = plan, limits
        self._hidden: asyncio.AbstractEventLoop | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave what is near, in the order of the plan; all workers come to the same one."""
        near = {item.nodeid: item for item in items if self._plan.nearness_of(item.nodeid) > 0}
        items[:] = [near[test] for test in in_order(near, self._plan)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a test that would begin, or even at its fastest end, too late."""
        now = time.monotonic()
        ends = now + self._plan.seconds_of(item.nodeid) * _AT_LEAST
        if now > self._limits.begin or ends > self._limits.interrupt:
            pytest.skip(NO_TIME)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Interrupt a test that takes too long, unless an interrupted browser would keep its fixtures waiting."""
        if _is_in_browser(item):
            return (yield)
        signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, max(self._limits.interrupt - time.monotonic(), 0.001))
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Have a browser wait less for what does not come: it would outlast the run, and no failure would be seen."""
        made = yield
        if fixturedef.argname == BROWSER:
            _hurry(made)
        return made

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Report a test that was interrupted as one that there was no time for."""
        report = yield
        if call.excinfo is not None and call.excinfo.type is TimeIsUp:
            report.outcome, report.longrepr = "skipped", (__file__, 0, f"Skipped: {NO_TIME}")
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Hide the browser's event loop from a test that wants one of its own.

        A full run has its browsers last. Here the nearest tests come first, with or without one, and Playwright's loop
        goes on in this thread once it has started.
        """
        if not _is_in_browser(item):
            self._hidden = asyncio._get_running_loop()
            asyncio._set_running_loop(None)
        try:
            return (yield)
        finally:
            self._show_loop()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> None:
        """Give the browser its loop back when it is about to be closed."""
        if nextitem is None:
            self._show_loop()

    def _show_loop(self) -> None:
        if self._hidden is not None:
            asyncio._set_running_loop(self._hidden)
            self._hidden = None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise TimeIsUp


def _is_in_browser(item: pytest.Item) -> bool:
    return BROWSER in getattr(item, "fixturenames", ())


def _hurry(browser: Browser) -> None:
    expect.set_options(timeout=_PATIENCE_MS)
    new_context = browser.new_context

    def new_hurried_context(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.set_default_timeout(_PATIENCE_MS)
        return context

    browser.new_context = new_hurried_context  # type: ignore[method-assign]
