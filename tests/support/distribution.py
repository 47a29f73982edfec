"""A pytest plugin that gives each worker whole folders of tests, or whole files of large ones.

What tests of a folder do for the first time in a process (compile statements, read templates, plan what triggers send)
is done by one worker then, and not by each of them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

#: Folders with more tests are distributed by file, so that no worker has to wait for another at the end.
_MAX_TESTS_OF_FOLDER = 150


class FolderScheduling(LoadScopeScheduling):
    """Scheduling of consecutive tests of a folder, or of a file if the folder has many, by one worker."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order of collection has its reasons
        self._scopes: dict[str, str] = {}

    def schedule(self) -> None:
        """Distribute the tests; later calls give new workers something to do."""
        if not self._scopes:
            self._scopes = dict(scopes_of(next(iter(self.registered_collections.values()))))
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._scopes[nodeid]


def scopes_of(tests: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each test with the name of what is run by one worker.

    A folder occurs twice if tests of others are between its own: those with a browser come last.
    """
    folders = Counter(map(_folder_of, tests))

    def place_of(test: str) -> str:
        folder = _folder_of(test)
        return folder if folders[folder] <= _MAX_TESTS_OF_FOLDER else test.partition("::")[0]

    for number, (place, run) in enumerate(groupby(tests, place_of)):
        for test in run:
            yield test, f"{number} {place}"


def _folder_of(test: str) -> str:
    return str(PurePosixPath(test.partition("::")[0]).parent)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FolderScheduling | None:
    """Return the scheduler, unless another one was chosen with `--dist`."""
    return FolderScheduling(config, log) if config.getoption("dist") == "load" else None
