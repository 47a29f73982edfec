"""Static analysis that finds each read of an actor's role, other than as an argument of a rule of ranks.

Every read is found, not only comparisons: a role that is assigned to a name or passed to a function can be compared
there. An actor is recognized by its annotation, by the function or property that returns it, or, without an annotation,
by its usual name.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.contract.scope_source import Module, arguments, imported, module_name, origin, types_in
from tests.support.sources import parsed

ACTOR = "Actor"
#: Names that stand for an actor where a parameter has no annotation, as in a lambda.
USUAL_NAMES = {"actor", "_actor", "me", "viewer", "staff"}
#: Functions that compare ranks: who can assign or remove which role.
RANK_RULES = {
    ("app.security.rank_rules", "may_give"),
    ("app.security.rank_rules", "outranks"),
    ("app.people.users.rules", "may_change_address"),
}


class Finding(NamedTuple):
    """A read of an actor's role: the place as `module:function`, and the expression with its line."""

    place: str
    line: int
    source: str


@dataclass
class RoleReader:
    """Analyzer of modules that can import each other, by their dotted names."""

    modules: Mapping[str, Module]

    @classmethod
    def of_folder(cls, root: Path) -> "RoleReader":
        """Return a reader of all modules of the package in `root`."""
        # A read has the word "role", and what returns or holds an actor says so by its type.
        modules = (Module(module_name(path, root), tree) for path, tree in parsed(root, {"role", ACTOR}))
        return cls({module.name: module for module in modules})

    @classmethod
    def of_source(cls, source: str) -> "RoleReader":
        """Return a reader of a single module."""
        return cls({"source": Module("source", ast.parse(source))})

    def findings(self) -> Iterator[Finding]:
        """Yield each read of an actor's role that isn't an argument of a rule of ranks."""
        for module in self.modules.values():
            for node in module.nodes:
                if self._reads_role(module, node) and not _is_compared_by_rank(module, node):
                    place = f"{module.name}:{_function_around(module, node)}"
                    yield Finding(place, getattr(node, "lineno", 0), ast.unparse(node))

    def _reads_role(self, module: Module, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=owner, attr="role"):
                return self._is_actor(module, owner, set())
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value="role"), *_]):
                return self._is_actor(module, owner, set())
            case ast.MatchClass(cls=ast.Name(id=name), kwd_attrs=names):
                return name == ACTOR and "role" in names
        return False

    def _is_actor(self, module: Module, node: ast.AST, seen: set[ast.AST]) -> bool:
        """Return whether an expression is an actor, or one of several things that can be actors."""
        if node in seen:
            return False
        seen.add(node)
        parts: list[ast.expr] = []
        match node:
            case ast.Name(id="self"):
                return self._is_self_of_actor(module, node)
            case ast.Name():
                return any(self._binds_actor(module, node, value, seen) for value in module.values(node))
            case ast.Attribute(attr=name):
                return name in self._fields
            case ast.Call(func=ast.Name(id="replace"), args=[copied, *_]):
                parts = [copied]
            case ast.Call(func=function):
                return self._returns_actor(module, function)
            case ast.IfExp(body=one, orelse=other):
                parts = [one, other]
            case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
                pass
            case ast.NamedExpr(value=part) | ast.Starred(value=part) | ast.Subscript(value=part):
                parts = [part]
        return any(self._is_actor(module, part, seen) for part in parts)

    def _binds_actor(self, module: Module, name: ast.Name, value: ast.AST, seen: set[ast.AST]) -> bool:
        """Return whether `value`, which is bound to `name`, is an actor or can contain one."""
        if isinstance(value, ast.arg):
            return _names_actor(value.annotation) if value.annotation else value.arg in USUAL_NAMES
        return self._is_actor(module, _element_for(module, name.id, value), seen)

    def _is_self_of_actor(self, module: Module, name: ast.Name) -> bool:
        owner = module.parents.get(module.home(name))
        return isinstance(owner, ast.ClassDef) and owner.name == ACTOR

    def _returns_actor(self, module: Module, function: ast.expr) -> bool:
        """Return whether a call of `function` returns an actor; a class is called like a function."""
        match function:
            case ast.Name(id=name):
                found = origin(module, function) or (module.name, name)
            case ast.Attribute(value=ast.Name() as owner, attr=name):
                homes = [imported(value, owner.id) for value in module.values(owner)]
                found = next((".".join(home) for home in homes if home), ""), name
            case _:
                return False
        return found[1] == ACTOR or found in self._makers

    @cached_property
    def _makers(self) -> set[tuple[str, str]]:
        """The functions that return an actor, by module and name."""
        return {
            (module.name, node.name)
            for module in self.modules.values()
            for node in module.nodes
            if isinstance(node, ast.FunctionDef) and node.returns and _names_actor(node.returns)
        }

    @cached_property
    def _fields(self) -> set[str]:
        """The names of all fields and properties of classes that hold an actor."""
        classes = (node for module in self.modules.values() for node in module.nodes if isinstance(node, ast.ClassDef))
        found = set()
        for part in (part for node in classes for part in node.body):
            match part:
                case (
                    ast.AnnAssign(target=ast.Name(id=name), annotation=annotation)
                    | ast.FunctionDef(
                        name=name, returns=ast.expr() as annotation, decorator_list=[ast.Name(id="property")]
                    )
                ) if _names_actor(annotation):
                    found.add(name)
        return found


def _names_actor(annotation: ast.expr) -> bool:
    """Return whether an annotation is an actor, optional or in a collection; not a function that takes one."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Callable")):
            return False
        case ast.Constant(value=str(text)):
            return _names_actor(ast.parse(text, mode="eval").body)
        case ast.BinOp(left=left, right=right):
            return _names_actor(left) or _names_actor(right)
    return any(
        (isinstance(one, ast.Name) and one.id == ACTOR) or (isinstance(one, ast.Attribute) and one.attr == ACTOR)
        for one in types_in(annotation)
    )


def _element_for(module: Module, name: str, value: ast.AST) -> ast.AST:
    """Return the element of a tuple that an assignment binds to `name`; any other value as it is."""
    match module.parents.get(value), value:
        case ast.Assign(targets=[ast.Tuple(elts=targets)]), ast.Tuple(elts=values) if len(targets) == len(values):
            pairs = zip(targets, values, strict=True)
            return next((one for target, one in pairs if isinstance(target, ast.Name) and target.id == name), value)
    return value


def _is_compared_by_rank(module: Module, node: ast.AST) -> bool:
    """Return whether `node` is an argument of a rule of ranks."""
    match module.parents.get(node):
        case ast.Call(func=ast.Name(id=name) as function) as call:
            home = origin(module, function) or (module.name, name)
            return home in RANK_RULES and node in arguments(call)
    return False


def _function_around(module: Module, node: ast.AST) -> str:
    """Return the name of the function around `node`; "" at the level of the module or of a class."""
    scope = module.scope(node)
    while isinstance(scope, ast.Lambda):
        scope = module.scope(scope)
    return "" if isinstance(scope, ast.Module) else scope.name
