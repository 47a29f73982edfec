"""Static analysis that finds each query of an organization's rows that is neither scoped nor explained.

A read is a `select(…)` or `exists(…)` with a tenant model in it (directly, or by an alias, a column, a constant, a
local name or an import), a statement that a tenant model is joined to, or a row that a session gets by its key. It is
accepted if it ends up in `restrict(…)`, `unscoped(…)` or a `ListOf(…)`, directly or through every use of the name that
holds it, or if it is a condition of a scoped statement and compares the organization. Anything that can't be followed
is refused.
"""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.contract.scope_reads import WIDENING, Reads
from tests.contract.scope_source import (
    COLLECTING,
    READING,
    Module,
    Scope,
    callee,
    chain,
    is_of_sqlalchemy,
    module_name,
    origin,
    parts,
    replaced,
)
from tests.support.sources import parsed

#: Methods whose arguments become part of the statement or condition that they are called on.
COMPOSING = WIDENING | {
    *("where", "filter", "having", "order_by", "group_by", "distinct", "on", "correlate", "in_", "not_in", "op"),
    *("union", "union_all", "is_distinct_from", "between", "contains", "label", "from_select", "values"),
}
#: Expressions that include all of their parts.
WHOLES = (
    *(ast.Attribute, ast.Starred, ast.Tuple, ast.List, ast.IfExp, ast.GeneratorExp, ast.ListComp),
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare),
)


class Finding(NamedTuple):
    """A read that is neither scoped nor explained, or an invalid exception."""

    line: int
    source: str


