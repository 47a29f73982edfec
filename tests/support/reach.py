"""A pytest plugin that records which parts of the product each test reaches, for `make quick`.

A full run writes `var/tests/reach.json` at its end. `RECORD_REACH=1 pytest tests/work` adds to that file what a part of
the suite reaches. Anything that tests do in separate processes isn't recorded.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Generator
from functools import wraps
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from flask import Flask, request, request_started
from jinja2 import Template
from sqlalchemy import Engine, event

from app.web import fragments
from app.web.bundles import BUNDLES
from app.web.render_context import Reader
from app.web.templating import Templates
from tests.support.full_runs import is_full
from tests.support.reach_record import PATH, Record, load_record, save_record
from tests.support.turns import Turn, takes_turns

#: Environment variable that makes a run of some tests update the record.
FORCED = "RECORD_REACH"
_ROOT = Path(__file__).parents[2]
_SOURCES = tuple(f"{_ROOT / folder}{os.sep}" for folder in ("app", "demo"))
_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?\"?(\w+)")
_MAX_STATEMENTS = 20_000
_FOREIGN, _OUTERMOST = -1, -2
#: Callers outside of the product: pytest, and the app's entry point for requests.
_OUTERMOST_PARTS = (f"{os.sep}_pytest{os.sep}", f"{os.sep}pluggy{os.sep}")
_OUTERMOST_FUNCTION = "Flask.wsgi_app"
#: Fixtures that take less time make no difference.
_SHORT_SECONDS = 2.0


class Recorder:
    """Recorder of the parts of the product that the current test reaches.

    They include those that other threads reach at the same time.
    """

    def __init__(self) -> None:
        self.record = Record()
        self._reached: set[int] = set()
        self._statements: set[str] = set()
        # Keyed by identity, since hashing a code object takes longer than all the rest. The object is kept too, so that
        # its address isn't reused.
        self._functions: dict[int, tuple[int, CodeType]] = {}
        self._tables: dict[str, tuple[int, ...]] = {}

    def begin(self) -> None:
        """Start recording a test, discarding what was reached before it."""
        self._reached = set()
        self._statements = set()

    def end(self, test: str, seconds: float) -> None:
        """Record the parts reached since `begin` and the duration of the test."""
        self.record.add(test, seconds, self._reached)

    def note(self, kind: str, name: str) -> None:
        """Record that the current test reached a part."""
        self._reached.add(self.record.number_of(f"{kind} {name}"))

    def note_request(self, _app: Flask, **_extra: object) -> None:
        """Record the endpoint of a request, or the static files that it asks for."""
        arguments = request.view_args or {}
        if request.endpoint == "static":
            self.note("static", arguments["filename"])
        elif request.endpoint == "bundle":
            bundle = BUNDLES[arguments["name"]]
            for name in bundle.names:
                self.note("static", f"{bundle.kind.ending}/{name}.{bundle.kind.ending}")
        elif request.endpoint is not None:
            self.note("endpoint", request.endpoint)

    def note_statement(self, _connection: object, _cursor: object, statement: str, *_others: object) -> None:
        """Record the tables of a statement, and the product's functions on the stack, once per test.

        The stack at each statement shows most of the relevant functions, at a thousandth of the cost of tracing all
        calls.
        """
        if statement in self._statements:
            return
        self._statements.add(statement)
        self._reached.update(self._tables_in(statement))
        frame: FrameType | None = sys._getframe(1)
        functions = self._functions
        while frame is not None:
            code = frame.f_code
            known = functions.get(id(code))
            if known is None:
                known = functions[id(code)] = (self._number_of(code), code)
            number = known[0]
            if number == _OUTERMOST:
                return
            if number != _FOREIGN:
                self._reached.add(number)
            frame = frame.f_back

    def _tables_in(self, statement: str) -> tuple[int, ...]:
        found = self._tables.get(statement)
        if found is None:
            if len(self._tables) > _MAX_STATEMENTS:
                self._tables.clear()
            names = set(_TABLE.findall(statement))
            found = self._tables[statement] = tuple(self.record.number_of(f"table {name}") for name in names)
        return found

    def _number_of(self, code: CodeType) -> int:
        if code.co_qualname == _OUTERMOST_FUNCTION or any(part in code.co_filename for part in _OUTERMOST_PARTS):
            return _OUTERMOST
        if not code.co_filename.startswith(_SOURCES) or code.co_name == "<module>":
            return _FOREIGN
        module = ".".join(Path(code.co_filename).relative_to(_ROOT).with_suffix("").parts)
        outermost = code.co_qualname.partition(".<locals>")[0]
        return self.record.number_of(f"function {module.removesuffix('.__init__')}:{outermost}")


class Recording:
    """Plugin that records the tests of a process.

    A worker sends its record; a process that runs alone saves it.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.recorder = Recorder()
        self._shared_seconds = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Record one test with its fixtures."""
        self.recorder.begin()
        self._shared_seconds = 0.0
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            for name in self.recorder.record.shared.keys() & set(getattr(item, "fixturenames", ())):
                self.recorder.note("fixture", name)
            self.recorder.end(item.nodeid, time.perf_counter() - began - self._shared_seconds)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Exclude the time of fixtures that all tests share from the duration of the test."""
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            if fixturedef.scope == "session":
                seconds = time.perf_counter() - began
                self._shared_seconds += seconds
                if seconds > _SHORT_SECONDS:
                    self.recorder.record.shared[fixturedef.argname] = seconds

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the record to the main process, or save it if there is none."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["reach"] = self.recorder.record.to_data(rare_only=False)
            output["collected"] = session.testscollected
        else:
            finish(self._config, self.recorder.record, session.testscollected)


