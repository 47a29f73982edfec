"""Parsed source of a module, with indexes for following its names, and the names that scope checks look for."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
#: Scope of a name: a function, or else the module.
Scope: TypeAlias = Function | ast.Module

#: Functions of app.security.scope.
SCOPING = {"visible", "restrict", "visible_id", "present_id", "unscoped"}
#: Modules that define the scoping names: the same name from elsewhere is something else.
HOMES = {**dict.fromkeys(SCOPING, "app.security.scope"), "ListOf": "app.security.list_of"}
READING = {"select", "exists"}
#: SQLAlchemy functions that take names and values, never a model.
VALUES = {"literal", "literal_column", "column", "bindparam"}
#: Methods of a list or dict that add something to it.
COLLECTING = {"append", "extend", "add", "insert", "update", "setdefault"}


@dataclass
class Module:
    """A module's source with the indexes needed to follow its names."""

    name: str
    tree: ast.Module

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """The parent of each node, level by level."""
        found: dict[ast.AST, ast.AST] = {}
        level: list[ast.AST] = [self.tree]
        while level:
            inner = {child: node for node in level for child in ast.iter_child_nodes(node)}
            found |= inner
            level = list(inner)
        return found

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes, level by level."""
        return [self.tree, *self.parents]

    @cached_property
    def bindings(self) -> Mapping[tuple[Scope, str], list[ast.AST]]:
        """Everything bound to each name of each scope: values, parameters (ast.arg), definitions, imports."""
        found: dict[tuple[Scope, str], list[ast.AST]] = {}
        for node in self.nodes:
            for name, value in _bound(node):
                # A parameter belongs to the function, a definition to the scope around it.
                scope = self.scope(value if isinstance(value, ast.arg) else node)
                found.setdefault((scope, name), []).append(value)
        return found

    @cached_property
    def names(self) -> list[ast.Name]:
        """Each use of a name."""
        return [node for node in self.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]

    @cached_property
    def rebinding(self) -> list[ast.AST]:
        """Statements by which a function rebinds names of outer scopes."""
        return [node for node in self.nodes if isinstance(node, ast.Global | ast.Nonlocal)]

    @cached_property
    def opened(self) -> list[ast.expr]:
        """Everything opened by a `with`."""
        return [node.context_expr for node in self.nodes if isinstance(node, ast.withitem)]

    @cached_property
    def loads(self) -> Mapping[tuple[Scope, str], list[ast.Name]]:
        """Each use of each name, by the scope that binds the name."""
        found: dict[tuple[Scope, str], list[ast.Name]] = {}
        for node in self.names:
            found.setdefault((self.home(node), node.id), []).append(node)
        return found

    def scope(self, node: ast.AST) -> Scope:
        """Return the function around `node`, or else the module."""
        while (parent := self.parents.get(node)) is not None:
            if isinstance(parent, ast.arguments):
                parent = self.parents[parent]
            if isinstance(parent, Function | ast.Module):
                return parent
            node = parent
        return self.tree

    def home(self, name: ast.Name) -> Scope:
        """Return the scope that binds `name`, or the module if none does."""
        scope = self.scope(name)
        while scope is not self.tree and (scope, name.id) not in self.bindings:
            scope = self.scope(scope)
        return scope

    def values(self, name: ast.Name) -> list[ast.AST]:
        """Return all possible values of `name`."""
        return self.bindings.get((self.home(name), name.id), [])


def module_name(path: Path, root: Path) -> str:
    """Return the dotted name of the module in a file of the package in `root`."""
    return ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that a node binds, each with its value."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from ((name, value) for name in _names(target))
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.AugAssign(target=target, value=value)
            | ast.NamedExpr(target=target, value=value)
            | ast.For(target=target, iter=value)
            | ast.comprehension(target=target, iter=value)
            | ast.withitem(context_expr=value, optional_vars=ast.expr() as target)
        ):
            yield from ((name, value) for name in _names(target))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in COLLECTING:
            yield from ((name, value) for value in [*node.args, *(word.value for word in node.keywords)])
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name.partition(".")[0], node) for alias in node.names)
    if isinstance(node, Function):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        yield from ((one.arg, one) for one in every if one is not None)


def _names(target: ast.expr) -> Iterator[str]:
    """Yield the names that an assignment changes: those of `a`, `a, b`, `a[…]` and `a.b`."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and not (isinstance(target, ast.Subscript) and isinstance(node.ctx, ast.Load)):
            yield node.id
    if isinstance(target, ast.Subscript | ast.Attribute) and isinstance(target.value, ast.Name):
        yield target.value.id


def chain(module: Module, call: ast.Call) -> ast.Call:
    """Return the whole statement that begins with `call`: `select(…).where(…).limit(…)`."""
    top = call
    while isinstance(method := module.parents[top], ast.Attribute):
        longer = module.parents[method]
        if not (isinstance(longer, ast.Call) and longer.func is method):
            break
        top = longer
    return top


