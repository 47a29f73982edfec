"""Features reach rows of an organization through `visible` and `restrict` only; found by reading the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from app.config import PROJECT_ROOT
from app.models import Base, TenantRow
from app.security.scope import scoped_models

APP = PROJECT_ROOT / "app"
#: The floors below features, and what is no feature.
BELOW = ("models", "db", "security", "cli", "demo")
#: Works where nobody is signed in: each with the reason.
WITHOUT_ACTOR = {
    "audit_log/kinds.py": "says what rows are called; audit_log/names.py, which asks, restricts the rows",
    "audit_log/chain.py": "how far the verification is, for all who see the chain; they need not see other jobs",
    "invitations/queries.py": "whoever accepts an invitation is nobody here yet; its list is scoped",
    "organizations/queries.py": "the platform counts the people of all organizations",
    "streams/sending.py": "the job sends to the streams of the organization, whoever set them up",
    "outbox/sending.py": "the job sends what was written, whoever asked for it",
    "accounts/queries.py": "before and while somebody signs in there is no actor yet",
    "contacts/queries.py": "narrows a list that is scoped itself, and shows no card",
    "imports/choosing.py": "a command names the organization, not a person",
    "imports/load_calls.py": "the import works for the organization, not within a person's scope",
    "billing/quotas.py": "counts what the whole organization uses, whoever adds to it",
    "billing/payments.py": "the provider's events are about the organization, and no person brings them",
    "exports/run.py": "the clean-up works for the organization, and a job finds the export that it is about",
    "users/actors.py": "a job finds out who asked for it; before that there is no actor",
    "privacy/files.py": "the job removes every export that holds the person, whoever made it",
    "platform/onboarding.py": "the platform's admin is no person of the organization that is set up",
    "retention/sweep.py": "the job removes rows of the organization, whoever could see them",
    "users/queries.py": "names of a file are matched with people by the import's job",
}
THE_WAY = {"visible", "restrict"}


def tenant_models() -> set[str]:
    """Names of all models that hold rows of an organization."""
    return {mapper.class_.__name__ for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantRow)}


def modules() -> Iterator[Path]:
    """All modules of features and of what stands on them."""
    return (path for path in sorted(APP.rglob("*.py")) if path.relative_to(APP).parts[0] not in BELOW)


def selected(tree: ast.AST) -> set[str]:
    """Tenant models that a module selects from."""
    models = tenant_models()
    return {
        name.id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "select"
        for argument in call.args
        for name in ast.walk(argument)
        if isinstance(name, ast.Name) and name.id in models
    }


def names(tree: ast.AST) -> set[str]:
    """All names that a module uses."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_a_module_that_selects_rows_of_an_organization_restricts_them() -> None:
    raw = {}
    for path in modules():
        tree = ast.parse(path.read_text())
        place = path.relative_to(APP).as_posix()
        if selected(tree) and not names(tree) & THE_WAY and place not in WITHOUT_ACTOR:
            raw[place] = sorted(selected(tree))

    assert raw == {}, "use visible() or restrict() of app.security.scope"


def test_the_reader_knows_a_raw_select_when_it_sees_one() -> None:
    assert selected(ast.parse("db.session.scalars(select(Call).where(Call.id == x))")) == {"Call"}
    assert selected(ast.parse("select(func.count()).select_from(User)")) == set()
    assert selected(ast.parse("visible(Call, actor)")) == set()


def test_every_exception_is_still_needed() -> None:
    gone = [place for place in WITHOUT_ACTOR if not selected(ast.parse((APP / place).read_text()))]

    assert gone == []


def test_every_model_that_a_list_shows_has_a_scope() -> None:
    assert {"Call", "Lead", "Appointment", "MissedCallEntry", "Task", "ContactCard", "Import"} <= {
        model.__name__ for model in scoped_models()
    }
