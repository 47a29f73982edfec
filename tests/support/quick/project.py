"""Sources of the project: the definition around a line, and the places that mention a definition."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

#: Number of context lines before and after a changed one.
_AROUND = 8
_SQL_NAME = re.compile(
    r"\b(?:FUNCTION|TRIGGER|TABLE|VIEW|POLICY|INDEX)\s+(?:IF (?:NOT )?EXISTS\s+)?(\w+)|_table\(\s*\"(\w+)\""
)
_BLOCK_NAME = re.compile(r"\{%-?\s*(?:macro|block)\s+(\w+)")
#: A function, a class or a method of a script: a word before parameters and an opening brace that isn't a keyword.
_SCRIPT_NAME = re.compile(
    r"(?:function\*?|class) (\w+)|const (\w+) = .*=>|^\s*(?:async |get |set )*(?!if|for|while|switch|catch)(\w+)\(.*\{$"
)
_NAMES = {".html": _BLOCK_NAME, ".txt": _BLOCK_NAME, ".js": _SCRIPT_NAME, ".sql": _SQL_NAME}
_TABLE = re.compile(r"""__tablename__ = "(\w+)"|create_(?:tenant_)?table\(\s*"(\w+)"|CREATE TABLE (\w+)""")
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, class or constant of a Python file, with its lines, including decorators."""

    path: str
    name: str
    first: int
    last: int

    @property
    def part(self) -> str:
        """Name of the definition in the record of a full run."""
        return f"function {module_of(self.path)}:{self.name}"


class Project:
    """A working tree; each file is read when it is first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: dict[tuple[str, str], dict[str, str]] = {}

    def text(self, path: str) -> str:
        """Return a file's text, or an empty string if it doesn't exist or isn't text."""
        return _read(self._root / path)

    def files(self, folder: str, ending: str) -> dict[str, str]:
        """Return the texts of all files below a folder with this ending, by path."""
        if (folder, ending) not in self._texts:
            found = sorted((self._root / folder).rglob(f"*{ending}"))
            self._texts[folder, ending] = {str(path.relative_to(self._root)): _read(path) for path in found}
        return self._texts[folder, ending]

    @cached_property
    def product(self) -> dict[str, str]:
        """Texts of all Python files of the product, by path."""
        return self.files("app", ".py") | self.files("demo", ".py")

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of all tables and functions in the database."""
        texts = [*self.files("migrations", ".py").values(), *self.files("migrations", ".sql").values()]
        texts += self.files("app/models", ".py").values()
        found = (name for text in texts for name in (*_FUNCTION.findall(text), *_flat(_TABLE.findall(text))))
        return frozenset(found)

    def tables_of_trigger(self, function: str) -> set[str]:
        """Return the tables whose triggers call a database function."""
        calls = re.compile(rf"\bON (\w+)\b[^;]{{0,400}}?EXECUTE FUNCTION {function}\b")
        texts = self.files("migrations", ".py").values()
        return {table for text in texts if function in text for table in calls.findall(text)} & self.tables

    def users(self, definition: Definition) -> Iterator[Definition]:
        """Yield the definitions that mention the given one, in its module or in modules that import it."""
        name = definition.name.rpartition(".")[2]
        package, _, module = module_of(definition.path).rpartition(".")
        for path, text in self.product.items():
            if name in text and (
                path == definition.path
                or f"{package}.{module}" in text
                or (f"from {package} import" in text and module in text)
            ):
                yield from (one for one in _mentioning(path, text, name) if one != definition)

    def mentioning(self, word: str) -> Iterator[Definition]:
        """Yield the definitions of the product that contain a word.

        The word is the name of a template or of a database object.
        """
        for path, text in self.product.items():
            if word in text:
                yield from _mentioning(path, text, word)

    def templates_with(self, word: str) -> list[str]:
        """Return the names of the templates that contain a word."""
        has = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])").search
        templates = self.files("templates", "")
        return [path.removeprefix("templates/") for path, text in templates.items() if word in text and has(text)]


def _mentioning(path: str, text: str, word: str) -> list[Definition]:
    has = re.compile(rf"(?<![\w/]){re.escape(word)}(?![\w/])").search
    numbers = (number for number, line in enumerate(text.splitlines(), start=1) if has(line))
    return list(dict.fromkeys(one for number in numbers for one in definitions_at(path, text, number)[-1:]))


@lru_cache(maxsize=512)
def _definitions_of(path: str, source: str) -> tuple[Definition, ...]:
    try:
        return tuple(_definitions(path, ast.parse(source).body, ""))
    except (SyntaxError, ValueError):
        return ()


def _definitions(path: str, body: Iterable[ast.stmt], prefix: str) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield Definition(path, prefix + node.name, first, node.end_lineno or first)
            if isinstance(node, ast.ClassDef):
                yield from _definitions(path, node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for name in (one.id for one in ast.walk(target) if isinstance(one, ast.Name)):
                    yield Definition(path, prefix + name, node.lineno, node.end_lineno or node.lineno)


def definitions_at(path: str, source: str, number: int) -> list[Definition]:
    """Return the definitions around a line of a Python file, outermost first.

    There are none if the file has a syntax error.
    """
    return [one for one in _definitions_of(path, source) if one.first <= number <= one.last]


def names_around(path: str, source: str, number: int) -> list[str]:
    """Return the names of what surrounds a line: functions, classes, template blocks, database tables."""
    lines = source.splitlines()[:number]
    if not path.endswith(".py"):
        pattern = _NAMES.get(Path(path).suffix)
        return _last_name(lines, pattern) if pattern else []
    found = definitions_at(path, source, number)
    # A long SQL string has many statements: the line belongs to the last one that begins before it.
    return [*(one.name for one in found), *_last_name(lines[found[-1].first - 1 if found else -1 :], _SQL_NAME)]


def _last_name(lines: list[str], pattern: re.Pattern[str]) -> list[str]:
    found = (pattern.search(line) for line in reversed(lines))
    return next(([name for name in one.groups() if name] for one in found if one), [])


def text_around(path: str, source: str, number: int) -> str:
    """Return the lines near a line of a file; in Python, only those of the same definition."""
    first, last = number - _AROUND, number + _AROUND
    if path.endswith(".py") and (found := definitions_at(path, source, number)):
        first, last = max(first, found[-1].first), min(last, found[-1].last)
    return "\n".join(source.splitlines()[max(first - 1, 0) : last])


def module_of(path: str) -> str:
    """Return the dotted name of the module in a file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _flat(groups: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return (name for group in groups for name in group if name)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""
