"""The order in which tests are collected and run; a plugin of the tests."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

from tests.support.real_data import SHARED

_FOLDERS = "tests"


T = TypeVar("T")


def rotated(places: list[T], worker: int, workers: int) -> list[T]:
    """Return `places` as the worker of this number goes through them: each begins elsewhere."""
    start = len(places) * worker // workers
    return places[start:] + places[:start]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Have each worker begin at another folder.

    Reading a module of tests means compiling it, two seconds in three where nothing is compiled yet. So each worker
    finds compiled most of what the others have read, rather than all of them compiling everything at the same time.
    """
    report = yield
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    if name and isinstance(collector, pytest.Directory) and collector.path.name == _FOLDERS:
        workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        report.result = rotated(report.result, int(name.removeprefix("gw")), workers)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put tests into one order on all workers, browsers last. Without real files beside the checkout, leave out theirs.

    A browser keeps an event loop running in its thread from its first test on, where the job worker wants one of its
    own; for the same reason, `--dist worksteal` is not for these tests. The longest walk comes first of the browsers:
    at the end, two workers would wait for the third to finish it.
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
