"""Working hours of a user that differ from the organization's opening hours."""

from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.models import AuditLog, Organization, Role, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories

OWN = {"monday": [["08:00", "12:00"], ["13:00", "17:00"]], "saturday": [["09:00", "24:00"]]}
TYPED = {
    "whose": "own",
    "monday-0-from": "13:00",
    "monday-0-to": "17:00",
    "monday-1-from": "8:00",
    "monday-1-to": "12:00",
    "saturday-0-from": "09:00",
    "saturday-0-to": "00:00",
}


def page_of(user: User) -> str:
    return f"/users/{user.id}/hours"


def form_of(client: Client, user: User, **typed: str) -> dict[str, Any]:
    return {**client.get(page_of(user)).fields(page_of(user)), **typed}


def test_they_are_kept_told_and_given_up_again(as_admin: Client, rep: User, behind: Behind) -> None:
    assert "Same as the organization" in as_admin.get(f"/users/{rep.id}").text

    as_admin.post(page_of(rep), {**form_of(as_admin, rep), **TYPED})

    assert behind.one(User, id=rep.id).working_hours == OWN
    assert "Custom hours" in as_admin.get(f"/users/{rep.id}").text
    form = form_of(as_admin, rep)
    assert (form["whose"], form["monday-1-to"], form["saturday-0-to"]) == ("own", "17:00", "00:00")
    as_admin.post(page_of(rep), {**form, "whose": "all"})
    assert behind.one(User, id=rep.id).working_hours is None
    entries = behind.rows(AuditLog, resource_id=rep.id, action="user.updated")
    assert [(one.before or {}).get("working_hours") for one in entries if "working_hours" in (one.after or {})] == [
        None,
        OWN,
    ]


def test_they_begin_with_those_of_the_organization(client: Client, make: Factories, admin_engine: Engine) -> None:
    company = make.organization(business_hours={"tuesday": [["07:00", "15:00"]]})
    admin, rep = make.user(company, Role.ADMIN), make.user(company, Role.SALES_REP)

    form = form_of(client.sign_in(admin), rep)

    assert (form["whose"], form["tuesday-0-from"], form["monday-0-from"]) == ("all", "07:00", "")


def test_one_more_line_is_shown_and_saves_nothing(as_admin: Client, rep: User, behind: Behind) -> None:
    page = as_admin.post(page_of(rep), {**form_of(as_admin, rep), **TYPED, "add_line": "monday"}, status=200)

    assert page.fields(page_of(rep))["monday-2-from"] == ""
    assert behind.one(User, id=rep.id).working_hours is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"whose": "own"}, "Enter hours for at least one day"),
        ({"whose": ""}, "Choose “Same as the organization” or “Custom hours”."),
        ({"whose": "nobody"}, "Not a valid choice."),
        ({**TYPED, "monday-1-to": "14:00"}, "These hours overlap with 08:00–14:00."),
        ({**TYPED, "monday-1-to": "\0"}, "Enter both times"),
    ],
)
def test_what_are_no_hours_is_refused_beside_them(
    as_admin: Client, rep: User, behind: Behind, typed: dict[str, str], words: str
) -> None:
    page = as_admin.post(page_of(rep), {**form_of(as_admin, rep), **typed}, status=400)

    assert words in page.text
    assert behind.one(User, id=rep.id).working_hours is None


def test_who_was_quicker_is_not_overwritten(as_admin: Client, rep: User, behind: Behind) -> None:
    form = {**form_of(as_admin, rep), **TYPED}
    behind.change(rep, working_hours={"friday": [["08:00", "09:00"]]}, version=rep.version + 1)

    page = as_admin.post(page_of(rep), form, status=409)

    assert "08:00–09:00" in page.text
    assert behind.one(User, id=rep.id).working_hours == {"friday": [["08:00", "09:00"]]}


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.EXEC])
def test_whoever_may_not_change_people_may_not_change_these(
    client: Client, make: Factories, organization: Organization, rep: User, role: Role
) -> None:
    client.sign_in(make.user(organization, role)).get(page_of(rep), status=403)


def test_nobody_changes_those_of_somebody_above(as_admin: Client, make: Factories, organization: Organization) -> None:
    owner = make.user(organization, Role.OWNER)

    as_admin.get(page_of(owner), status=403)
    assert page_of(owner) not in as_admin.get(f"/users/{owner.id}").html


@pytest.mark.parametrize("hours", ["{}", '{"monday": [["17:00", "08:00"]]}', '"always"'])
def test_the_database_keeps_nothing_else(admin_engine: Engine, rep: User, hours: str) -> None:
    change = text("UPDATE users SET working_hours = CAST(:hours AS jsonb) WHERE id = :id")
    with pytest.raises(IntegrityError, match="check_working_hours"), admin_engine.begin() as connection:
        connection.execute(change, {"hours": hours, "id": rep.id})
