"""A pytest plugin that chooses the part of a run (tests/support/turns.py) and prints it beside each failure."""

import os
import shutil
import subprocess
from collections.abc import Generator
from typing import Any

import pytest

from tests.support.full_runs import is_full
from tests.support.turns import CHOICE, MARKER, Turn, chosen_part, described, takes_turns


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the part; workers get it from the main process."""
    from_main: dict[str, Any] | None = getattr(config, "workerinput", None)
    if from_main is not None:
        Turn.part = from_main["part"]
        return
    try:
        Turn.part = chosen_part(os.environ.get(CHOICE), _head(config), is_full_run=is_full(config))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker the part."""
    node.workerinput["part"] = Turn.part


def pytest_report_header() -> str:
    """Print the part at the beginning of a run."""
    return f"turns: {described(Turn.part)}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests whose turn it isn't."""
    waiting = [item for item in items if _waits(item)]
    if waiting:
        items[:] = [item for item in items if item not in set(waiting)]
        config.hook.pytest_deselected(items=waiting)


def _waits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker(MARKER)
    if marker is not None:
        return Turn.part not in (None, marker.args[0])
    return takes_turns(item.nodeid) and not Turn.has(item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print the part beside each failure."""
    report = yield
    if report.failed:
        report.sections.append(("Turn", described(Turn.part)))
    return report


def _head(config: pytest.Config) -> str | None:
    """Return the hash of HEAD, or None without Git."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=config.rootpath, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
