"""The SQL of a list's filters is in one function next to the list, for all lists."""

import ast
from collections.abc import Iterator
from pathlib import Path

import app as package
from app.db.lists import ListQuery
from app.security.list_of import ListOf
from tests.support.sources import parsed

APP = Path(package.__file__).parent


def lists() -> Iterator[tuple[str, list[str]]]:
    """Yield the place of each list's declaration, with the functions that build the list's conditions.

    They are given by name: the functions that `conditions` come from, or the one that `narrow` calls.
    """
    for path, tree in parsed(APP, {ListQuery.__name__, ListOf.__name__}):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and {ListQuery.__name__, "conditions"} <= set(names_in(node)):
                yield f"{path.relative_to(APP)}:{node.lineno}", made_by(node)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == ListOf.__name__:
                narrow = [_called(word.value) for word in node.keywords if word.arg == "narrow"]
                yield f"{path.relative_to(APP)}:{node.lineno}", narrow


def _called(narrow: ast.expr) -> str:
    """Return the name of the function that `narrow` calls; "" for any other expression.

    An empty tuple, which a list without filters declares, gives "no conditions".
    """
    match narrow:
        case ast.Name(id=name) | ast.Lambda(body=ast.Call(func=ast.Name(id=name))):
            return name
        case ast.Lambda(body=ast.Tuple(elts=[])):
            return "no conditions"
    return ""


def names_in(node: ast.AST) -> Iterator[str]:
    return (name.id for name in ast.walk(node) if isinstance(name, ast.Name))


def made_by(function: ast.FunctionDef) -> list[str]:
    """Return the names of the functions that `conditions` come from; "" for a list built inline."""
    return [
        step.value.func.id if isinstance(step.value, ast.Call) and isinstance(step.value.func, ast.Name) else ""
        for step in ast.walk(function)
        if isinstance(step, ast.Assign | ast.AnnAssign)
        for target in (step.targets if isinstance(step, ast.Assign) else [step.target])
        if isinstance(target, ast.Name) and target.id == "conditions"
    ]


def test_conditions_of_each_list_come_from_a_function_named_so() -> None:
    found = dict(lists())
    assert len(found) >= 25
    assert {where: names for where, names in found.items() if not all(n.endswith("conditions") for n in names)} == {}
