"""Finds, by reading the code, each select of rows of an organization that is not scoped and does not say why.

A read is a `select(…)` or `exists(…)` with a tenant model in it (directly, by an alias, a column, a constant, a local
name, or something imported), a statement that a tenant model is joined to, or a row that a session gets by its key. It
is accepted where it ends up in `restrict(…)` or `unscoped(…)`: at once, or by every use of the name that holds it; or
as a condition of a scoped statement that is of the same organization. What cannot be followed is not accepted.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from app.models import Base, TenantRow
from tests.contract.scope_source import (
    COLLECTING,
    READING,
    SCOPING,
    Module,
    Scope,
    arguments,
    callee,
    chain,
    imported,
    is_of_sqlalchemy,
    is_word_or_value,
    origin,
    parts,
    replaced,
    root,
    types_in,
)

#: They bring a table into a statement that was made elsewhere.
WIDENING = {"select_from", "join", "outerjoin", "add_columns", "with_only_columns"}
#: Methods whose arguments become a part of the statement or condition that they are called on.
COMPOSING = WIDENING | {
    *("where", "filter", "having", "order_by", "group_by", "distinct", "on", "correlate", "in_", "not_in", "op"),
    *("union", "union_all", "is_distinct_from", "between", "contains", "label", "from_select", "values"),
}
#: Expressions that have what is in them.
WHOLES = (
    *(ast.Attribute, ast.Starred, ast.Tuple, ast.List, ast.IfExp, ast.GeneratorExp, ast.ListComp),
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare),
)
#: Types of parameters that can hold a model or a part of a statement.
SQL_TYPES = {
    *("Any", "object", "type", "Select", "ColumnElement", "SQLColumnExpression", "InstrumentedAttribute", "Mapped"),
    *("Subquery", "CTE", "FromClause", "Exists", "ScalarSelect", "AliasedClass", "Table", "Callable", "TenantRow"),
}


class Finding(NamedTuple):
    """A read that is neither scoped nor says why, or an exception that is none."""

    line: int
    source: str


@dataclass
class Reader:
    """Reads modules that may import each other, by their dotted names."""

    modules: Mapping[str, Module]
    #: Names that hold no tenant model, and those that are being asked for.
    _harmless: set[tuple[str, Scope, str, bool]] = field(default_factory=set)
    _asked: set[tuple[str, Scope, str, bool]] = field(default_factory=set)

    @classmethod
    def of_folder(cls, root: Path) -> "Reader":
        """All modules of the package that lies in `root`."""
        names = {path: ".".join(path.relative_to(root.parent).with_suffix("").parts) for path in root.rglob("*.py")}
        plain = {path: name.removesuffix(".__init__") for path, name in names.items()}
        return cls({name: Module(name, ast.parse(path.read_text())) for path, name in plain.items()})

    @classmethod
    def of_source(cls, source: str) -> "Reader":
        """One module alone, named `source`."""
        return cls({"source": Module("source", ast.parse(source))})

    @cached_property
    def imported(self) -> set[tuple[str, str]]:
        """Module and name of all that another module imports."""
        nodes = (node for module in self.modules.values() for node in ast.walk(module.tree))
        return {
            (str(node.module), alias.name) for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
        }

    @cached_property
    def tenants(self) -> set[str]:
        """Names of all models that hold rows of an organization."""
        return {mapper.class_.__name__ for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantRow)}

    def findings(self, name: str) -> list[Finding]:
        """What is wrong in a module, by line."""
        module = self.modules[name]
        calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
        wrong: list[ast.expr] = [
            call for call in calls if self._is_read(module, call) and not self._accepted(module, call, set())
        ]
        wrong += [call for call in calls if self._is_row_by_key(module, call)]
        wrong += [call for call in calls if callee(module, call) == "unscoped" and not self._says_why(module, call)]
        wrong += [name for name in module.names if self._is_reader(module, name)]
        lines = {Finding(node.lineno, ast.unparse(node)) for node in wrong}
        return sorted(lines)

    # What is a read

    def _is_read(self, module: Module, call: ast.Call) -> bool:
        if callee(module, call) in READING:
            table = [call.func] if isinstance(call.func, ast.Attribute) else []
            return any(self._mentions(module, part) for part in [*table, *parts(chain(module, call))])
        if not isinstance(call.func, ast.Attribute):
            return False
        if call.func.attr in WIDENING and not self._has_known_root(module, call):
            return any(self._mentions(module, part, False) for part in arguments(call))
        return False

    def _is_reader(self, module: Module, name: ast.Name) -> bool:
        """Whether `select` itself is given another name, or handed on: what is read with it is not seen."""
        call = module.parents[name]
        is_called = isinstance(call, ast.Call) and call.func is name
        return not is_called and is_of_sqlalchemy(module, name) and (origin(module, name) or ("", ""))[1] in READING

    def _is_row_by_key(self, module: Module, call: ast.Call) -> bool:
        """Whether a session gets a row of a tenant model; a dictionary may be asked for the same word."""
        match call:
            case ast.Call(func=ast.Attribute(value=receiver, attr="get" | "get_one" | "query"), args=[model, *_]):
                is_model = isinstance(model, ast.Name) and (origin(module, model) or ("",))[0] == "app.models"
                return (is_model or _is_session(module, receiver)) and self._mentions(module, model)
        return False

    def _has_known_root(self, module: Module, call: ast.Call) -> bool:
        """Whether the statement of a chain is a read that is looked at itself, or scoped."""
        first = root(call)
        if isinstance(first, ast.Call) and callee(module, first) in READING:
            return self._is_read(module, first)
        return isinstance(first, ast.Constant) or self._is_scoped(module, first, set())

    def _is_scoped_name(self, module: Module, name: ast.Name, seen: set[ast.AST]) -> bool:
        """Whether all that `name` may stand for began as a scoped statement."""
        values = module.values(name)
        return bool(values) and all(value in seen or self._is_scoped(module, value, {*seen, value}) for value in values)

    def _is_scoped(self, module: Module, value: ast.AST, seen: set[ast.AST]) -> bool:
        """Whether a chain of methods began as a scoped statement, by name or by a function of the module as well."""
        match root(value):
            case ast.Name() as name:
                return self._is_scoped_name(module, name, seen)
            case ast.Call() as call if callee(module, call) in {"restrict", "visible", "unscoped"}:
                return True
            case ast.IfExp(body=one, orelse=other):
                return self._is_scoped(module, one, seen) and self._is_scoped(module, other, seen)
            case ast.Call(func=ast.Name() as name):
                match module.values(name):
                    case [ast.FunctionDef() as function] if function not in seen:
                        made = [one.value for one in ast.walk(function) if isinstance(one, ast.Return)]
                        return bool(made) and all(
                            one is not None and self._is_scoped(module, one, {*seen, function}) for one in made
                        )
        return False

    def _mentions(self, module: Module, node: ast.AST, parameters: bool = True) -> bool:
        """Whether a tenant model may be in an expression, outside of what is scoped or a read itself.

        With `parameters`, one that can hold a part of a statement counts as a model.
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
            case ast.Attribute() if node.attr == "model" or self._type_of(module, node):
                return parameters and self._brings_sql(module, node)
            case ast.arg():
                return parameters and self._holds_sql(module, node.annotation, set())
        inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        return any(self._mentions(module, child, parameters and not inner) for child in _parts_that_count(node))

    def _is_told_elsewhere(self, module: Module, node: ast.AST) -> bool:
        """Whether this is scoped, is a read that is looked at itself, or is a value whatever it holds."""
        if callee(module, root(node)) in SCOPING | READING or is_word_or_value(module, node):
            return True
        return self._is_plain(module, node) or self._is_scoped(module, node, set())

    def _is_plain(self, module: Module, node: ast.AST) -> bool:
        """Whether this calls a function of the app that says that it returns no part of a statement."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            return False
        home, values = self._class_of(module, node.func)
        match values:
            case [ast.FunctionDef(returns=ast.expr() as returned)]:
                return not self._holds_sql(home, returned, set())
        return False

    def _stands_for_tenant(self, module: Module, name: tuple[Scope, str], parameters: bool) -> bool:
        key = (module.name, *name, parameters)
        if key in self._harmless or key in self._asked:  # a name may stand for itself
            return False
        is_first = not self._asked
        self._asked.add(key)
        found = any(self._is_tenant(module, value, name[1], parameters) for value in module.bindings.get(name, []))
        if is_first:
            # Whatever is asked on the way to a model is left open: it was not asked to its end.
            self._harmless |= set() if found else self._asked
            self._asked.clear()
        return found

    def _is_tenant(self, module: Module, value: ast.AST, name: str, parameters: bool) -> bool:
        """Whether `value`, which `name` was given, is a tenant model or has one in it."""
        source = imported(value, name)
        return self._defines_tenant(*source) if source else self._mentions(module, value, parameters)

    def _defines_tenant(self, source: str, name: str) -> bool:
        """Whether a name of a module of the app is a tenant model, or has one in it."""
        if source == "app.models" or source.startswith("app.models."):
            return name in self.tenants
        module = self.modules.get(source)
        return module is not None and self._stands_for_tenant(module, (module.tree, name), False)

    def _module_of(self, module: Module, base: ast.Name) -> str:
        """The dotted name of a module of the app that a name stands for; empty for anything else."""
        dotted = ".".join(filter(None, origin(module, base) or ()))
        return dotted if dotted in self.modules or dotted == "app.models" else ""

    def _type_of(self, module: Module, node: ast.expr) -> tuple[Module, ast.expr] | None:
        """The annotation of a parameter, or of a field of one, with the module that it is written in."""
        match node:
            case ast.Name():
                match module.values(node):
                    case [ast.arg(annotation=ast.expr() as annotation)]:
                        return module, annotation
                    case [ast.Call(func=ast.Name() as function)]:
                        home, values = self._class_of(module, function)
                        return next(
                            ((home, one.returns) for one in values if isinstance(one, ast.FunctionDef) and one.returns),
                            None,
                        )
            case ast.Attribute(value=ast.Name(id="self") as owner, attr=attribute):
                return _field_of(module, [module.parents[module.home(owner)]], attribute)
            case ast.Attribute(value=value, attr=attribute):
                found = self._type_of(module, value)
                if found is not None and isinstance(found[1], ast.Name):
                    home, values = self._class_of(found[0], found[1])
                    return _field_of(home, values, attribute)
        return None

    def _class_of(self, module: Module, name: ast.Name) -> tuple[Module, list[ast.AST]]:
        """Where a type of the app is defined, and how; nothing for a model or what is not of the app."""
        found = origin(module, name)
        if found is None:
            return module, module.values(name)
        home = self.modules.get(found[0])
        if home is None or found[0].startswith("app.models"):
            return module, []
        return home, home.bindings.get((home.tree, found[1]), [])

    def _brings_sql(self, module: Module, node: ast.Attribute) -> bool:
        """Whether a field of a parameter can hold a model or a part of a statement; `model` is always one."""
        found = self._type_of(module, node)
        return node.attr == "model" or (found is not None and self._holds_sql(*found, set()))

    def _holds_sql(self, module: Module, annotation: ast.expr | None, seen: set[str]) -> bool:
        """Whether a parameter of this type can bring a model or a part of a statement."""
        if annotation is None:
            return False
        for node in types_in(annotation):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if name in SQL_TYPES or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                return True
            if isinstance(node, ast.Name) and self._is_sql_type(module, node, seen):
                return True
        return False

    def _is_sql_type(self, module: Module, name: ast.Name, seen: set[str]) -> bool:
        """Whether a type of the app is another word for a statement, or holds one in a field."""
        home, values = self._class_of(module, name)
        if f"{home.name}.{name.id}" in seen:
            return False
        seen = {*seen, f"{home.name}.{name.id}"}
        return any(self._type_holds_sql(home, value, seen) for value in values)

    def _type_holds_sql(self, module: Module, value: ast.AST, seen: set[str]) -> bool:
        if isinstance(value, ast.ClassDef):
            fields = [one.annotation for one in value.body if isinstance(one, ast.AnnAssign)]
            made = [one.returns for one in value.body if isinstance(one, ast.FunctionDef)]
            return any(self._holds_sql(module, annotation, seen) for annotation in [*fields, *made])
        return isinstance(value, ast.expr) and self._holds_sql(module, value, seen)

    # What is accepted

    def _accepted(self, module: Module, node: ast.AST, seen: set[ast.AST]) -> bool:
        """Whether an expression ends up in a scoped statement, wherever it goes."""
        if node in seen:  # a name that is given itself, changed
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
        match call.func:
            case ast.Name() as function if not is_of_sqlalchemy(module, function):
                return self._accepted_argument(module, function, call, part, seen)
            case ast.Attribute(value=ast.Name() as name, attr=method) if method in COLLECTING and part is not call.func:
                return self._accepted_name(module, call, name.id, seen, module.home(name))
        if not self._is_part_of_it(module, call, part):
            return False
        return self._is_correlated(module, call, part) or self._accepted(module, call, seen)

    def _is_part_of_it(self, module: Module, call: ast.Call, part: ast.AST) -> bool:
        """Whether what a call makes is the same statement, or has it within."""
        match call.func:
            case ast.Name():  # of SQLAlchemy
                return True
            case ast.Attribute(value=ast.Name() as base) if is_of_sqlalchemy(module, base):
                return True
            case ast.Attribute(attr=method):
                return part is call.func or method in COMPOSING
        return False

    def _accepted_name(
        self, module: Module, binding: ast.AST, name: str, seen: set[ast.AST], scope: Scope | None = None
    ) -> bool:
        """Whether every use of a name is accepted, but for those after it got another value."""
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

    def _is_private(self, module: Module, name: str) -> bool:
        """Whether no other module uses a name of this one."""
        return name.startswith("_") and (module.name, name) not in self.imported

    def _accepted_return(self, module: Module, node: ast.Return, seen: set[ast.AST]) -> bool:
        """A private function's callers must scope what they get."""
        function = module.scope(node)
        if not isinstance(function, ast.FunctionDef) or function.decorator_list:
            return False
        around = module.parents[function]
        if isinstance(around, ast.ClassDef) or (around is module.tree and not self._is_private(module, function.name)):
            return False
        calls = [(use, module.parents[use]) for use in module.loads.get((module.scope(function), function.name), [])]
        return all(
            isinstance(call, ast.Call) and call.func is use and self._accepted(module, call, seen)
            for use, call in calls
        )

    def _accepted_argument(
        self, module: Module, function: ast.Name, call: ast.Call, part: ast.AST, seen: set[ast.AST]
    ) -> bool:
        """A function of the same module that scopes what it is handed."""
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
        """A condition of a scoped statement, whose own rows are of the same organization."""
        if part is call.func or not self._is_scoped(module, call, set()):
            return False
        reads = [one for one in ast.walk(part) if isinstance(one, ast.Call) and callee(module, one) in READING]
        return bool(reads) and all(_is_of_same_organization(module, one) for one in reads)

    def _says_why(self, module: Module, call: ast.Call) -> bool:
        """An exception is about a read, and its reason is a sentence."""
        words = [word.value for word in call.keywords if word.arg == "why"]
        is_sentence = any(isinstance(word, ast.Constant) and len(str(word.value).split()) >= 3 for word in words)
        return is_sentence and self._may_read(module, call.args[0], set())

    def _may_read(self, module: Module, node: ast.AST, seen: set[ast.AST]) -> bool:
        """Whether there is a tenant model in an expression, or in what its names stand for."""
        if node in seen:
            return False
        seen.add(node)
        if self._mentions(module, node) or (isinstance(node, ast.Call) and self._is_read(module, node)):
            return True
        values = module.values(node) if isinstance(node, ast.Name) else ast.iter_child_nodes(node)
        return any(self._may_read(module, value, seen) for value in values)


