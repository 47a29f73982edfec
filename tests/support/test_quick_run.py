"""A run of `make quick` in a small project: its tests, its output, and its exit status."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.quick.__main__ import CHOICE
from tests.support.quick.order import Plan
from tests.support.quick.worker import Worker
from tests.support.reach_record import PATH as RECORD
from tests.support.reach_record import Record, save_record

HERE = Path(__file__).parent
TESTS = "def test_it_steeps():\n    assert {}\n\n\ndef test_it_steeps_twice():\n    assert 1\n"
_WITH_A_FIXTURE = """
import pytest


@pytest.fixture(scope="module")
def tea():
    return 1


def test_it_steeps(tea):
    assert tea
"""
Quick = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one module and its tests, committed to Git."""
    files = {
        "app/tea.py": "def steep():\n    return 4\n",
        "tests/test_tea.py": TESTS.format(1),
        "tests/test_cake.py": "".join(f"def test_it_bakes_{number}():\n    assert 1\n\n\n" for number in range(9)),
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n'
        'filterwarnings = ["error"]\n',
        ".gitignore": "__pycache__/\nvar/\n",
    }
    for path, source in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    shutil.copytree(HERE / "quick", tmp_path / "tests" / "support" / "quick")
    shutil.copy(HERE / "reach_record.py", tmp_path / "tests" / "support")
    for arguments in (
        ["init"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-m", "-"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607
    return tmp_path


@pytest.fixture
def quick(project: Path) -> Quick:
    """Function that runs `make quick` as from a terminal, with these environment variables."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "QUICK_"))}

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.support.quick"]
        return subprocess.run(
            command,
            cwd=project,
            # on a busy machine, Python and pytest take seconds to start
            env={**alone, CHOICE: "300", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_it_runs_what_is_near_and_says_what_it_ranked_by(project: Path, quick: Quick) -> None:
    (project / "app" / "tea.py").write_text("def steep():\n    return 5\n")

    done = quick()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "changes not committed yet: app/tea.py" in done.stdout
    assert "No record of a full run (var/tests/reach.json). Tests are ranked by names and imports." in done.stdout
    assert "tests run: 2, in" in done.stdout
    assert "not reached: 0." in done.stdout


def test_a_failure_is_shown_and_is_the_exit_status(project: Path, quick: Quick) -> None:
    (project / "tests" / "test_tea.py").write_text(TESTS.format(0))

    done = quick()

    assert done.returncode == 1
    assert "FAILED tests/test_tea.py::test_it_steeps" in done.stdout


def test_without_time_nothing_runs_and_that_is_no_success(project: Path, quick: Quick) -> None:
    (project / "app" / "tea.py").write_text("def steep():\n    return 5\n")

    done = quick(**{CHOICE: "0"})

    assert done.returncode == 1
    assert "tests run: 0, in" in done.stdout
    assert "not reached: 2." in done.stdout


def test_where_nothing_is_near_that_is_said(project: Path, quick: Quick) -> None:
    (project / "README.md").write_text("Biscuits\n")

    done = quick()

    assert done.returncode == 1
    assert "no tests are near the changes" in done.stdout


def test_after_a_test_that_is_too_long_come_others(project: Path, quick: Quick) -> None:
    record = Record()
    for name, seconds in (("a", 0.1), ("b", 500.0), ("c", 0.1)):
        (project / "tests" / f"test_tea_{name}.py").write_text(_WITH_A_FIXTURE)
        record.add(f"tests/test_tea_{name}.py::test_it_steeps", seconds, [])
    save_record(record, project / RECORD)
    (project / "app" / "tea.py").write_text("def steep():\n    return 5\n")

    done = quick()

    assert done.returncode == 0, done.stdout
    assert "not reached: 1." in done.stdout


def test_a_test_that_goes_on_is_ended_and_named(project: Path, quick: Quick) -> None:
    (project / "tests" / "test_tea.py").write_text("import time\n\n\ndef test_it_steeps():\n    time.sleep(600)\n")

    for seconds in ("10", "30", "90"):  # until the test has begun
        done = quick(**{CHOICE: seconds})
        if "Not finished in time" in done.stdout:
            break

    assert "Not finished in time: tests/test_tea.py::test_it_steeps" in done.stdout
    assert done.returncode == 1


def test_a_file_that_cannot_be_read_is_a_failure(project: Path, quick: Quick) -> None:
    (project / "tests" / "test_tea.py").write_text("import teapot\n" + TESTS.format(1))

    done = quick()

    assert "No module named 'teapot'" in done.stdout
    assert "FAILED tests/test_tea.py" in done.stdout
    assert done.returncode == 1


def test_a_test_may_have_an_event_loop_while_a_browser_waits() -> None:
    item: Any = SimpleNamespace(nodeid="tests/test_tea.py::test_it_steeps", fixturenames=())
    loop = asyncio.new_event_loop()
    asyncio._set_running_loop(loop)
    try:
        running = Worker(Plan({}, {}), 0).pytest_runtest_call(item)
        next(running)
        assert asyncio.run(asyncio.sleep(0, "done")) == "done"
        with pytest.raises(StopIteration):
            next(running)
        assert asyncio._get_running_loop() is loop
    finally:
        asyncio._set_running_loop(None)
        loop.close()
