"""Source files of the project, parsed for checks of their code."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path


def parsed(folder: Path, words: Collection[str] = ("",)) -> Iterator[tuple[Path, ast.Module]]:
    """Yield the Python files below `folder` that contain one of `words`, with their syntax trees.

    A check that is about certain names needs no other files, and parsing takes longer than most checks.
    """
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text()
        if any(word in source for word in words):
            yield path, ast.parse(source)


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a syntax tree and all statements in it: an eighth of the nodes that `ast.walk` yields."""
    yield tree
    for _name, value in ast.iter_fields(tree):
        for node in value if isinstance(value, list) else ():
            if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
                yield from statements(node)
