"""Permissions of a user, by role and by extra permissions."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any
from uuid import UUID

import pytest

from app.errors import Forbidden
from app.people.impersonation.queries import find_person
from app.security import identity
from app.security.actor import Actor
from app.security.permissions import Permission, Role


def actor_of(role: Role, *granted: Permission) -> Actor:
    return Actor(
        organization_id=UUID(int=1),
        user_id=UUID(int=2),
        name="Maya Torres",
        email="maya@comfort.example",
        role=role,
        granted=frozenset(granted),
    )


def test_own_rows_are_enough_to_be_let_in_but_not_to_see_all() -> None:
    csr = actor_of(Role.CSR)

    assert csr.may(Permission.CALLS_READ)
    assert not csr.sees_all(Permission.CALLS_READ)


def test_manager_sees_all() -> None:
    assert actor_of(Role.MANAGER).sees_all(Permission.CALLS_READ)


def test_granted_permission_adds_to_the_role_and_reaches_the_whole_organization() -> None:
    csr = actor_of(Role.CSR, Permission.CALLS_READ, Permission.REPORTS_READ)

    assert csr.may(Permission.REPORTS_READ)
    assert csr.sees_all(Permission.CALLS_READ)
    assert Permission.REPORTS_READ in csr.permissions
    assert Permission.MISSED_CALLS_WORK in csr.permissions


def test_refusal_says_what_is_needed_who_has_it_and_who_one_is() -> None:
    with pytest.raises(Forbidden) as refused:
        actor_of(Role.CSR).requires(Permission.CALLS_READ, Permission.AUDIT_READ)

    assert refused.value.extra == {
        "required_permission": "audit:read",
        "required_role": "support",
        "current_role": "csr",
    }


def test_refusal_of_what_no_role_has_names_no_role() -> None:
    with pytest.raises(Forbidden) as refused:
        actor_of(Role.OWNER).requires(Permission.MAINTENANCE_WRITE)

    assert refused.value.extra["required_role"] is None


#: Fields that stay the same when an admin views as another user; they belong to the organization or to the admin.
OF_WHO_LOOKS = {
    "organization_id", "session_id", "organization_name", "organization_slug", "timezone", "week_start", "country",
    "language", "theme", "density", "shortcuts_enabled", "lacks_second_factor", "home", "revisions",
    "has_second_factor", "confirmed_at", "ceiling", "api_limits",
}  # fmt: skip
#: Fields that stay the same when platform staff enter another organization; they belong to the person, or are limits of
#: the API, which nobody enters another organization with.
OF_WHO_VISITS = {
    "user_id", "name", "email", "session_id", "language", "theme", "density", "shortcuts_enabled", "viewer",
    "viewing_since", "has_second_factor", "confirmed_at", "ceiling", "api_limits",
}  # fmt: skip


@pytest.mark.parametrize(
    ("makes", "stays"), [(find_person, OF_WHO_LOOKS), (identity._visit, OF_WHO_VISITS)], ids=["looks", "visits"]
)
def test_who_becomes_somebody_else_takes_nothing_along_but_what_is_meant_to(
    makes: Callable[..., Any], stays: set[str]
) -> None:
    calls = [one for one in ast.walk(ast.parse(inspect.getsource(makes))) if isinstance(one, ast.Call)]
    replaced = {
        keyword.arg for one in calls if ast.unparse(one.func) == "replace" for keyword in one.keywords if keyword.arg
    }

    assert replaced == {field.name for field in fields(Actor)} - stays