def root(node: ast.AST) -> ast.AST:
    """Return the start of a chain of methods and attributes: a function call or a name."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(), attr=attribute)) if attribute in READING | SCOPING:
                return node  # sqlalchemy.select(…), scope.restrict(…)
            case ast.Call(func=ast.Attribute(value=inner)) | ast.Attribute(value=inner):
                node = inner
            case _:
                return node


def arguments(call: ast.Call) -> list[ast.expr]:
    """Return all arguments of a call."""
    return [*call.args, *(word.value for word in call.keywords)]


def parts(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the arguments of all calls of a chain."""
    node: ast.AST = call
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call):
            yield from arguments(node)
        node = node.func if isinstance(node, ast.Call) else node.value


def imported(node: ast.AST, name: str) -> tuple[str, str] | None:
    """Return the module and name that an import binds to `name`."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return None
    original = next(alias.name for alias in node.names if name == (alias.asname or alias.name.partition(".")[0]))
    return (str(node.module), original) if isinstance(node, ast.ImportFrom) else (original, "")


def origin(module: Module, name: ast.Name) -> tuple[str, str] | None:
    """Return the module and name of what is imported as `name`."""
    return next((found for value in module.values(name) if (found := imported(value, name.id))), None)


def callee(module: Module, node: ast.AST) -> str | None:
    """Return the original name of the function that `node` calls, or None if that can't be told."""
    match node:
        case ast.Call(func=ast.Name() as name):
            found = origin(module, name)
            home = HOMES.get(name.id)
            is_another = home is not None and (not found or found[0] != home)
            return None if is_another else found[1] if found else name.id
        case (
            ast.Call(func=ast.Attribute(value=ast.Name(), attr=attribute))
            | ast.Call(func=ast.Attribute(attr="select" as attribute))
        ):
            return attribute
    return None


def is_of_sqlalchemy(module: Module, name: ast.Name) -> bool:
    """Return whether a name is imported from SQLAlchemy."""
    found = origin(module, name)
    return found is not None and found[0].partition(".")[0] == "sqlalchemy"


def is_word_or_value(module: Module, node: ast.AST) -> bool:
    """Return whether an expression is a plain value though a table occurs in it: `table.name`, `literal(kind.name)`."""
    match node:
        case ast.Attribute(value=ast.Name() as table, attr="name"):
            return bool(values := module.values(table)) and all(_is_table(value) for value in values)
        case ast.Attribute(value=ast.Subscript(value=ast.Attribute(attr="c" | "columns")), attr="type"):
            return True
    match root(node):
        case ast.Call(func=ast.Name() as function) as call:
            return is_of_sqlalchemy(module, function) and callee(module, call) in VALUES
    return False


def _is_table(value: ast.AST) -> bool:
    match value:
        case ast.Attribute(attr="__table__" | "sorted_tables") | ast.arg(annotation=ast.Name(id="Table")):
            return True
    return False


def given_as(parameter: ast.arg, function: ast.FunctionDef, use: ast.Name, call: ast.AST) -> ast.expr | None:
    """Return the value that `call` passes for a parameter of `function`; None if that can't be determined.

    `use` is the name by which the call refers to the function.
    """
    if not isinstance(call, ast.Call) or call.func is not use or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    named = [word.value for word in call.keywords if word.arg == parameter.arg]
    places = [*function.args.posonlyargs, *function.args.args]
    placed = [value for value, one in zip(call.args, places, strict=False) if one is parameter]
    return next(iter([*placed, *named]), None)


def types_in(annotation: ast.expr) -> Iterator[ast.AST]:
    """Yield the parts of an annotation that name types: no strings of `Literal[…]`, no metadata of `Annotated[…]`."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Literal")):
            return
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[first, *_])):
            yield from types_in(first)
        case _:
            yield annotation
            for child in ast.iter_child_nodes(annotation):
                yield from types_in(child) if isinstance(child, ast.expr) else ()


def replaced(module: Module, binding: ast.AST, name: str) -> list[ast.stmt]:
    """Return the statements at which `name` no longer has the value that `binding` assigned.

    They are the statements after the next assignment in the same block. Blocks of a `try` don't count, since it can be
    left in between.
    """
    block: list[ast.stmt] = []
    if isinstance(binding, ast.arg):
        function = module.scope(binding)
        block = function.body if isinstance(function, ast.FunctionDef) else []
    elif isinstance(binding, ast.Assign | ast.AnnAssign) and not isinstance(module.parents[binding], ast.Try):
        blocks = [getattr(module.parents[binding], part, None) for part in ("body", "orelse")]
        block = next((one[one.index(binding) + 1 :] for one in blocks if isinstance(one, list) and binding in one), [])
    gives = [at for at, later in enumerate(block) if _gives(later, name)]
    return block[gives[0] + 1 :] if gives else []


def _gives(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Name) and target.id == name for target in targets)
        case ast.AnnAssign(target=ast.Name(id=given), value=ast.expr()):
            return given == name
    return False
