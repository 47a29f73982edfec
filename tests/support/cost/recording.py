"""A pytest plugin that charges the CPU of a run to its tests, their fixtures, and what belongs to no test.

A full run writes `var/tests/cost.json` at its end.
"""

import os
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import request_started

from app.db.embedded import SUPERUSER, EmbeddedServer
from tests.support.cost.limit import PATH as LIMIT
from tests.support.cost.limit import load_limit, verdict
from tests.support.cost.meter import Cpu, Meter
from tests.support.cost.record import CHOICE, PATH, CostRecord, Kind, Slice, save_cost
from tests.support.cost.yardstick import Yardstick
from tests.support.database import WorkerDatabase
from tests.support.full_runs import is_full
from tests.support.turns import Turn

#: CPU of children from which a test counts as one that starts processes.
_SECONDS_OF_PROCESS = 0.05
#: CPU of a worker after which the yardstick is measured again.
_SECONDS_BETWEEN_SLICES = 5.0
#: The fixture that returns the worker's database.
_DATABASE = "database"
#: Lines of what belongs to no test.
COLLECTION, BETWEEN, SHUTDOWN = "collection", "between tests", "end of workers"
YARDSTICK, MAIN, SERVER = "yardstick", "main process", "database server, not by test"


class Ledger:
    """Charges of a meter's readings to nested periods, each without those inside it."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._last = Cpu()
        self._periods = [Cpu()]

    def begin(self, *, with_children: bool = True) -> None:
        """Begin a period inside the current one, to which children that aren't read are left."""
        self._charge(with_children=with_children)
        self._periods.append(Cpu())

    def end(self, *, with_children: bool = True) -> Cpu:
        """End the current period and return its own CPU."""
        self._charge(with_children=with_children)
        return self._periods.pop()

    def take(self) -> Cpu:
        """Return the own CPU of the current period so far, and continue it from zero."""
        used = self.end()
        self._periods.append(Cpu())
        return used

    def _charge(self, *, with_children: bool) -> None:
        now = self._meter.read(with_children=with_children)
        self._periods[-1] = self._periods[-1].plus(now.minus(self._last))
        self._last = now


