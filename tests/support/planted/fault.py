"""Faults that can be planted in a copy of the project, and the kinds of faults that must be covered."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """A category of faults."""

    ROLE_500 = "500 for one role only"
    PERMISSION = "another role's permission"
    SECOND_PRIMARY = "second primary button"
    PLACE_MARK = "missing place mark"
    RAW_COLOR = "raw color"
    CONTRAST = "bad contrast in one view"
    UNLABELED = "unlabeled field on a CSR's page"
    HEADING = "skipped heading"
    LINK = "broken link"
    CACHED = "cached for the wrong organization"
    LEFT_ROW = "row left by the previous test"
    WORK = "work"
    PEOPLE = "people"
    TRUST = "trust"
    DATA = "data"
    INSIGHT = "insight"
    INPUT = "odd, hostile or lost input"
    SCRIPT = "script"
    WIDTH = "too wide for a phone"
    CONTRACT = "contract of the API"


#: The kinds that any feature test can catch. The walks, the browser pages and the fixtures must catch the others.
AREAS = frozenset({Kind.WORK, Kind.PEOPLE, Kind.TRUST, Kind.DATA, Kind.INSIGHT})
#: The kinds that only the fresh faults have.
FRESH_KINDS = frozenset({Kind.INPUT, Kind.SCRIPT, Kind.WIDTH, Kind.CONTRACT})


class NotPlantable(Exception):
    """The text to be replaced doesn't occur exactly once in the fault's file."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A replacement of `old` by `new` in the file at `path`, relative to the project's root.

    `tests` are the paths or node IDs of the nearest tests, by their names before and after the suite was reorganized. A
    node ID without parameters stands for every case of that test.
    """

    name: str
    kind: Kind
    path: str
    old: str
    new: str
    tests: tuple[str, ...]

    def occurrences(self, root: Path) -> int:
        """Count how often `old` occurs in the file below `root`."""
        path = root / self.path
        return path.read_text(encoding="utf-8").count(self.old) if path.is_file() else 0

    @contextmanager
    def planted(self, root: Path) -> Iterator[None]:
        """Plant the fault below `root` inside the block. Raises NotPlantable."""
        if (found := self.occurrences(root)) != 1:
            raise NotPlantable(f"{self.name}: {self.path} contains the replaced text {found} times, not once")
        path = root / self.path
        original, times = path.read_bytes(), path.stat()
        path.write_bytes(original.replace(self.old.encode(), self.new.encode()))
        try:
            yield
        finally:
            path.write_bytes(original)
            # Restore the original time, so that the module compiled from the faulty file, which has another, isn't
            # used.
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