class Gathering:
    """Plugin that merges the records of all workers and saves them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._record = Record()
        self._collected = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Merge the record of a worker that has finished.

        A worker that crashed has no record, so its tests are missing.
        """
        output = getattr(node, "workeroutput", {})
        if "reach" in output:
            self._record.merge(Record.from_data(output["reach"]))
            self._collected = output["collected"]

    def pytest_sessionfinish(self) -> None:
        """Save the record once the last worker has ended."""
        finish(self._config, self._record, self._collected)


def finish(config: pytest.Config, record: Record, collected: int, path: Path | None = None) -> None:
    """Save the record of a full run in which every test ran; tests whose turn it wasn't keep their record.

    The record of any other run is merged into the existing one, and only if the variable `RECORD_REACH` is set.
    """
    path = path or config.rootpath / PATH
    if is_full(config) and record.tests and len(record.tests) == collected:
        kept = load_record(path) or Record()
        kept.tests = {test: reach for test, reach in kept.tests.items() if Turn.part is not None and takes_turns(test)}
        kept.merge(record)
        save_record(kept, path)
    elif os.environ.get(FORCED):
        known = load_record(path) or Record()
        known.merge(record)
        save_record(known, path)


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin that records in processes that run tests, or the one that merges their records.

    The latter is registered in the process that only distributes the tests.
    """
    if hasattr(config, "workerinput") or config.getoption("dist", "no") == "no":
        recording = Recording(config)
        config.pluginmanager.register(recording, "reach-recording")
        _listen(recording.recorder)
    else:
        config.pluginmanager.register(Gathering(config), "reach-gathering")


def _listen(recorder: Recorder) -> None:
    """Connect the recorder to the product's requests, statements and templates.

    It is never disconnected, since the process ends with the run.
    """
    request_started.connect(recorder.note_request, weak=False)
    event.listen(Engine, "before_cursor_execute", recorder.note_statement)
    watch_templates(Templates, recorder)
    kept_fragment = fragments._fragment

    def fragment(reader: Reader, name: str, values: tuple[tuple[str, Any], ...]) -> Any:
        recorder.note("template", name)  # a cached one isn't loaded again
        return kept_fragment(reader, name, values)

    fragments._fragment = fragment


def watch_templates(environment: type[Templates], recorder: Recorder) -> None:
    """Record the templates that an environment class loads.

    Included and parent templates are recorded at each render.
    """

    def noting_name(load: Callable[..., Template]) -> Callable[..., Template]:
        @wraps(load)
        def noted(*args: Any, **options: Any) -> Template:
            template = load(*args, **options)
            if template.name is not None:
                recorder.note("template", template.name)
            return template

        return noted

    environment.get_template = noting_name(environment.get_template)  # type: ignore[method-assign]
    environment.select_template = noting_name(environment.select_template)  # type: ignore[method-assign]
