"""A pytest plugin that orders test modules and tests, and deselects tests whose real data is missing."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

from tests.support.real_data import SHARED

_FOLDERS = "tests"


T = TypeVar("T")


def rotated(places: list[T], worker: int, workers: int) -> list[T]:
    """Rotate `places` by the worker's share, so that each worker starts at a different one."""
    start = len(places) * worker // workers
    return places[start:] + places[:start]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Make each worker start collecting at a different folder.

    Most of the time for importing a test module goes into compiling it. By starting at different folders, workers find
    most modules already compiled by others, and don't all compile the same module at the same time.
    """
    report = yield
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    if name and isinstance(collector, pytest.Directory) and collector.path.name == _FOLDERS:
        workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        report.result = rotated(report.result, int(name.removeprefix("gw")), workers)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests in the same order on all workers, and deselect tests whose real data is missing.

    Browser tests come last: from its first test on, a browser has an event loop running in its thread, where the job
    worker needs its own. `--dist worksteal` doesn't work with these tests for the same reason. The longest browser test
    comes first among them, since otherwise two workers would wait for the third to finish it.
    """
    items.sort(
        key=lambda item: (
            "_browser" in getattr(item, "fixturenames", ()),
            item.path.name != "test_pages.py",
            item.path,
        )
    )
    if SHARED.exists():
        return
    left_out = [item for item in items if item.get_closest_marker("real_data")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
