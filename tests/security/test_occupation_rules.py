"""Occupations: facts about people of the organization, which guests don't have."""

from dataclasses import replace
from uuid import UUID

from app.security.actor import Actor
from app.security.occupation_rules import is_csr, is_sales_rep
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


def test_each_occupation_is_that_of_one_role() -> None:
    assert [role for role in Role if is_csr(actor_of(role))] == [Role.CSR]
    assert [role for role in Role if is_sales_rep(actor_of(role))] == [Role.SALES_REP]


def test_extra_permissions_change_no_occupation() -> None:
    assert is_csr(actor_of(Role.CSR, *Permission))
    assert is_sales_rep(actor_of(Role.SALES_REP, *Permission))
    assert not is_csr(actor_of(Role.MANAGER, *Permission))


def test_a_guest_has_no_occupation() -> None:
    for role, has_it in ((Role.CSR, is_csr), (Role.SALES_REP, is_sales_rep)):
        assert not has_it(replace(actor_of(role), home=actor_of(role)))
