"""Selection of the tests that can catch a fault, nearest first, among those that exist in a checkout."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from tests.support.planted.fault import Fault

#: Tests of the whole product, tried after the nearest tests and the mirrored folder.
_OF_EVERYTHING = ("tests/contract", "tests/browser/test_pages.py")
#: Folders of the product whose tests are in a folder of the same name.
_MIRRORED = ("app", "templates")


def existing_files(root: Path, faults: Iterable[Fault]) -> list[str]:
    """Return the files and folders of the nearest tests of all `faults` that exist below `root`."""
    named = {test.partition("::")[0] for fault in faults for test in fault.tests}
    return sorted(name for name in named if (root / name).exists())


def nearest_tests(fault: Fault, collected: Sequence[str]) -> list[str]:
    """Return the nearest tests of `fault` that select any of the collected node IDs."""
    return [test for test in fault.tests if any(stands_for(test, node) for node in collected)]


def further_tests(fault: Fault, root: Path) -> list[str]:
    """Return the folders and files whose tests could catch `fault` if the nearest tests don't.

    The files of those nearest tests that are only parts of a file come first.
    """
    files = [file for file, separator, _test in (test.partition("::") for test in fault.tests) if separator]
    mirrored = _mirrored_folder(PurePath(fault.path), root)
    found = dict.fromkeys([*files, *([mirrored] if mirrored else []), *_OF_EVERYTHING])
    return [path for path in found if (root / path).exists()]


def stands_for(test: str, node: str) -> bool:
    """Return whether `test` selects the node ID `node`.

    `test` is a path, or a node ID with or without its parameters.
    """
    return node == test or any(node.startswith(f"{test}{mark}") for mark in ("::", "[", "/"))


def _mirrored_folder(path: PurePath, root: Path) -> str | None:
    """Return the deepest test folder that mirrors the folder of one of the product's files, if any."""
    if path.parts[0] not in _MIRRORED:
        return None
    folders: Iterator[PurePath] = (PurePath("tests", *path.parts[1:end]) for end in range(len(path.parts) - 1, 1, -1))
    return next((str(folder) for folder in folders if (root / folder).is_dir()), None)
