"""The JSON API is declared: by every resource, in modules that only declare."""

import ast
from pathlib import Path

import pytest
from flask import Flask

from app.config import PROJECT_ROOT
from app.declarations.api import Api, NoApi
from app.declarations.registry import registry_of

APP = PROJECT_ROOT / "app"
LATER = "It is not part of the first version of the API."
#: Resources without an API for a reason other than that it comes later.
WITHOUT = {
    "refresh_token",
    "mfa_recovery_code",
    "password_reset",
    "platform_staff",
    "list_settings",
    "provider_task",
    "ask_question",
}


def test_every_resource_declares_its_api_or_why_it_has_none(app: Flask) -> None:
    registry = registry_of(app)
    none = {name: one.reason for name, one in registry.apis.items() if isinstance(one, NoApi)}

    assert set(registry.resources) - set(registry.apis) == set()
    assert {name for name, reason in none.items() if reason != LATER} == WITHOUT


def test_a_path_belongs_to_one_resource_and_is_in_lower_case(app: Flask) -> None:
    apis = [one for one in registry_of(app).apis.values() if isinstance(one, Api)]
    whole = [(one.parent.api.path if one.parent else "", one.path) for one in apis]

    assert len(set(whole)) == len(whole)
    assert not [one.path for one in apis if one.path != one.path.lower() or "_" in one.path]


def modules(name: str) -> list[Path]:
    return [path for path in sorted(APP.rglob(name)) if path.relative_to(APP).parts[0] not in {"api", "declarations"}]


@pytest.mark.parametrize("path", modules("api.py"), ids=lambda path: path.parent.name)
def test_a_module_of_declarations_only_declares(path: Path) -> None:
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)

    assert not [ast.unparse(node)[:80] for node in body_of(path) if not isinstance(node, allowed)]


@pytest.mark.parametrize("path", modules("schemas.py"), ids=lambda path: path.parent.name)
def test_a_module_of_schemas_has_classes_and_validators_only(path: Path) -> None:
    """A private function is a validator, or converts a value of one of the classes."""
    wrong = [node for node in body_of(path) if not isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef))]

    assert not [
        ast.unparse(node)[:80]
        for node in wrong
        if not (isinstance(node, ast.FunctionDef) and node.name.startswith("_"))
        and not isinstance(node, (ast.Assign, ast.AnnAssign))
    ]


def body_of(path: Path) -> list[ast.stmt]:
    """Return the statements of a module without its docstring."""
    return ast.parse(path.read_text()).body[1:]


def test_the_frame_is_small() -> None:
    lines = sum(len(path.read_text().splitlines()) for path in (APP / "api").rglob("*.py"))

    assert lines <= 2500