class CostRecording:
    """Plugin of a process that runs tests: a worker sends its record, a process that runs alone saves it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._meter = Meter()
        self._ledger = Ledger(self._meter)
        self._record = CostRecord(workers=1, slices=[[]])
        self._yardstick: Yardstick | None = None
        self._test = Cpu()
        self._fixtures = self._since_slice = 0.0
        self._has_requested = False
        self._verdict: list[str] = []
        request_started.connect(self._note_request, weak=False)
        _call_before(psycopg.Connection, "close", self._note_closing)
        _call_before(EmbeddedServer, "_stop", self._note_stopping)

    def pytest_collection_finish(self) -> None:
        """Charge everything until now to the collection."""
        self._take_line(COLLECTION)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Charge a test, and measure the yardstick now and then."""
        self._test, self._fixtures, self._has_requested = Cpu(), 0.0, False
        self._ledger.begin()
        try:
            return (yield)
        finally:
            self._test = self._test.plus(self._ledger.end())
            self._record.charge_test(item.nodeid, self._kind_of(item), self._test, self._fixtures)
            self._since_slice += self._test.total
            if self._yardstick is not None and self._since_slice > _SECONDS_BETWEEN_SLICES:
                self._measure(self._yardstick)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Charge the setup of a fixture: to the test, or to a line of its own if tests share it.

        The children of a test's own fixtures are left to the test: to read them each time would cost 2 % of a run.
        """
        is_shared = fixturedef.scope != "function"
        self._ledger.begin(with_children=is_shared)
        try:
            result = yield
            if fixturedef.argname == _DATABASE and isinstance(result, WorkerDatabase):
                self._watch(result)
            return result
        finally:
            used = self._ledger.end(with_children=is_shared)
            if is_shared:
                self._record.charge_line(f"fixture {fixturedef.argname}", used.total)
            else:
                self._charge_fixture(fixturedef.argname, used)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> Generator[None, object, object]:
        """Charge the teardown of a test; that of the last one ends what all tests share."""
        if nextitem is None:
            self._record.server, self._record.of_server = self._meter.read_server()
        is_last = nextitem is None
        self._ledger.begin(with_children=is_last)
        try:
            return (yield)
        finally:
            used = self._ledger.end(with_children=is_last)
            if is_last:
                self._record.charge_line(SHUTDOWN, used.total)
            else:
                self._charge_fixture("(teardown)", used)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the record to the main process, or save it if there is none."""
        if self._yardstick is not None:
            self._yardstick.close()
        self._take_line(BETWEEN)
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["cost"] = self._record.to_data()
            output["tests"] = session.testscollected
        else:
            self._verdict = finish(session, self._record, session.testscollected)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict."""
        _print(self._verdict, terminalreporter)

    def _watch(self, database: WorkerDatabase) -> None:
        self._meter.watch_server(process_of(database.server), database.name)
        self._yardstick = Yardstick(database.server.url(SUPERUSER, "postgres"))

    def _measure(self, yardstick: Yardstick) -> None:
        self._take_line(BETWEEN)
        piece = yardstick.measure()
        if piece is not None:
            self._record.slices[0].append(Slice(self._since_slice, *piece))
            self._since_slice = 0.0
        self._take_line(YARDSTICK)

    def _take_line(self, name: str) -> None:
        self._record.charge_line(name, self._ledger.take().total)

    def _charge_fixture(self, name: str, used: Cpu) -> None:
        self._record.charge_fixture(name, used.total)
        self._test = self._test.plus(used)
        self._fixtures += used.total

    def _kind_of(self, item: pytest.Item) -> Kind:
        if "_browser" in getattr(item, "fixturenames", ()):
            return Kind.BROWSER
        if self._test.children > _SECONDS_OF_PROCESS:
            return Kind.PROCESS
        return Kind.REQUEST if self._has_requested else Kind.DIRECT

    def _note_request(self, _app: object, **_extra: object) -> None:
        self._has_requested = True

    def _note_closing(self, connection: psycopg.Connection) -> None:
        with suppress(psycopg.Error):
            self._meter.note_closing(connection.info.backend_pid)

    def _note_stopping(self, server: EmbeddedServer) -> None:
        with suppress(OSError):
            self._meter.note_stopping(process_of(server))


class CostGathering:
    """Plugin of the process that only distributes the tests: merges the records of all workers and saves them."""

    def __init__(self) -> None:
        self.record = CostRecord()
        self._tests = 0
        self._verdict: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Merge the record of a worker that has finished; the tests of a crashed one are missing."""
        output = getattr(node, "workeroutput", {})
        if "cost" in output:
            self.record.merge(CostRecord.from_data(output["cost"]))
            self._tests = output["tests"]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Save the record once the last worker has ended."""
        self.record.charge_line(MAIN, time.process_time())
        self._verdict = finish(session, self.record, self._tests)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict."""
        _print(self._verdict, terminalreporter)


def finish(session: pytest.Session, record: CostRecord, tests: int) -> list[str]:
    """Save the record of a full run in which every test ran, and hold it against the limit; return the verdict.

    The record of any other run is saved only if a file is chosen.
    """
    record.charge_line(SERVER, record.server - record.of_server)
    if chosen := os.environ.get(CHOICE):
        save_cost(record, Path(chosen))
    if not (is_full(session.config) and record.tests and len(record.tests) == tests):
        return []
    save_cost(record, session.config.rootpath / PATH)
    limit = load_limit(session.config.rootpath / LIMIT)
    if limit is None or Turn.part is None:
        return []
    if limit.is_exceeded_by(record) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return list(verdict(limit, record))


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin of a process that runs tests, or that of one that only distributes them."""
    if hasattr(config, "workerinput") or config.getoption("dist", "no") == "no":
        config.pluginmanager.register(CostRecording(config), "cost-recording")
    else:
        config.pluginmanager.register(CostGathering(), "cost-gathering")


def _print(lines: list[str], terminal: pytest.TerminalReporter) -> None:
    if lines:
        terminal.section("cost of the run")
        terminal.write("\n".join([*lines, ""]))


def process_of(server: EmbeddedServer) -> int:
    """Return the ID of the main process of a running server."""
    return int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])


def _call_before(owner: type, name: str, note: Callable[[Any], None]) -> None:
    method = getattr(owner, name)

    @wraps(method)
    def noted(instance: Any, *arguments: Any, **options: Any) -> Any:
        note(instance)
        return method(instance, *arguments, **options)

    setattr(owner, name, noted)
