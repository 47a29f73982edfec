"""A module's name states its layer, and imports between modules of features follow the layers."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from tests.support.sources import statements

APP = PROJECT_ROOT / "app"
AREAS = (
    "platform",
    "insight",
    "work",
    "organization",
    "people",
    "trust",
    "data",
    "messaging",
    "ops",
    "lists",
    "tenancy",
)

#: Layers of the features that a module of each layer can import, besides its own.
BELOW: Mapping[str, frozenset[str]] = {
    "rules": frozenset(),
    "filters": frozenset({"rules"}),
    "queries": frozenset({"resource", "filters", "rules"}),
    "resource": frozenset({"queries", "filters", "rules"}),
    "service": frozenset({"declaration", "jobs", "resource", "queries", "filters", "rules"}),
    "jobs": frozenset({"service", "resource", "queries", "filters", "rules"}),
    "declaration": frozenset(
        {"operations", "page", "forms", "service", "jobs", "resource", "queries", "filters", "rules"}
    ),
    "operations": frozenset({"views", "page", "forms", "service", "resource", "queries", "filters", "rules"}),
    "forms": frozenset({"service", "resource", "queries", "filters", "rules"}),
    "page": frozenset({"forms", "resource", "queries", "filters", "rules"}),
    "views": frozenset({"page", "forms", "jobs", "service", "resource", "queries", "filters", "rules"}),
    "feature": frozenset(
        {"views", "declaration", "page", "forms", "jobs", "service", "resource", "queries", "filters", "rules"}
    ),
}
#: Small declarations of a feature, each for the one mechanism that it is named after.
DECLARATIONS = (
    "api",
    "trash",
    "retention",
    "privacy",
    "integrity",
    "open_work",
    "bulk",
    "importing",
    "panel",
    "notices",
    "rendered_mails",
    "shortcuts",
)

#: Layers of modules whose name doesn't state one.
OTHERWISE: Mapping[str, str] = {
    "data.exports.export_limits": "page",
    "insight.metrics.call_ledger": "queries",
    "insight.metrics.catalogue": "queries",
    "insight.metrics.csr_definitions": "queries",
    "insight.metrics.follow_up_ledger": "queries",
    "insight.metrics.lead_ledger": "queries",
    "insight.metrics.ledger": "queries",
    "insight.metrics.metric": "queries",
    "insight.metrics.missed_definitions": "queries",
    "insight.metrics.missed_ledger": "queries",
    "insight.metrics.movement": "queries",
    "insight.metrics.numbers": "queries",
    "insight.metrics.rep_definitions": "queries",
    "insight.metrics.tally_ledgers": "queries",
    "insight.reports.stored": "queries",
    "insight.rollups.ledgers": "queries",
    "insight.targets.definitions": "queries",
    "messaging.outbox.mails": "rules",
    "ops.backups.manifest": "rules",
    "ops.jobs.clock": "service",
    "ops.jobs.consuming": "service",
    "ops.jobs.progress": "service",
    "ops.jobs.queue": "queries",
    "ops.jobs.record": "service",
    "ops.jobs.worker": "service",
    "ops.system.version": "queries",
    "organization.api_keys.key_limits": "page",
    "people.impersonation.guard": "views",
    "people.invitations.invitation_limits": "page",
    "people.sign_in.client_limits": "operations",
    "people.users.account_actions": "page",
    "people.users.password_limits": "page",
    "people.users.picture_process": "rules",
    "platform.organizations.tenant_switch": "service",
    "trust.audit_log.export": "queries",
    "trust.audit_log.field_kinds": "queries",
    "trust.audit_log.verification_limits": "page",
    "trust.integrity.file_checks": "queries",
    "trust.integrity.findings": "queries",
    "trust.integrity.schema_checks": "queries",
    "trust.privacy.inventory": "queries",
    "trust.trash.kinds": "queries",
}

#: Imports that are forbidden in a layer, by their prefix.
FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "rules": (
        "flask",
        "sqlalchemy",
        "psycopg",
        "werkzeug",
        "wtforms",
        "app.extensions",
        "app.db",
        "app.web",
    ),
    "filters": ("flask", "sqlalchemy", "wtforms", "werkzeug", "app.extensions", "app.web"),
    "queries": ("wtforms", "werkzeug", "flask_wtf", "app.web"),
    "service": ("wtforms", "werkzeug", "flask_wtf", "app.web"),
    "jobs": ("wtforms", "werkzeug", "flask_wtf", "app.web"),
    "forms": ("app.extensions",),
    "page": ("app.extensions", "sqlalchemy"),
    "operations": ("app.extensions", "sqlalchemy", "app.audit.record"),
    "views": ("app.extensions", "sqlalchemy", "app.audit.record"),
}


@cache
def modules(*areas: str) -> tuple[str, ...]:
    """Return the names of all modules of these areas, or of the whole app if none is named."""
    folders = [APP / area for area in areas] or [APP]
    files = (path.relative_to(PROJECT_ROOT) for folder in folders for path in sorted(folder.rglob("*.py")))
    return tuple(".".join(path.with_suffix("").parts) for path in files if path.name != "__init__.py")


def layer_of(module: str) -> str | None:
    """Return a module's layer, from OTHERWISE or from the end of its name.

    The list machinery can be used from any layer.
    """
    if module.startswith("app.lists.") and module.count(".") == 2:
        return "machine"
    if otherwise := OTHERWISE.get(module.removeprefix("app.")):
        return otherwise
    name = module.rpartition(".")[2]
    ending = name.rpartition("_")[2]
    if name in DECLARATIONS:
        return "declaration"
    if ending in {"words", "schemas"}:
        return "rules"
    return ending if ending in BELOW else None


@cache
def imports(module: str) -> frozenset[str]:
    """Return the modules that a module imports, also inside functions and with `from package import module`."""
    known = set(modules(*AREAS))
    found = set()
    tree = ast.parse((PROJECT_ROOT / Path(*module.split("."))).with_suffix(".py").read_text())
    for node in statements(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in known or not node.module.startswith("app") else node.module)
    return frozenset(found)


def up() -> Iterator[str]:
    """Yield the imports between modules of features that lead to another layer that isn't below."""
    known = set(modules(*AREAS))
    for module in modules(*AREAS):
        layer = layer_of(module)
        for wanted in sorted(imports(module) & known):
            below = layer_of(wanted)
            if "machine" not in {layer, below} and layer and below and below != layer and below not in BELOW[layer]:
                yield f"{module} -> {wanted}"


def strange() -> Iterator[str]:
    """Yield the imports of any module of the app that are forbidden in the module's layer."""
    for module in modules():
        forbidden = FORBIDDEN.get(layer_of(module) or "", ())
        for wanted in sorted(imports(module)):
            if any(wanted == name or wanted.startswith(f"{name}.") for name in forbidden):
                yield f"{module} -> {wanted}"


def test_every_module_has_a_layer() -> None:
    assert [module for module in modules(*AREAS) if layer_of(module) is None] == []
    assert [name for name in OTHERWISE if f"app.{name}" not in modules(*AREAS)] == [], "gone"


def test_imports_go_down_the_layers() -> None:
    assert list(up()) == []


def test_each_layer_leaves_to_others_what_is_theirs() -> None:
    assert list(strange()) == []


@pytest.mark.parametrize("module", ["app.server.supervisor", "app.db.embedded"])
def test_a_part_is_loaded_without_the_whole(module: str) -> None:
    look = f"import sys, {module}; print(sorted({{'app.factory', 'flask', 'sqlalchemy'}} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", look], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
