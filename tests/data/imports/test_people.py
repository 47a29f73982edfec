"""Import of people and their teams."""

import pytest

from app.data.imports import load_service
from app.models import Role, User
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines
from tests.support.importing import Importer

HEADER = "Sales agent,Manager,Office"


def teams(importer: Importer) -> dict[str, str | None]:
    people = {user.id: user for user in importer.stored(User)}
    return {
        user.name: people[user.manager_id].name if user.manager_id else None
        for user in people.values()
        if user.role == "sales_rep"
    }


def test_who_is_new_comes_as_an_inactive_sales_rep(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines(HEADER, "Ann Lee,Dee Fox,East", "Bo Diaz,dee  fox,East", "Cy Young,,West"))

    imported = importer.people(file)

    assert (imported.counts, imported.errors) == ({"total": 3, "created": 3}, [])
    assert imported.outcome.users_created == ("Ann Lee", "Bo Diaz", "Cy Young", "Dee Fox")
    assert teams(importer) == {"Ann Lee": "Dee Fox", "Bo Diaz": "Dee Fox", "Cy Young": None, "Dee Fox": None}
    made = [user for user in importer.stored(User) if user.role == "sales_rep"]
    assert {(user.status, user.password_hash) for user in made} == {("inactive", None)}
    assert importer.people(file).counts == {"total": 3, "unchanged": 3}


def test_who_is_there_keeps_their_role_and_their_manager(
    importer: Importer, write_file: WriteFile, make: Factories
) -> None:
    company = importer.organization
    boss = make.user(company, role=Role.SALES_REP, name="Real Boss")
    led = make.user(company, role=Role.SALES_REP, name="Ann Lee", manager_id=boss.id)
    free = make.user(company, role=Role.CSR, name="Bo Diaz")
    make.user(company, role=Role.ADMIN, name="Dee Fox")

    imported = importer.people(write_file(lines(HEADER, "Ann Lee,Dee Fox,E", "BO DIAZ,Dee Fox,E")))

    assert imported.counts == {"total": 2, "updated": 1, "unchanged": 1, "remarked": 1}
    assert imported.refusals == [
        (2, "Manager", "Dee Fox", "This person already has another manager here, who was kept.")
    ]
    now = {user.id: user for user in importer.stored(User)}
    assert now[led.id].manager_id == boss.id
    assert (now[free.id].role, now[now[free.id].manager_id or boss.id].name) == ("csr", "Dee Fox")
    assert (now[free.id].version, {user.name: user.role for user in now.values()}["Dee Fox"]) == (2, "admin")


def test_nobody_is_led_by_themselves(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.people(
        write_file(lines(HEADER, "Ann Lee,Ann Lee,E", "Bo Diaz,Cy Young,E", "Cy Young,Dee Fox,E", "Dee Fox,Bo Diaz,E"))
    )

    assert imported.counts == {"total": 4, "created": 4, "remarked": 2}
    assert [(line, why) for line, _column, _value, why in imported.refusals] == [
        (2, "People can’t be their own manager."),
        (5, "Managers can’t report to each other in a loop, so this manager was skipped."),
    ]
    assert teams(importer) == {"Ann Lee": None, "Bo Diaz": "Cy Young", "Cy Young": "Dee Fox", "Dee Fox": None}


def test_names_that_are_not_clear_are_told(importer: Importer, write_file: WriteFile, make: Factories) -> None:
    for _twin in range(2):
        make.user(importer.organization, role=Role.SALES_REP, name="Ann Lee")

    imported = importer.people(
        write_file(lines(HEADER, "Ann Lee,Dee Fox,E", "Bo Diaz,Ann Lee,E", "Cy Young,,E", "cy young,,E", "X,,E"))
    )

    assert imported.counts == {"total": 5, "created": 2, "rejected": 3, "remarked": 1}
    unclear = "More than one person in your organization has this name. Use an email address instead."
    assert imported.refusals == [
        (2, "Sales agent", "Ann Lee", unclear),
        (3, "Manager", "Ann Lee", unclear),
        (5, "Sales agent", "cy young", "Line 4 already has the same name."),
        (6, "Sales agent", "X", "It’s shorter than 2 characters."),
    ]


def test_a_manager_of_one_portion_who_is_led_in_the_next_is_made_once(
    importer: Importer, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_service, "PORTION_ROWS", 2)

    imported = importer.people(
        write_file(lines(HEADER, "Ann Lee,Dee Fox,E", "Bo Diaz,Dee Fox,E", "Cy Young,Dee Fox,E", "Dee Fox,Eve Ray,E"))
    )

    assert imported.counts == {"total": 4, "created": 3, "updated": 1}
    assert teams(importer)["Dee Fox"] == "Eve Ray"
