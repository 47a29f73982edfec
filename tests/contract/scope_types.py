"""Types from annotations: whether a parameter or a return value can be a part of a statement."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from tests.contract.scope_source import Module, origin, types_in

#: Types of parameters that can hold a model or a part of a statement.
SQL_TYPES = {
    *("Any", "object", "type", "Select", "ColumnElement", "SQLColumnExpression", "InstrumentedAttribute", "Mapped"),
    *("Subquery", "CTE", "FromClause", "Exists", "ScalarSelect", "AliasedClass", "Table", "Callable", "TenantRow"),
}


@dataclass
class Types:
    """Reader of the annotations of modules that can import each other, by their dotted names."""

    modules: Mapping[str, Module]

    def _type_of(self, module: Module, node: ast.expr) -> tuple[Module, ast.expr] | None:
        """Return the annotation of a parameter, of a function's result or of a field, with its module.

        A name is followed to its parameter, or to the function whose result is assigned to it; an attribute to its
        field in the class of its owner.
        """
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
                if found is not None and (name := _element_of(found[1])) is not None:
                    home, values = self._class_of(found[0], name)
                    return _field_of(home, values, attribute)
        return None

    def _class_of(self, module: Module, name: ast.Name) -> tuple[Module, list[ast.AST]]:
        """Return the module and the definitions of a type of the app; no definitions for models and other packages."""
        found = origin(module, name)
        if found is None:
            return module, module.values(name)
        home = self.modules.get(found[0])
        if home is None or found[0].startswith("app.models"):
            return module, []
        return home, home.bindings.get((home.tree, found[1]), [])

    def _is_told_by_type(self, module: Module, node: ast.arg | ast.Attribute) -> bool:
        return isinstance(node, ast.arg) or node.attr == "model" or self._type_of(module, node) is not None

    def _brings_sql(self, module: Module, node: ast.arg | ast.Attribute) -> bool:
        """Return whether a parameter, or a field of one, can hold part of a statement; a field `model` always does."""
        if isinstance(node, ast.arg):
            return self._holds_sql(module, node.annotation, set())
        found = self._type_of(module, node)
        return node.attr == "model" or (found is not None and self._holds_sql(*found, set()))

    def _holds_sql(self, module: Module, annotation: ast.expr | None, seen: set[str]) -> bool:
        """Return whether a parameter of this type can hold a model or a part of a statement."""
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
        """Return whether a type of the app is an alias for a statement, or has one in a field."""
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

    def _is_plain(self, module: Module, node: ast.AST) -> bool:
        """Return whether `node` calls a function of the app whose return type excludes parts of a statement."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            return False
        home, values = self._class_of(module, node.func)
        match values:
            case [ast.FunctionDef(returns=ast.expr() as returned)]:
                return not self._holds_sql(home, returned, set())
        return False


def _element_of(annotation: ast.expr) -> ast.Name | None:
    """Return the type itself, or the element type of a sequence or mapping, whose fields can be read."""
    match annotation:
        case ast.Name():
            return annotation
        case ast.BinOp(left=ast.Name() as held):  # such as `X | None`
            return held
        case ast.Subscript(slice=ast.Name() as held) | ast.Subscript(slice=ast.Tuple(elts=[*_, ast.Name() as held])):
            return held
    return None


def _field_of(module: Module, values: list[ast.AST], name: str) -> tuple[Module, ast.expr] | None:
    """Return the annotation of a field or property of a class."""
    for one in (part for value in values if isinstance(value, ast.ClassDef) for part in value.body):
        match one:
            case ast.AnnAssign(target=ast.Name(id=given), annotation=annotation) if given == name:
                return module, annotation
            case ast.FunctionDef(name=given, returns=ast.expr() as annotation) if given == name:
                return module, annotation
    return None
