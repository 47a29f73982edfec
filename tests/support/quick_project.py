"""The project's source files, and who mentions whom in them."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePath
from typing import NamedTuple

from tests.support.quick_places import Definition, definitions_of

#: Folders of Python files in which callers are looked for, beside the tests.
_PRODUCT = ("app", "demo")
_HOPS = 3
#: A name with more callers than this says little about any of them.
_MOST_CALLERS = 25
_ROUTE = re.compile(r"""@(?P<blueprint>\w+)\.(?:get|post|route|put|delete)\(\s*["'](?P<address>[^"']*)""")
_TABLE = re.compile(r"""__tablename__ = "(\w+)"|create_(?:tenant_)?table\(\s*"(\w+)"|CREATE TABLE (\w+)""")
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)")
_MODEL = re.compile(r'^class (\w+)\(.*\n(?:.*\n)*?    __tablename__ = "(\w+)"', re.MULTILINE)


class Caller(NamedTuple):
    """A definition that leads to another one, in so many steps."""

    path: str
    definition: Definition
    hops: int


class Project:
    """Texts of a working tree, each read when it is first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def text(self, path: str) -> str:
        """Return a file's text, the empty one for a file that is not there or not text."""
        for files in self._read.values():
            if path in files:
                return files[path]
        return _read(self._root / path)

    @cached_property
    def _read(self) -> dict[str, dict[str, str]]:
        return {}

    def files(self, folder: str, ending: str) -> dict[str, str]:
        """Return the texts of all files below a folder, by path."""
        key = f"{folder}/*{ending}"
        if key not in self._read:
            found = sorted((self._root / folder).rglob(f"*{ending}"))
            self._read[key] = {str(path.relative_to(self._root)): _read(path) for path in found}
        return self._read[key]

    def files_beside(self, path: str) -> dict[str, str]:
        """Return the texts of all files of the same kind, in the same outermost folder."""
        return self.files(path.partition("/")[0], PurePath(path).suffix)

    @cached_property
    def product(self) -> dict[str, str]:
        """Every Python file of the product."""
        return {path: text for folder in _PRODUCT for path, text in self.files(folder, ".py").items()}

    @cached_property
    def templates(self) -> dict[str, str]:
        """Every template by the name that it is rendered by."""
        return {path.removeprefix("templates/"): text for path, text in self.files("templates", "").items()}

    @cached_property
    def tables(self) -> frozenset[str]:
        """Every table that a model or a migration names."""
        return frozenset(
            name for text in self._schema_texts for found in _TABLE.findall(text) for name in found if name
        )

    @cached_property
    def database_functions(self) -> frozenset[str]:
        """Every function that a migration makes."""
        return frozenset(name for text in self._schema_texts for name in _FUNCTION.findall(text))

    @property
    def _schema_texts(self) -> list[str]:
        folders = (("migrations", ".py"), ("migrations", ".sql"), ("app/models", ".py"))
        return [text for folder, ending in folders for text in self.files(folder, ending).values()]

    @cached_property
    def models(self) -> dict[str, str]:
        """Class of each table."""
        texts = self.files("app/models", ".py").values()
        return {table: model for text in texts for model, table in _MODEL.findall(text)}

    def tables_of_trigger(self, function: str) -> set[str]:
        """Return the tables whose triggers call a function of the database."""
        calls = re.compile(rf"\bON (\w+)\b[^;]{{0,400}}?EXECUTE FUNCTION {function}\b")
        return {table for text in self._schema_texts for table in calls.findall(text)} & self.tables

    def callers(self, path: str, name: str) -> Iterator[Caller]:
        """Yield the definitions that mention `name` of the module at `path`, then those that mention these."""
        seen = {(path, name)}
        wave = [(path, name)]
        for hops in range(1, _HOPS + 1):
            found = [one for target in wave for one in self._mentions(*target)]
            wave = []
            for where, definition in found:
                if (where, definition.name) not in seen:
                    seen.add((where, definition.name))
                    wave.append((where, definition.name))
                    yield Caller(where, definition, hops)
            if len(wave) > _MOST_CALLERS:
                return

    def _mentions(self, path: str, name: str) -> Iterator[tuple[str, Definition]]:
        short = name.rpartition(".")[2]
        pattern = re.compile(rf"\b{re.escape(short)}\b")
        module, package = module_of(path), module_of(path).rpartition(".")
        for where, text in self.product.items():
            if short not in text:
                continue
            is_seen = where == path or module in text or (f"from {package[0]} import" in text and package[2] in text)
            if is_seen:
                yield from ((where, one) for one in mentioning(text, pattern) if one.name != name)

    def users_of(self, word: str) -> Iterator[tuple[str, Definition]]:
        """Yield the definitions of the product that have a word: a template's name, or one of the database's."""
        pattern = re.compile(rf"(?<![\w/]){re.escape(word)}(?![\w/])")
        for where, text in self.product.items():
            if word in text:
                yield from ((where, one) for one in mentioning(text, pattern))

    def templates_with(self, word: str) -> list[str]:
        """Return the names of the templates that have a word."""
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        return [name for name, text in self.templates.items() if word in text and pattern.search(text)]


def mentioning(text: str, pattern: re.Pattern[str]) -> list[Definition]:
    """Return the innermost definitions of a Python file in which a pattern is found."""
    definitions = definitions_of(text)
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.search(line):
            around = [one for one in definitions if one.first <= number <= one.last]
            found += around[-1:]
    return list(dict.fromkeys(found))


def routes_of(text: str, definition: Definition) -> list[tuple[str, str]]:
    """Return the endpoint and the address of each route that decorates a view."""
    above = "\n".join(text.splitlines()[definition.first - 1 : definition.last])
    decorators = above.partition("\ndef ")[0]
    return [(f"{one['blueprint']}.{definition.name}", one["address"]) for one in _ROUTE.finditer(decorators)]


def module_of(path: str) -> str:
    """Return the full name of the module in a file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""
