"""Matching of the CSR names in an imported file with users."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.errors import ValidationFailed
from app.models import Organization, Role, User, UserStatus
from app.people.users.queries import match_people
from app.people.users.rules import imported_address
from app.people.users.service import create_imported_people
from app.security.password_queries import find_salt
from tests.support.factories import Factories
from tests.support.work import at_work, both_at_once

People = Callable[..., list[User]]


def test_a_name_becomes_an_inactive_csr_without_a_password(
    app: Flask, organization: Organization, people: People
) -> None:
    with at_work(app, organization.id):
        made = create_imported_people(organization.id, ["Zoë  Núñez"], Role.CSR)

    (user,) = people()
    assert made == {"Zoë  Núñez": user.id}
    assert (user.name, user.email) == ("Zoë Núñez", "zoe-nunez@blue-ridge.invalid")
    assert (user.role, user.status) == (Role.CSR, UserStatus.INACTIVE)
    with at_work(app, organization.id):
        assert find_salt(user.id) is None


def test_the_same_names_again_make_nobody(app: Flask, organization: Organization, people: People) -> None:
    with at_work(app, organization.id):
        first = create_imported_people(organization.id, ["Ann Lee", "Bo Diaz"], Role.CSR)
    with at_work(app, organization.id):
        again = create_imported_people(organization.id, ["ANN LEE", "Bo  Diaz", "Cy Young"], Role.CSR)

    assert (again["ANN LEE"], again["Bo  Diaz"]) == (first["Ann Lee"], first["Bo Diaz"])
    assert {user.name for user in people()} == {"Ann Lee", "Bo Diaz", "Cy Young"}
    assert len(people()) == 3


def test_who_works_here_already_is_meant(
    app: Flask, make: Factories, organization: Organization, people: People
) -> None:
    ann = make.user(organization, role=Role.MANAGER, name="Ann Lee")

    with at_work(app, organization.id):
        made = create_imported_people(organization.id, ["ann lee", ann.email.upper()], Role.CSR)

    assert set(made.values()) == {ann.id}
    assert len(people()) == 1


def test_different_people_with_one_address_get_a_number(app: Flask, organization: Organization, people: People) -> None:
    with at_work(app, organization.id):
        create_imported_people(organization.id, ["Ann Lee", "Ann-Lee", "Анна", "Ольга"], Role.CSR)

    addresses = {user.email.partition("@")[0] for user in people()}
    assert addresses == {"ann-lee", "ann-lee-2", "agent", "agent-2"}


def test_namesakes_are_left_to_be_sorted_out(
    app: Flask, make: Factories, organization: Organization, people: People
) -> None:
    for _ in range(2):
        make.user(organization, name="Ann Lee")

    with at_work(app, organization.id):
        matches = match_people(organization.id, ["Ann Lee", "Nobody Here"])
        made = create_imported_people(organization.id, ["Ann Lee"], Role.CSR)

    assert (matches.found, matches.ambiguous) == ({}, frozenset({"Ann Lee"}))
    assert made == {}
    assert len(people()) == 2


def test_of_namesakes_the_only_csr_is_meant(app: Flask, make: Factories, organization: Organization) -> None:
    make.user(organization, role=Role.MANAGER, name="Ann Lee")
    csr = make.user(organization, name="Ann Lee")

    with at_work(app, organization.id):
        assert match_people(organization.id, ["Ann Lee"]).found == {"Ann Lee": csr.id}


@pytest.mark.parametrize("name", ["A", " ", "x" * 101])
def test_a_name_that_cannot_be_one_is_refused(app: Flask, organization: Organization, name: str) -> None:
    with pytest.raises(ValidationFailed), at_work(app, organization.id):
        create_imported_people(organization.id, [name], Role.CSR)


def test_two_imports_at_once_make_each_person_once(app: Flask, organization: Organization, people: People) -> None:
    refused = both_at_once(
        app,
        organization.id,
        lambda: create_imported_people(organization.id, ["Ann Lee", "Bo Diaz"], Role.CSR),
        lambda: create_imported_people(organization.id, ["Bo Diaz", "Ann Lee"], Role.CSR),
    )

    assert refused == []
    assert sorted(user.name for user in people()) == ["Ann Lee", "Bo Diaz"]


def test_a_long_name_still_makes_an_address_that_mail_knows() -> None:
    address = imported_address("Maximiliane " * 20, "blue-ridge", set())

    assert len(address.partition("@")[0]) <= 64
