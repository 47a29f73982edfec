"""A docstring says something, or is not there."""

import ast
from pathlib import Path

import app as package

ROOT = Path(package.__file__).parents[1]
#: Fewer words say what the name says already.
FEWEST_WORDS = 4
#: Help of commands: words for people at a terminal, who see no name of a function.
COMMANDS = ROOT / "app" / "cli"

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_no_docstring_only_repeats_a_name() -> None:
    empty = [
        f"{path.relative_to(ROOT)}:{node.lineno} {docstring}"
        for folder in ("app", "demo", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if COMMANDS not in path.parents
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, Documented) and (docstring := ast.get_docstring(node))
        if len(docstring.split()) < FEWEST_WORDS or docstring.lower().startswith("see above")
    ]
    assert empty == []
