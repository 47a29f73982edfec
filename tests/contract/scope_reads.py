"""Rules that recognize which expressions read an organization's rows, and which statements are scoped."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from app.models import Base, TenantRow
from tests.contract.scope_source import (
    READING,
    SCOPING,
    Module,
    Scope,
    arguments,
    callee,
    chain,
    given_as,
    imported,
    is_word_or_value,
    origin,
    parts,
    root,
)
from tests.contract.scope_types import Types
from tests.support.sources import statements

#: Methods that add a table to an existing statement.
WIDENING = {"select_from", "join", "outerjoin", "add_columns", "with_only_columns"}


@dataclass
class Reads(Types):
    """Analyzer that finds the reads in modules, and determines which of them are scoped."""

    #: Names that hold no tenant model, and those that are being resolved.
    _harmless: set[tuple[str, Scope, str, bool]] = field(default_factory=set)
    _asked: set[tuple[str, Scope, str, bool]] = field(default_factory=set)

    @cached_property
    def imported(self) -> set[tuple[str, str]]:
        """The module and name of everything that is imported with `from … import …`."""
        nodes = (node for module in self.modules.values() for node in statements(module.tree))
        return {
            (str(node.module), alias.name) for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
        }

    @cached_property
    def tenants(self) -> set[str]:
        """Names of all models that hold rows of an organization."""
        return {mapper.class_.__name__ for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantRow)}

    def _is_read(self, module: Module, call: ast.Call) -> bool:
        if callee(module, call) in READING:
            table = [call.func] if isinstance(call.func, ast.Attribute) else []
            return any(self._mentions(module, part) for part in [*table, *parts(chain(module, call))])
        if not isinstance(call.func, ast.Attribute):
            return False
        if call.func.attr in WIDENING and not self._has_known_root(module, call) and not self._is_joined(module, call):
            return any(self._mentions(module, part, False) for part in arguments(call))
        return False

    def _is_row_by_key(self, module: Module, call: ast.Call) -> bool:
        """Return whether a session gets a row of a tenant model; dictionaries have a `get` too."""
        match call:
            case ast.Call(func=ast.Attribute(value=receiver, attr="get" | "get_one" | "query"), args=[model, *_]):
                is_model = isinstance(model, ast.Name) and (origin(module, model) or ("",))[0] == "app.models"
                return (is_model or _is_session(module, receiver)) and self._mentions(module, model)
        return False

    def _has_known_root(self, module: Module, call: ast.Call) -> bool:
        """Return whether a method chain starts with a read that is checked itself, or with a scoped statement."""
        first = root(call)
        if isinstance(first, ast.Call) and callee(module, first) in READING:
            return self._is_read(module, first)
        return isinstance(first, ast.Constant) or self._is_scoped(module, first, set())

    def _is_joined(self, module: Module, call: ast.Call) -> bool:
        """Return whether a checked or scoped statement selects from this join.

        An example is `scoped.select_from(one.join(other))`.
        """
        match module.parents[call]:
            case ast.Call(func=ast.Attribute(attr=method)) as around if method in WIDENING and call in around.args:
                return self._has_known_root(module, around)
        return False

    def _is_scoped_name(self, module: Module, name: ast.Name, seen: set[ast.AST]) -> bool:
        """Return whether all possible values of `name` began as a scoped statement."""
        values = module.values(name)
        return bool(values) and all(value in seen or self._is_scoped(module, value, {*seen, value}) for value in values)

    def _is_scoped(self, module: Module, value: ast.AST, seen: set[ast.AST]) -> bool:
        """Return whether a method chain began as a scoped statement, also by name or through the module's functions."""
        match root(value):
            case ast.Name() as name:
                return self._is_scoped_name(module, name, seen)
            case ast.Call() as call if callee(module, call) in {"restrict", "visible", "unscoped"}:
                return True
            case ast.IfExp(body=one, orelse=other):
                return self._is_scoped(module, one, seen) and self._is_scoped(module, other, seen)
            case ast.arg() as parameter:
                return self._is_handed_scoped(module, parameter, seen)
            case ast.Call(func=ast.Name() as name):
                match module.values(name):
                    case [ast.FunctionDef() as function] if function not in seen:
                        made = [one.value for one in ast.walk(function) if isinstance(one, ast.Return)]
                        return bool(made) and all(
                            one is not None and self._is_scoped(module, one, {*seen, function}) for one in made
                        )
        return False

    def _is_handed_scoped(self, module: Module, parameter: ast.arg, seen: set[ast.AST]) -> bool:
        """Return whether all callers of a private function pass scoped statements for this parameter."""
        function = module.scope(parameter)
        if not isinstance(function, ast.FunctionDef) or not self._is_called_here_only(module, function):
            return False
        uses = module.loads.get((module.tree, function.name), [])
        given = [given_as(parameter, function, use, module.parents[use]) for use in uses]
        return bool(given) and all(one is not None and self._is_scoped(module, one, seen) for one in given)

    def _mentions(self, module: Module, node: ast.AST, parameters: bool = True) -> bool:
        """Return whether an expression can contain a tenant model, apart from scoped parts and reads.

        With `parameters`, a parameter that can hold a part of a statement counts as a model.
        """
        match node:
            case ast.Name():
                return self._stands_for_tenant(module, (module.home(node), node.id), parameters)
            case ast.Attribute(value=ast.Attribute(attr="metadata"), attr="tables" | "sorted_tables"):
                return True
            case ast.Attribute() | ast.Call() if self._is_told_elsewhere(module, node):
                return False
            case ast.Attribute(value=ast.Name() as base, attr=attribute) if self._module_of(module, base):
                return self._defines_tenant(self._module_of(module, base), attribute)
            case ast.arg() | ast.Attribute() if self._is_told_by_type(module, node):
                return parameters and self._brings_sql(module, node)
        inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        return any(self._mentions(module, child, parameters and not inner) for child in _parts_that_count(node))

    def _is_told_elsewhere(self, module: Module, node: ast.AST) -> bool:
        """Return whether an expression is scoped, a read that is checked itself, or a plain value."""
        if callee(module, root(node)) in SCOPING | READING or is_word_or_value(module, node):
            return True
        return self._is_plain(module, node) or self._is_scoped(module, node, set())

    def _stands_for_tenant(self, module: Module, name: tuple[Scope, str], parameters: bool) -> bool:
        key = (module.name, *name, parameters)
        if key in self._harmless or key in self._asked:  # a name can refer to itself
            return False
        is_first = not self._asked
        self._asked.add(key)
        found = any(self._is_tenant(module, value, name[1], parameters) for value in module.bindings.get(name, []))
        if is_first:
            # If a model was found, the names on the way to it weren't resolved completely, so nothing is known about
            # them.
            self._harmless |= set() if found else self._asked
            self._asked.clear()
        return found

    def _is_tenant(self, module: Module, value: ast.AST, name: str, parameters: bool) -> bool:
        """Return whether `value`, assigned to `name`, is or contains a tenant model."""
        source = imported(value, name)
        return self._defines_tenant(*source) if source else self._mentions(module, value, parameters)

    def _defines_tenant(self, source: str, name: str) -> bool:
        """Return whether a name of one of the app's modules is or contains a tenant model."""
        if source == "app.models" or source.startswith("app.models."):
            return name in self.tenants
        module = self.modules.get(source)
        return module is not None and self._stands_for_tenant(module, (module.tree, name), False)

    def _module_of(self, module: Module, base: ast.Name) -> str:
        """Return the dotted name of the app's module that a name refers to; empty for anything else."""
        dotted = ".".join(filter(None, origin(module, base) or ()))
        return dotted if dotted in self.modules or dotted == "app.models" else ""

    def _is_called_here_only(self, module: Module, function: ast.FunctionDef) -> bool:
        """Return whether all calls of a function are known: it is nested, or private to its module."""
        around = module.parents[function]
        is_method_or_wrapped = isinstance(around, ast.ClassDef) or bool(function.decorator_list)
        is_public = around is module.tree and not self._is_private(module, function.name)
        return not is_method_or_wrapped and not is_public

    def _is_private(self, module: Module, name: str) -> bool:
        """Return whether the name starts with an underscore and no other module imports it."""
        return name.startswith("_") and (module.name, name) not in self.imported


def _parts_that_count(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of an expression or definition that can add a model to a statement."""
    match node:
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body) | ast.ClassDef(body=body):
            return body
        case ast.AnnAssign(value=value):
            return [value] if value else []
        case ast.Call(func=ast.Attribute(value=value, attr="label")) | ast.Subscript(value=value):
            return [value]
        case ast.IfExp(body=one, orelse=other):  # the test only chooses between them
            return [one, other]
        case ast.comprehension():  # its iterable is checked where the name is used
            return []
    return ast.iter_child_nodes(node)


def _is_session(module: Module, node: ast.AST) -> bool:
    """Return whether an expression is named like a session, or was opened by `with`."""
    if ast.unparse(node).endswith("session"):
        return True
    return isinstance(node, ast.Name) and any(value in module.opened for value in module.values(node))