def _parts_that_count(node: ast.AST) -> Iterable[ast.AST]:
    """The parts of an expression or definition that can bring a model into a statement."""
    match node:
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body) | ast.ClassDef(body=body):
            return body
        case ast.AnnAssign(value=value):
            return [value] if value else []
        case ast.Call(func=ast.Attribute(value=value, attr="label")) | ast.Subscript(value=value):
            return [value]
        case ast.IfExp(body=one, orelse=other):  # what is tested chooses between them, and is in neither
            return [one, other]
        case ast.comprehension():  # what it goes through is asked for where its name is used
            return []
    return ast.iter_child_nodes(node)


def _field_of(module: Module, values: list[ast.AST], name: str) -> tuple[Module, ast.expr] | None:
    """The annotation of a field or property of a class."""
    for one in (part for value in values if isinstance(value, ast.ClassDef) for part in value.body):
        match one:
            case ast.AnnAssign(target=ast.Name(id=given), annotation=annotation) if given == name:
                return module, annotation
            case ast.FunctionDef(name=given, returns=ast.expr() as annotation) if given == name:
                return module, annotation
    return None


def _is_session(module: Module, node: ast.AST) -> bool:
    """Whether this is called a session, or was opened by `with`."""
    if ast.unparse(node).endswith("session"):
        return True
    opened = [item.context_expr for item in ast.walk(module.tree) if isinstance(item, ast.withitem)]
    return isinstance(node, ast.Name) and any(value in opened for value in module.values(node))


def _is_of_same_organization(module: Module, read: ast.Call) -> bool:
    """Whether the conditions of a read compare its organization with that of another model, or of the actor."""
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
