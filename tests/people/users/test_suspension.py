"""Suspended users, who are signed out but keep their work and seat until they get access again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import TokenInvalid
from app.models import Organization, Role, User, UserStatus
from app.ops.jobs.queue import enqueue
from app.ops.jobs.worker import run_worker
from app.people.users.jobs import let_people_back
from app.people.users.service import refuse_stale_rights
from app.people.users.suspension_service import suspend
from app.tenancy.quota_queries import read_quotas
from app.tenancy.quota_rules import QuotaKind
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import PASSWORD, Factories
from tests.support.owner_races import acting
from tests.support.pages import Page
from tests.support.work import at_work

WHY = "Under investigation"
MISMATCH = "don’t match"


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Cora Counter")


def put_out(client: Client, user: User, until: str = "", status: int = 303, reason: str = WHY) -> Page:
    page = f"/users/{user.id}/suspend"
    return client.post(page, {**client.get(page).fields(page), "reason": reason, "until": until}, status=status)


def sign_in(client: Client, user: User, status: int) -> Page:
    return client.post("/login", {"email": user.email, "password": PASSWORD}, status=status)


def in_days(number: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=number):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("soon", "Not a valid date value."),
        ("0000-00-00", "Not a valid date value."),
        ("99999-01-01", "Not a valid date value."),
        ("9999-12-31", "Choose a day between 1990 and 2199."),
    ],
)
def test_an_end_that_is_no_day_is_refused_beside_it(as_admin: Client, csr: User, until: str, why: str) -> None:
    page = put_out(as_admin, csr, until, status=400)

    assert why in page.text
    assert page.fields(f"/users/{csr.id}/suspend")["until"] == until
    assert as_admin.get(f"/users/{csr.id}/suspend").status == 200, "they are not suspended"


def test_sessions_end_and_signing_in_tells_until_when_and_not_why(
    as_admin: Client, new_client: Callable[[], Client], csr: User, organization: Organization, behind: Behind
) -> None:
    theirs = new_client().sign_in(csr)

    page = as_admin.follow(put_out(as_admin, csr, in_days(30)))

    assert WHY in page.text
    assert "because your account was suspended" in theirs.follow(theirs.get("/calls", status=303)).text
    until = behind.one(User, id=csr.id).suspended_until
    assert until is not None
    told = sign_in(new_client(), csr, 401).text
    assert f"is suspended until {until:%B} {until.day}, {until.year}" in told
    assert WHY not in told
    [entry] = [one for one in behind.trail(organization.id, "user") if one.action == "user.suspended"]
    assert (entry.after or {})["suspension_reason"] == WHY


def test_who_does_not_know_the_password_is_told_nothing(
    as_admin: Client, new_client: Callable[[], Client], csr: User
) -> None:
    put_out(as_admin, csr)

    page = new_client().post("/login", {"email": csr.email, "password": "a wrong one altogether"}, status=401)

    assert MISMATCH in page.text
    assert "suspended" not in page.text


def test_work_and_seat_stay(
    as_admin: Client, app: Flask, make: Factories, organization: Organization, csr: User, behind: Behind
) -> None:
    task = make.task(organization, assignee=csr)

    def seats() -> int:
        with at_work(app, organization.id):
            [quota] = read_quotas(organization.id, [QuotaKind.TEAM_MEMBERS])
        return quota.used

    before = seats()

    put_out(as_admin, csr)

    assert seats() == before
    assert behind.one(type(task), id=task.id).assigned_to_user_id == csr.id


def test_an_admin_lets_them_back(as_admin: Client, new_client: Callable[[], Client], csr: User, behind: Behind) -> None:
    put_out(as_admin, csr)

    as_admin.post(f"/users/{csr.id}/let-back")

    back = behind.one(User, id=csr.id)
    assert (back.status, back.suspension_reason) == (UserStatus.ACTIVE, None)
    sign_in(new_client(), csr, 303)


def test_when_their_time_is_over_they_come_back_by_themselves(
    as_admin: Client,
    app: Flask,
    make: Factories,
    organization: Organization,
    csr: User,
    behind: Behind,
    admin_engine: Engine,
) -> None:
    other = make.user(organization)
    for user in (csr, other):
        put_out(as_admin, user, in_days(30))
    behind.change(csr, suspended_until=datetime.now(UTC) - timedelta(seconds=1))

    with admin_engine.connect() as connection:
        due = connection.execute(text("SELECT organizations_with_suspensions_over()")).scalars().all()
    with at_work(app, organization.id):
        enqueue(let_people_back)
    run_worker(app, schedule=(), until_idle=True)

    assert due == [organization.id]

    assert behind.one(User, id=csr.id).status == UserStatus.ACTIVE
    assert behind.one(User, id=other.id).status == UserStatus.SUSPENDED


def test_who_signs_in_before_the_job_is_let_back_then(
    as_admin: Client, new_client: Callable[[], Client], csr: User, behind: Behind
) -> None:
    put_out(as_admin, csr, in_days(30))
    behind.change(csr, suspended_until=datetime.now(UTC) - timedelta(seconds=1))
    theirs = new_client()

    sign_in(theirs, csr, 303)

    assert theirs.get("/account").heading == "Account"
    assert behind.one(User, id=csr.id).status == UserStatus.ACTIVE


@pytest.mark.parametrize("until", ["2020-01-01", "0001-01-01"])
def test_an_end_that_has_passed_is_refused(as_admin: Client, csr: User, behind: Behind, until: str) -> None:
    assert "Choose a future date." in put_out(as_admin, csr, until, 400).text
    assert behind.one(User, id=csr.id).status == UserStatus.ACTIVE


def test_a_reason_is_asked_for(as_admin: Client, csr: User, behind: Behind) -> None:
    put_out(as_admin, csr, status=400, reason=" ")

    assert behind.one(User, id=csr.id).status == UserStatus.ACTIVE


def test_nobody_suspends_themselves_the_last_owner_or_somebody_above(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    owner: User,
    admin: User,
    organization: Organization,
) -> None:
    client.sign_in(admin)
    for person, status in ((admin, 409), (owner, 403)):
        client.get(f"/users/{person.id}/suspend", status=status)
        client.post(f"/users/{person.id}/suspend", {"reason": WHY, "version": "1"}, status=status)

    other = make.user(organization, role=Role.OWNER)
    put_out(new_client().sign_in(other), owner)


def test_who_is_deactivated_is_let_in_by_nobody_anyway(as_admin: Client, csr: User, behind: Behind) -> None:
    behind.change(csr, status=UserStatus.INACTIVE, deactivated_at=datetime.now(UTC))

    page = as_admin.get(f"/users/{csr.id}/suspend", status=409)

    assert "This person is already deactivated" in page.text


def test_a_suspended_owner_is_no_owner_for_the_last_one(
    new_client: Callable[[], Client], make: Factories, owner: User, organization: Organization
) -> None:
    other = make.user(organization, role=Role.OWNER)
    put_out(new_client().sign_in(other), owner)

    page = new_client().sign_in(other).get(f"/users/{other.id}")

    assert "You can’t deactivate, suspend or delete yourself" in page.html


def test_who_was_suspended_in_mid_click_writes_nothing_more(
    app: Flask, make: Factories, organization: Organization, owner: User
) -> None:
    admin = make.user(organization, role=Role.ADMIN)
    asking = acting(admin)
    with at_work(app, organization.id):
        suspend(acting(owner), admin.id, WHY, None, version=admin.version)

    with at_work(app, organization.id), pytest.raises(TokenInvalid):
        refuse_stale_rights(asking)


def test_a_second_suspension_changes_the_reason_and_the_end(as_admin: Client, csr: User, behind: Behind) -> None:
    put_out(as_admin, csr)
    put_out(as_admin, csr)

    put_out(as_admin, csr, in_days(3), reason="On leave")

    user = behind.one(User, id=csr.id)
    assert (user.status, user.suspension_reason) == (UserStatus.SUSPENDED, "On leave")
    assert user.suspended_until is not None
