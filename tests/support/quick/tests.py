"""Test functions of the project, found without importing them."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from tests.support.quick.words import words_of

_IMPORT = re.compile(r"^(?:from|import) ([\w.]+)(?: import (?:\(([^)]*)\)|(.*)))?$", re.MULTILINE)
#: Seconds of a test that no full run has recorded: by default, and by its folder.
_SECONDS = 0.2
_SECONDS_BY_FOLDER = {"browser": 3.0, "contract": 2.0, "demo": 2.0, "faults": 8.0, "howto": 40.0, "server": 4.0}


@dataclass(frozen=True, slots=True)
class TestFile:
    """A test file, with the words of its path and of its code outside of tests.

    The latter include the names of imported modules.
    """

    __test__ = False  # otherwise pytest would collect it

    path: str
    path_words: frozenset[str]
    words: frozenset[str]

    @property
    def usual_seconds(self) -> float:
        """Estimated duration of one of its tests in seconds, by its folder."""
        return _SECONDS_BY_FOLDER.get(PurePath(self.path).parts[1], _SECONDS)


@dataclass(frozen=True, slots=True)
class TestFunction:
    """A test function, with its node ID without parameters and the words of its code."""

    __test__ = False

    file: TestFile
    node: str
    words: frozenset[str]


def read_tests(files: Mapping[str, str]) -> list[TestFunction]:
    """Return the test functions in all files that pytest would collect; `files` maps paths to texts."""
    return [test for path, text in files.items() if PurePath(path).match("test_*.py") for test in _tests_of(path, text)]


def _tests_of(path: str, text: str) -> Iterator[TestFunction]:
    try:
        nodes = list(_functions(ast.parse(text).body, path))
    except (SyntaxError, ValueError):
        return
    lines = text.splitlines()
    bodies = {name: lines[first - 1 : last] for name, first, last in nodes}
    inside = {number for _name, first, last in nodes for number in range(first, last + 1)}
    others = "\n".join(line for number, line in enumerate(lines, start=1) if number not in inside)
    file = TestFile(path, words_of(path), words_of(others) | _imports_of(others))
    for name, body in bodies.items():
        yield TestFunction(file, name, words_of("\n".join([name.removeprefix(path), *body])))


def _functions(body: list[ast.stmt], around: str) -> Iterator[tuple[str, int, int]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{around}::{node.name}")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield f"{around}::{node.name}", first, node.end_lineno or first


def _imports_of(text: str) -> frozenset[str]:
    """Return the full names of the modules that a file imports, and of the names imported from them."""
    found = set()
    for module, *names in _IMPORT.findall(text):
        found |= {module, *(f"{module}.{name}" for name in re.findall(r"\w+", "".join(names)))}
    return frozenset(found)