@dataclass
class Reader(Reads):
    """Analyzer of modules that can import each other, by their dotted names."""

    @classmethod
    def of_folder(cls, root: Path) -> "Reader":
        """Return a reader of all modules of the package in `root`."""
        modules = (Module(module_name(path, root), tree) for path, tree in parsed(root))
        return cls({module.name: module for module in modules})

    @classmethod
    def of_source(cls, source: str) -> "Reader":
        """Return a reader of a single module named `source`."""
        return cls({"source": Module("source", ast.parse(source))})

    def findings(self, name: str) -> list[Finding]:
        """Return the findings of a module, by line."""
        module = self.modules[name]
        calls = [node for node in module.nodes if isinstance(node, ast.Call)]
        wrong: list[ast.expr] = [
            call for call in calls if self._is_read(module, call) and not self._accepted(module, call, set())
        ]
        wrong += [call for call in calls if self._is_row_by_key(module, call)]
        wrong += [call for call in calls if callee(module, call) == "unscoped" and not self._says_why(module, call)]
        wrong += [name for name in module.names if self._is_reader(module, name)]
        lines = {Finding(node.lineno, ast.unparse(node)) for node in wrong}
        return sorted(lines)

    def _is_reader(self, module: Module, name: ast.Name) -> bool:
        """Return whether a function that reads, such as `select`, is aliased or passed on.

        Its reads couldn't be seen then.
        """
        call = module.parents[name]
        is_called = isinstance(call, ast.Call) and call.func is name
        return not is_called and is_of_sqlalchemy(module, name) and (origin(module, name) or ("", ""))[1] in READING

    def _accepted(self, module: Module, node: ast.AST, seen: set[ast.AST]) -> bool:
        """Return whether an expression ends up in a scoped statement, wherever it is used."""
        if node in seen:  # a name that is reassigned from itself
            return True
        seen.add(node)
        parent = module.parents[node]
        match parent:
            case ast.Call():
                return self._accepted_in_call(module, parent, node, seen)
            case ast.keyword() | ast.Starred() if isinstance(call := module.parents[parent], ast.Call):
                return self._accepted_in_call(module, call, parent, seen)
            case ast.Return():
                return self._accepted_return(module, parent, seen)
            case (
                ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
                | ast.AugAssign(target=ast.Name(id=name))
            ):
                return self._accepted_name(module, parent, name, seen)
        return isinstance(parent, ast.Expr) or (isinstance(parent, WHOLES) and self._accepted(module, parent, seen))

    def _accepted_in_call(self, module: Module, call: ast.Call, part: ast.AST, seen: set[ast.AST]) -> bool:
        if part is not call.func and callee(module, call) in {"restrict", "unscoped"}:
            return part in call.args[:1]
        if part is not call.func and callee(module, call) == "ListOf":
            return _is_row_of_list(call, part)
        match call.func:
            case ast.Name() as function if not is_of_sqlalchemy(module, function):
                return self._accepted_argument(module, function, call, part, seen)
            case ast.Attribute(value=ast.Name() as name, attr=method) if method in COLLECTING and part is not call.func:
                return self._accepted_name(module, call, name.id, seen, module.home(name))
        if not self._is_part_of_it(module, call, part):
            return False
        return self._is_correlated(module, call, part) or self._accepted(module, call, seen)

    def _is_part_of_it(self, module: Module, call: ast.Call, part: ast.AST) -> bool:
        """Return whether the result of `call` is the statement `part`, or contains it."""
        match call.func:
            case ast.Name():  # a function of SQLAlchemy
                return True
            case ast.Attribute(value=ast.Name() as base) if is_of_sqlalchemy(module, base):
                return True
            case ast.Attribute(attr=method):
                return part is call.func or method in COMPOSING
        return False

    def _accepted_name(
        self, module: Module, binding: ast.AST, name: str, seen: set[ast.AST], scope: Scope | None = None
    ) -> bool:
        """Return whether every use of a name is accepted, except those after it was reassigned."""
        scope = scope or module.scope(binding)
        if scope is module.tree and not self._is_private(module, name):
            return False
        return self._accepted_uses(module, binding, scope, name, seen)

    def _accepted_uses(self, module: Module, binding: ast.AST, scope: Scope, name: str, seen: set[ast.AST]) -> bool:
        if any(name in getattr(node, "names", []) for node in module.rebinding):
            return False
        later = {node for statement in replaced(module, binding, name) for node in ast.walk(statement)}
        uses = module.loads.get((scope, name), [])
        return all((use in later and module.scope(use) is scope) or self._accepted(module, use, seen) for use in uses)

    def _accepted_return(self, module: Module, node: ast.Return, seen: set[ast.AST]) -> bool:
        """Return whether all callers of a private function scope what it returns."""
        function = module.scope(node)
        if not isinstance(function, ast.FunctionDef) or not self._is_called_here_only(module, function):
            return False
        calls = [(use, module.parents[use]) for use in module.loads.get((module.scope(function), function.name), [])]
        return all(
            isinstance(call, ast.Call)
            and (self._accepted(module, call, seen) if call.func is use else self._is_row(module, call, use))
            for use, call in calls
        )

    def _is_row(self, module: Module, call: ast.Call, function: ast.AST) -> bool:
        """Return whether the function is passed to a list to select the columns of its rows."""
        return callee(module, call) == "ListOf" and _is_row_of_list(call, function)

    def _accepted_argument(
        self, module: Module, function: ast.Name, call: ast.Call, part: ast.AST, seen: set[ast.AST]
    ) -> bool:
        """Return whether the argument goes to a function of the same module that scopes it."""
        match module.values(function):
            case [ast.FunctionDef(args=arguments, decorator_list=[]) as definition]:
                positions = [*arguments.posonlyargs, *arguments.args]
            case _:
                return False
        if isinstance(part, ast.keyword):
            handed = [one for one in [*positions, *arguments.kwonlyargs] if one.arg == part.arg]
        else:
            handed = [one for value, one in zip(call.args, positions, strict=False) if value is part]
        if not handed or any(isinstance(one, ast.Starred) for one in call.args):
            return False
        return self._accepted_uses(module, handed[0], definition, handed[0].arg, seen)

    def _is_correlated(self, module: Module, call: ast.Call, part: ast.AST) -> bool:
        """Return whether `part` is a condition of a scoped statement, on rows of the same organization."""
        if part is call.func or not self._is_scoped(module, call, set()):
            return False
        reads = [one for one in ast.walk(part) if isinstance(one, ast.Call) and callee(module, one) in READING]
        return bool(reads) and all(_is_of_same_organization(module, one) for one in reads)

    def _says_why(self, module: Module, call: ast.Call) -> bool:
        """Return whether an exception is about a read and gives a sentence as its reason."""
        words = [word.value for word in call.keywords if word.arg == "why"]
        is_sentence = any(isinstance(word, ast.Constant) and len(str(word.value).split()) >= 3 for word in words)
        return is_sentence and self._may_read(module, call.args[0], set())

    def _may_read(self, module: Module, node: ast.AST, seen: set[ast.AST]) -> bool:
        """Return whether an expression, or a value of its names, contains a tenant model."""
        if node in seen:
            return False
        seen.add(node)
        if self._mentions(module, node) or (isinstance(node, ast.Call) and self._is_read(module, node)):
            return True
        values = module.values(node) if isinstance(node, ast.Name) else ast.iter_child_nodes(node)
        return any(self._may_read(module, value, seen) for value in values)


def _is_row_of_list(call: ast.Call, part: ast.AST) -> bool:
    """Return whether `part` selects the rows of a list that restricts them: one without its own `hold`."""
    return part in call.args[1:2] and not any(word.arg in {"hold", None} for word in call.keywords)


def _is_of_same_organization(module: Module, read: ast.Call) -> bool:
    """Return whether the conditions of a read compare its organization with another model's or the actor's."""
    columns = {node.id for part in read.args for node in ast.walk(part) if isinstance(node, ast.Name)}
    for condition in parts(chain(module, read)):
        match condition:
            case ast.Compare(
                left=ast.Attribute(value=one, attr="organization_id"),
                ops=[ast.Eq()],
                comparators=[ast.Attribute(value=other, attr="organization_id")],
            ):
                sides = {ast.unparse(one), ast.unparse(other)}
                if len(sides) > 1 and (not columns or sides & columns):
                    return True
    return False
