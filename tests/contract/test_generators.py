"""No generator is suspended while it holds a context: whoever runs next would have it, or all if its reader fails.

A generator that is itself a context manager is exempt: the block that it is suspended for is meant to have the context.
"""

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from textwrap import indent
from typing import TypeAlias

import pytest

from app.config import PROJECT_ROOT
from tests.support.sources import parsed, statements

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

APP = PROJECT_ROOT / "app"
_DECORATORS = frozenset({"contextmanager", "asynccontextmanager"})
#: What ends a context, as the method of its variable, and what replaces it.
_CHANGING = frozenset({"reset", "switch_context"})


def test_no_generator_of_the_app_holds_a_context() -> None:
    managers = context_managers()
    held = [
        f"{path.relative_to(APP)}: {name}"
        for path in sorted(APP.rglob("*.py"))
        if "yield" in (source := path.read_text()) and any(name in source for name in managers)
        for name in holding(ast.parse(source), managers)
    ]

    assert held == []


@pytest.mark.parametrize(
    "body",
    [
        "with snapshot() as session, x:\n  yield",
        "with x, queries.snapshot():\n  yield",
        "with (\n  x,\n  use_context(y),\n):\n  yield",
        "if x:\n  with dry_run():\n    for y in x:\n      z = [(yield)]",
        "with committed_apart():\n  yield\nwith x:\n  pass",
        "with work_as(x):\n  yield",
        "with all_organizations(x, y) as rows:\n  yield",
        "with ExitStack() as stack:\n  stack.enter_context(snapshot())\n  yield",
        "opened = snapshot()\nwith opened:\n  yield",
        "switch_context(x)\nyield",
    ],
)
@pytest.mark.parametrize("keyword", ["", "async "])
def test_a_generator_that_holds_a_context_is_found(keyword: str, body: str) -> None:
    source = f"{keyword}def rows():\n{indent(body, '  ')}".replace("with ", f"{keyword}with ")

    assert list(holding(ast.parse(source), context_managers())) == ["rows"]
    assert list(holding(ast.parse(f"@contextmanager\n{source}"), context_managers())) == []


@pytest.mark.parametrize(
    "body",
    [
        "with snapshot():\n  return x",
        "with snapshot():\n  y = x\nyield y",
        "with snapshot():\n  def inner():\n    yield\n  return inner",
        "with open(x) as file:\n  yield from file",
    ],
)
def test_a_function_that_holds_none_while_it_is_suspended_is_not_found(body: str) -> None:
    assert list(holding(ast.parse(f"def rows():\n{indent(body, '  ')}"), context_managers())) == []


@cache
def context_managers() -> frozenset[str]:
    """Return the names of what changes the context: context managers that do so themselves or enter such a one."""
    managers = [
        (function.name, frozenset(map(_name, _calls(function.body))))
        for _path, tree in parsed(APP, _DECORATORS)
        for function in _functions(tree)
        if _is_manager(function)
    ]
    names = _CHANGING
    while more := {name for name, called in managers if called & names} - names:
        names |= more
    return names - {"reset"}


def holding(tree: ast.Module, managers: Collection[str]) -> Iterator[str]:
    """Yield the names of generators that use one of `managers`, unless it ends before they are suspended."""
    for function in _functions(tree):
        if _is_manager(function) or not _yields(function.body):
            continue
        used = {call for call in _calls(function.body) if _name(call) in managers}
        blocks = (node for node in _own(function.body) if isinstance(node, ast.With | ast.AsyncWith))
        ended = {item.context_expr for block in blocks if not _yields(block.body) for item in block.items}
        if used - ended:
            yield function.name


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in statements(tree) if isinstance(node, Function))


def _is_manager(function: Function) -> bool:
    return any(ast.unparse(decorator).rpartition(".")[2] in _DECORATORS for decorator in function.decorator_list)


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body, without those of functions within it."""
    for node in body:
        yield node
        if not isinstance(node, Function | ast.Lambda):
            yield from _own(ast.iter_child_nodes(node))


def _yields(body: Iterable[ast.AST]) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own(body))


def _calls(body: Iterable[ast.AST]) -> Iterator[ast.Call]:
    return (node for node in _own(body) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    """Return the name of the called function, without that of its module or object."""
    return ast.unparse(call.func).rpartition(".")[2]
