"""Where in a source file something changed: the definitions around it, and the lines that belong to them."""

import ast
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

#: Lines of a long definition that are looked at before and after the changed one.
_AROUND = 12
#: The same in a template, where what belongs together stands close.
_AROUND_IN_TEMPLATE = 4


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, class or module-level name of a Python file, with its lines; decorators belong to it."""

    name: str
    first: int
    last: int
    is_function: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A changed spot: the names of what it is in, the outermost first, the text around it, and what is said of it."""

    names: tuple[str, ...]
    text: str
    note: str = ""


@lru_cache(maxsize=512)
def definitions_of(source: str) -> tuple[Definition, ...]:
    """Return the definitions of a Python file, each before those inside it; none where it cannot be parsed."""
    try:
        return tuple(_definitions(ast.parse(source).body, ""))
    except (SyntaxError, ValueError):
        return ()


def _definitions(body: Iterable[ast.stmt], prefix: str) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            name = prefix + node.name
            yield Definition(name, first, node.end_lineno or first, not isinstance(node, ast.ClassDef))
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node.body, f"{name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))
            yield from (Definition(prefix + name, node.lineno, node.end_lineno or node.lineno, False) for name in names)


def definitions_at(source: str, number: int) -> list[Definition]:
    """Return the definitions that a line stands in, the outermost first."""
    return [one for one in definitions_of(source) if one.first <= number <= one.last]


def place_of(path: str, source: str, number: int) -> Place:
    """Look around one line of a file."""
    lines = source.splitlines() or [""]
    at = min(max(number, 1), len(lines)) - 1
    if path.endswith(".py"):
        return _place_in_python(source, lines, number)
    if path.endswith((".js", ".css")):
        return _place_in_script(lines, at)
    text = "\n".join(lines[max(at - _AROUND_IN_TEMPLATE, 0) : at + _AROUND_IN_TEMPLATE + 1])
    return Place(tuple(_names_above(_SQL if path.endswith(".sql") else _BLOCK, lines, at)), text)


def _place_in_python(source: str, lines: Sequence[str], number: int) -> Place:
    around = definitions_at(source, number)
    first, last = (around[-1].first, around[-1].last) if around else (number, number)
    text = lines[max(first - 1, number - _AROUND, 0) : min(last, number + _AROUND)]
    names = [one.name for one in around]
    # A long string of SQL has many statements: the last one begun is what the line belongs to.
    started = _names_above(_SQL, lines, min(number, len(lines)) - 1, down_to=max(first - 1, 0))
    note = [] if number == first else _comment_above(lines, first - 1)
    return Place((*names, *started), "\n".join(text), "\n".join([*note, *_summary(lines, around[-1:])]))


def _comment_above(lines: Sequence[str], at: int) -> list[str]:
    """Return the lines of the comment that ends above a line."""
    first = at
    while first > 0 and lines[first - 1].lstrip().startswith(("#", "//", "/*")):
        first -= 1
    return list(lines[first:at])


def _summary(lines: Sequence[str], definitions: Iterable[Definition]) -> list[str]:
    """Return the first line of each function's docstring."""
    inside = (line for one in definitions if one.is_function for line in lines[one.first - 1 : one.last])
    return [line for line in inside if line.lstrip().startswith('"""')][:1]


_SQL = re.compile(r"\b(?:FUNCTION|TRIGGER|TABLE|VIEW|POLICY|INDEX)\s+(?:IF (?:NOT )?EXISTS\s+)?(\w+)")
_BLOCK = re.compile(r"\{%-?\s*(?:macro|block)\s+(\w+)")
_CONSTANT = re.compile(r"const (\w+) = [\"'`].*;")
#: A definition in a script, or a method: a word before parameters and an opening brace that begins no statement.
_NAMED_IN_SCRIPT = re.compile(
    r"\s*(?:async |static |get |set )*(?:(?:function\*?|const|let|class)\s+\{?\s*(?P<name>\w+)"
    r"|(?!if|for|while|switch|catch)(?P<method>\w+)\(.*\{$)"
)


def _names_above(pattern: re.Pattern[str], lines: Sequence[str], at: int, down_to: int = 0) -> list[str]:
    """Return the name in the closest line that matches, at `at` or above."""
    for line in reversed(lines[down_to : at + 1]):
        if found := pattern.search(line):
            return [found[1]]
    return []


def _place_in_script(lines: Sequence[str], at: int) -> Place:
    """Return the statement of the outermost level, with its comment, its section's heading, and constants in it."""
    first = next((one for one in range(at, -1, -1) if _begins_statement(lines[one])), 0)
    last = next((one for one in range(at, len(lines)) if lines[one].startswith(("}", ")", "]"))), at)
    heading = next((line for line in reversed(lines[:first]) if line.startswith(("// ----", "/* ----"))), "")
    inside = "\n".join(lines[max(first, at - 2 * _AROUND) : min(last + 1, at + 2 * _AROUND)])
    constants = [line for line in lines if (found := _CONSTANT.match(line)) and found[1] in inside]
    note = "\n".join([heading, *_comment_above(lines, first)])
    return Place(tuple(_names_around(lines[first : at + 1])), "\n".join([inside, *constants]), note)


def _names_around(lines: Sequence[str]) -> list[str]:
    """Return the names of what the last line stands in, by its indentation, the outermost first."""
    names: list[str] = []
    indent = math.inf
    for line in reversed(lines):
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth < indent:
            indent = depth
            if found := _NAMED_IN_SCRIPT.match(line):
                names.append(found["name"] or found["method"])
    return names[::-1]


def _begins_statement(line: str) -> bool:
    return bool(line) and not line.startswith((" ", "}", ")", "]", "//", "/*"))
