"""Visits of the platform's staff to an organization."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import CallNote, Organization, StaffRole, UserSession
from app.security.identity import SESSION_COOKIE
from tests.platform.organizations.visiting import WHY, enter
from tests.support.client import Client
from tests.support.factories import Factories


def test_a_banner_on_every_page_says_where_one_is_until_one_leaves(
    client: Client, make: Factories, organization: Organization
) -> None:
    client.sign_in(make.staff())
    enter(client, organization)

    for path in ("/calls", "/account", "/organizations"):
        assert "You’re in Blue Ridge Air as platform support." in client.get(path).text

    page = client.follow(client.post("/organizations/leave"))
    assert "You’ve left the organization." in page.text
    assert "You’re in" not in client.get("/account").text


def test_one_sees_its_rows_and_no_others(client: Client, make: Factories, organization: Organization) -> None:
    ours = make.call(organization)
    client.sign_in(make.staff())
    client.get(f"/calls/{ours.id}", status=404)

    enter(client, organization)

    client.get(f"/calls/{ours.id}")
    client.get(f"/calls/{make.call(make.organization()).id}", status=404)


def test_both_trails_tell_of_it_under_ones_own_name(
    client: Client, make: Factories, organization: Organization, trail: Callable[..., list[Any]]
) -> None:
    staff = make.staff(StaffRole.ADMIN, name="Sam Staff")
    call = make.call(organization)
    client.sign_in(staff)

    enter(client, organization)
    note = client.get(f"/calls/{call.id}").fields(f"/calls/{call.id}/notes")
    client.post(f"/calls/{call.id}/notes", {**note, "body": "Seen together"})
    client.post("/organizations/leave")

    told = trail(organization.id)
    assert [one.action for one in told] == ["organization.entered", "call_note.created", "organization.left"]
    assert {(one.user_id, one.actor_label) for one in told} == {(staff.id, "Sam Staff")}
    visit = told[0].details["visit"]
    assert visit["reason"] == WHY
    assert [one.details for one in told] == [
        {"reason": WHY, "visit": visit},
        {"visit": visit},
        {"reason": WHY, "visit": visit},
    ]
    assert told[1].actor_role == "platform_admin"


def test_the_trail_of_an_organization_names_the_role_one_has_there(
    client: Client, make: Factories, organization: Organization, trail: Callable[..., list[Any]]
) -> None:
    client.sign_in(make.staff(StaffRole.SUPPORT))

    enter(client, organization)
    client.post("/organizations/leave")

    assert [one.actor_role for one in trail(organization.id)] == ["platform_support", "platform_support"]


def test_a_copy_of_the_cookie_from_before_is_not_inside(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization
) -> None:
    client.sign_in(make.staff())
    before = client.cookie(SESSION_COOKIE)

    enter(client, organization)

    client.get("/calls")
    new_client().get("/calls", status=303, headers={"Cookie": f"{SESSION_COOKIE}={before}"})


def test_an_organization_that_asks_its_admins_for_a_second_factor_asks_its_guests_with_their_rights(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    change: Callable[..., None],
) -> None:
    change(organization, require_mfa=True)
    client.sign_in(make.staff(StaffRole.ADMIN))
    enter(client, organization)

    assert client.get("/calls", status=303).headers["Location"] == "/account/second-factor"
    assert "requires two-factor authentication" in client.get("/account/second-factor").text
    client.post("/organizations/leave")
    client.get("/account")

    support = new_client().sign_in(make.staff(StaffRole.SUPPORT))
    enter(support, organization)
    support.get("/calls")


def test_what_one_writes_refers_to_nobody_and_keeps_the_name(
    client: Client, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    call = make.call(organization)
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    enter(client, organization)

    form = client.get(f"/calls/{call.id}").fields(f"/calls/{call.id}/notes")
    page = client.follow(client.post(f"/calls/{call.id}/notes", {**form, "body": "Seen together"}))

    assert "Sam Staff" in page.text
    with Session(admin_engine) as session:
        (note,) = session.scalars(select(CallNote))
        assert (note.user_id, note.author_label) == (None, "Sam Staff")


def test_support_writes_nothing(client: Client, make: Factories, organization: Organization) -> None:
    call = make.call(organization)
    client.sign_in(make.staff(StaffRole.SUPPORT))
    enter(client, organization)

    client.get(f"/calls/{call.id}")
    client.post(f"/calls/{call.id}/notes", {"body": "Seen"}, status=403)
    client.get("/invitations", status=403)


def test_the_account_stays_ones_own(client: Client, make: Factories, organization: Organization) -> None:
    staff = make.staff(name="Sam Staff")
    client.sign_in(staff)
    enter(client, organization)

    page = client.get("/account")

    assert staff.email in page.text
    assert len(page.all(".//tbody/tr/th")) == 1, "the session"
    form = {**page.fields("/account/preferences"), "density": "comfortable"}
    client.post("/account/preferences", form)
    assert client.get("/calls").root.get("data-density") == "comfortable"
    client.post("/logout")
    client.get("/calls", status=303)


def test_from_one_into_another_leaves_the_first(
    client: Client, make: Factories, organization: Organization, trail: Callable[..., list[Any]]
) -> None:
    other = make.organization(name="South Plumbing")
    client.sign_in(make.staff())
    enter(client, organization)

    enter(client, other)

    assert "You’re in South Plumbing" in client.get("/calls").text
    assert [one.action for one in trail(organization.id)] == ["organization.entered", "organization.left"]


def test_nobody_signs_in_to_a_suspended_one_but_staff_may_enter(
    client: Client, make: Factories, organization: Organization, change: Callable[..., None]
) -> None:
    person = make.user(organization)
    change(organization, status="suspended")
    told = client.post("/login", {"email": person.email, "password": "correct horse battery staple"}, status=401)
    assert "is suspended. No one can sign in" in told.text

    client.sign_in(make.staff())
    enter(client, organization)

    client.get("/calls")


def test_a_deleted_one_is_not_entered_and_is_left_when_it_is_deleted(
    client: Client, make: Factories, organization: Organization, change: Callable[..., None]
) -> None:
    client.sign_in(make.staff())
    enter(client, organization)
    change(organization, deleted_at=datetime.now(UTC))

    assert "You’re in" not in client.get("/account").text
    client.get(f"/organizations/{organization.id}/enter", status=404)
    enter(client, make.organization())
    enter(client, organization, status=404)


def test_who_is_staff_no_more_is_out_with_the_next_click(
    client: Client, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    client.sign_in(make.staff())
    enter(client, organization)
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM platform_staff"))

    assert "You’re in" not in client.get("/calls").text
    client.get("/organizations", status=403)


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501], ids=["none", "blank", "short", "long"])
def test_it_takes_a_reason(
    client: Client, make: Factories, organization: Organization, reason: str, admin_engine: Engine
) -> None:
    client.sign_in(make.staff())

    enter(client, organization, status=400, reason=reason)

    with Session(admin_engine) as session:
        assert {one.entered_organization_id for one in session.scalars(select(UserSession))} == {None}
