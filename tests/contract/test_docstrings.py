"""Docstrings are plain technical English: summaries that stand alone and say more than the name."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from tests.support.sources import parsed, statements

#: Fewer words repeat the name.
MIN_WORDS = 4
#: Help texts of commands are for people at a terminal, who don't see the function's name.
COMMANDS = PROJECT_ROOT / "app" / "cli"

#: Such a summary is a clause, or needs the docstring above it.
_HEADLESS = re.compile(
    r"(?:What|Whose|Whom|Whether|Who|Whoever|Which|Why|When|How|Where|The same|As|Those|These|Of|It|Once|They)\b"
)
#: A function's summary is a command; ruff's D401 finds verbs in another mood, and this finds summaries without a verb.
_NO_COMMAND = re.compile(
    r"(?:The|A|An|All|Each|Every|No|None|One|Two|Its|Their|Some|Any|Everything|Rows|If|For|In|On|By|With|Without|From|At"
    r"|To|Not|Only|There|Nothing|Something|Another|Both|Many|Whatever|That|This)\b"
)

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module


@cache
def docstrings(folder: str) -> Sequence[tuple[Path, Documented, str]]:
    """Return each docstring below `folder`, with its file and what it documents."""
    return [
        (path, node, docstring)
        for path, tree in parsed(PROJECT_ROOT / folder)
        for node in statements(tree)
        if isinstance(node, Documented) and (docstring := ast.get_docstring(node))
    ]


def faults_in(node: Documented, docstring: str) -> Iterator[str]:
    if _HEADLESS.match(docstring):
        yield "headless"
    elif _is_function(node) and _NO_COMMAND.match(docstring):
        yield "no command"


@pytest.mark.parametrize("folder", ["app", "demo", "bench", "tests", "migrations"])
def test_every_summary_stands_alone(folder: str) -> None:
    wrong = [
        f"{path.relative_to(PROJECT_ROOT)}:{getattr(node, 'lineno', 1)} {fault}: {docstring.splitlines()[0]}"
        for path, node, docstring in docstrings(folder)
        for fault in faults_in(node, docstring)
    ]

    assert wrong == []


def test_no_docstring_only_repeats_a_name() -> None:
    empty = [
        f"{path.relative_to(PROJECT_ROOT)}:{node.lineno} {docstring}"
        for folder in ("app", "demo", "bench")
        for path, node, docstring in docstrings(folder)
        if not isinstance(node, ast.Module) and COMMANDS not in path.parents
        if len(docstring.split()) < MIN_WORDS or docstring.lower().startswith("see above")
    ]

    assert empty == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('def f():\n "What the caller wants."', "headless"),
        ('class C:\n "Whose turn it is."', "headless"),
        ('"As `app.periods`, for months."', "headless"),
        ('def f():\n "The rows of a page."', "no command"),
        ('def f():\n "Return the rows of a page."', None),
        ('@property\ndef f(self):\n "The rows of a page."', None),
        ('class C:\n "The rows of a page."', None),
        ('def test_f():\n "Each page has rows."', None),
    ],
)
def test_a_planted_summary_is_judged(source: str, fault: str | None) -> None:
    module = ast.parse(source)
    [(node, docstring)] = [
        (node, docstring)
        for node in ast.walk(module)
        if isinstance(node, Documented) and (docstring := ast.get_docstring(node))
    ]

    assert next(faults_in(node, docstring), None) == fault


def _is_function(node: Documented) -> bool:
    """Return whether `node` is a function whose summary is a command.

    That of a property or a fixture is a noun phrase, and that of a test states what it proves.
    """
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("test_"):
        return False
    return not any(re.search("property|fixture", ast.unparse(decorator)) for decorator in node.decorator_list)
