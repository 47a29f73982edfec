"""`make quick` in a small project: what it runs, what it says, and how it ends."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.quick import CHOICE
from tests.support.quick_plan import Plan
from tests.support.quick_worker import NO_TIME, Limits, TimeIsUp, Worker

HERE = Path(__file__).parent
TESTS = "def test_it_steeps():\n    assert {}\n\n\ndef test_it_pours():\n    assert 1\n"
Quick = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one module and its tests, committed."""
    files = {
        "app/tea.py": "def steep():\n    return 4\n",
        "tests/test_tea.py": TESTS.format(1),
        "tests/test_cake.py": "def test_it_bakes():\n    assert 1\n",
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n'
        'filterwarnings = ["error"]\n',
        ".gitignore": "__pycache__/\nvar/\n",
    }
    for path, source in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    (tmp_path / "tests" / "support").mkdir()
    for source_file in (*HERE.glob("quick*.py"), HERE / "reach_record.py"):
        shutil.copy(source_file, tmp_path / "tests" / "support")
    for arguments in (
        ["init"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-m", "-"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607
    return tmp_path


@pytest.fixture
def quick(project: Path) -> Quick:
    """Run it, as from a terminal."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "QUICK_"))}

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.support.quick"]
        return subprocess.run(
            command, cwd=project, env={**alone, **environment}, capture_output=True, text=True, check=False
        )

    return run


def test_it_runs_what_is_near_and_says_what_it_ranked_by(project: Path, quick: Quick) -> None:
    (project / "app" / "tea.py").write_text("def steep():\n    return 5\n")

    done = quick()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed not committed yet: app/tea.py" in done.stdout
    assert "No record of a full run (var/tests/reach.json): ranked by names and importers." in done.stdout
    assert "2 tests ran" in done.stdout
    assert "all that are near" in done.stdout


def test_a_failure_is_shown_and_is_the_exit_status(project: Path, quick: Quick) -> None:
    (project / "tests" / "test_tea.py").write_text(TESTS.format(0))

    done = quick()

    assert done.returncode == 1
    assert "FAILED tests/test_tea.py::test_it_steeps" in done.stdout


def test_without_time_nothing_runs_and_that_is_no_success(project: Path, quick: Quick) -> None:
    (project / "app" / "tea.py").write_text("def steep():\n    return 5\n")

    done = quick(**{CHOICE: "0"})

    assert done.returncode == 1
    assert "0 tests ran" in done.stdout
    assert "2 near ones not reached: run `make test`" in done.stdout


def test_where_nothing_is_near_that_is_said(project: Path, quick: Quick) -> None:
    (project / "README.md").write_text("Biscuits\n")

    done = quick()

    assert done.returncode == 1
    assert "no test is near to what has changed" in done.stdout


class TestWorker:
    ITEM: Any = SimpleNamespace(nodeid="tests/test_tea.py::test_it_steeps", fixturenames=())

    @staticmethod
    def worker(*, begin: float = 60, interrupt: float = 60, seconds: float = 0) -> Worker:
        """One with so many seconds left, and with tests of so many seconds."""
        now = time.monotonic()
        return Worker(Plan({}, {TestWorker.ITEM.nodeid: seconds}), Limits(now + begin, now + interrupt, now + 90))

    def test_a_test_that_would_begin_or_end_too_late_is_skipped(self) -> None:
        self.worker().pytest_runtest_setup(self.ITEM)
        for late in (self.worker(begin=-1), self.worker(seconds=100)):
            with pytest.raises(pytest.skip.Exception, match=NO_TIME):
                late.pytest_runtest_setup(self.ITEM)

    def test_a_test_that_goes_on_is_interrupted_and_not_called_a_failure(self) -> None:
        running = self.worker(interrupt=0.01).pytest_runtest_call(self.ITEM)
        next(running)
        with pytest.raises(TimeIsUp) as interrupted:
            time.sleep(60)
        with pytest.raises(TimeIsUp):
            running.throw(interrupted.value)

        reporting = self.worker().pytest_runtest_makereport(SimpleNamespace(excinfo=interrupted))  # type: ignore[arg-type]
        next(reporting)
        report = SimpleNamespace(outcome="failed", longrepr="")
        with pytest.raises(StopIteration):
            reporting.send(report)
        assert (report.outcome, NO_TIME in report.longrepr[2]) == ("skipped", True)

    def test_a_test_may_have_an_event_loop_while_a_browser_waits(self) -> None:
        loop = asyncio.new_event_loop()
        worker = self.worker()
        asyncio._set_running_loop(loop)
        try:
            running = worker.pytest_runtest_protocol(self.ITEM)
            next(running)
            assert asyncio.run(asyncio.sleep(0, "done")) == "done"
            with pytest.raises(StopIteration):
                next(running)
            assert asyncio._get_running_loop() is loop
        finally:
            asyncio._set_running_loop(None)
            loop.close()
