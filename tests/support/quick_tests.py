"""The test functions of the project as text, read without importing them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from tests.support.quick_words import words_of

_BEGINS = re.compile(r"(?P<indent>    )?(?:(?P<decorator>@)|(?:async )?(?P<kind>def|class) (?P<name>\w+))")
_IMPORT = re.compile(r"^(?:from|import) ([\w.]+)(?: import (?:\(([^)]*)\)|(.*)))?$", re.MULTILINE)
_IN_BROWSER = "mark.browser"
_WITHOUT_SCRIPTS = re.compile(r"\b(?:javascript|java_script_enabled)=False")


@dataclass(frozen=True, slots=True)
class TestFile:
    """A file of tests: the words of its path, and of all in it that is not one of its tests, imported modules too."""

    __test__ = False  # pytest takes it for a test otherwise

    path: str
    path_words: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class TestFunction:
    """A test before it is parametrized; `name` is the part of its node id that follows the path."""

    __test__ = False

    file: TestFile
    name: str
    text: str
    words: frozenset[str]
    in_browser: bool

    @property
    def node(self) -> str:
        """Node id without parameters."""
        return f"{self.file.path}::{self.name}"

    @property
    def runs_scripts(self) -> bool:
        """Whether the scripts of pages run in this test."""
        return self.in_browser and not _WITHOUT_SCRIPTS.search(self.text)


@dataclass(slots=True)
class _Block:
    """A function or class with its decorators, or what stands between them at the outermost level."""

    name: str = ""
    kind: str = ""
    in_class: bool = False
    lines: list[str] = field(default_factory=list)

    @property
    def is_test(self) -> bool:
        return self.kind == "def" and self.name.startswith("test_")


def read_tests(files: Mapping[str, str]) -> list[TestFunction]:
    """Return the test functions of all files that pytest collects, by their paths and texts."""
    return [test for path, text in files.items() if is_test_file(path) for test in _tests_of(path, text)]


def is_test_file(path: str) -> bool:
    """Tell whether pytest looks for tests in a file."""
    return PurePath(path).match("test_*.py")


def _tests_of(path: str, text: str) -> Iterator[TestFunction]:
    blocks = list(_blocks_of(text))
    others = "\n".join(line for block in blocks if not block.is_test for line in block.lines)
    file = TestFile(path, words_of(path), words_of(others) | imports_of(others))
    marked = any(line.startswith("pytestmark") and _IN_BROWSER in line for line in others.splitlines())
    all_in_browser = marked or ("playwright" in others and _IN_BROWSER not in text)
    around = ""
    for block in blocks:
        if block.kind == "class" and not block.in_class:
            around = block.name
        if block.is_test:
            name = f"{around}::{block.name}" if block.in_class else block.name
            body = "\n".join(block.lines)
            in_browser = all_in_browser or _IN_BROWSER in body
            yield TestFunction(file, name, body, words_of(f"{around} {body}"), in_browser)


def imports_of(text: str) -> frozenset[str]:
    """Return the modules that a file imports, and what it imports from them, by their full names."""
    found = set()
    for module, *names in _IMPORT.findall(text):
        found |= {module, *(f"{module}.{name}" for name in re.findall(r"\w+", "".join(names)))}
    return frozenset(found)


def _blocks_of(text: str) -> Iterator[_Block]:
    block = _Block()
    for line in text.splitlines():
        begins = _BEGINS.match(line)
        is_outside = bool(line) and line[0] not in " )]}#"
        # Decorators wait for what they decorate.
        if (begins or is_outside) and not (begins and block.kind == "@"):
            yield block
            block = _Block()
        if begins:
            block.kind = "@" if begins["decorator"] else begins["kind"]
            block.name = begins["name"] or ""
            block.in_class = bool(begins["indent"])
        block.lines.append(line)
    yield block
