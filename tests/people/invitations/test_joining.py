"""Validity of an invitation at the time of joining."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, Role, User, UserPermission, UserStatus
from tests.people.invitations.inviting import ADDRESS, PASSWORD, invite, join, link_on
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import wait_for_a_lock

Rows = Callable[..., list[Any]]


def test_of_several_at_once_one_becomes_a_user(as_admin: Client, new_client: Callable[[], Client], rows: Rows) -> None:
    path = link_on(invite(as_admin))
    browsers = [new_client() for _number in range(4)]
    for browser in browsers:
        browser.get(path)
    form = {"name": "Dana D.", "password": PASSWORD, "again": PASSWORD}

    with ThreadPoolExecutor(len(browsers)) as at_once:
        statuses = list(at_once.map(lambda browser: browser.answer_of(path, form).status, browsers))

    assert sorted(statuses) == [303, 404, 404, 404]
    assert len(rows(User, email=ADDRESS)) == 1


@pytest.mark.parametrize(
    "fate", [{"role": Role.MANAGER}, {"status": UserStatus.INACTIVE}], ids=["demoted", "deactivated"]
)
def test_an_invitation_ends_with_the_rank_of_who_gave_it(
    as_admin: Client,
    new_client: Callable[[], Client],
    admin: User,
    change: Callable[..., None],
    fate: dict[str, str],
) -> None:
    path = link_on(invite(as_admin, role="admin"))

    change(admin, **fate)

    join(new_client(), path, status=404)


def test_who_was_granted_to_invite_gives_invitations_that_stand(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, owner: User
) -> None:
    manager = make.user(organization, role=Role.MANAGER)
    make.add(UserPermission(organization_id=organization.id, user_id=manager.id, permission="users:invite"))
    client.sign_in(manager)

    join(new_client(), link_on(invite(client, role="csr")))

    assert (
        "Someone here already has this email address" in invite(client, role="csr", status=409, email=owner.email).text
    )


def test_an_inviter_who_is_demoted_at_that_moment_invites_nobody(
    as_admin: Client,
    new_client: Callable[[], Client],
    admin: User,
    admin_engine: Engine,
    database: WorkerDatabase,
    rows: Rows,
) -> None:
    path = link_on(invite(as_admin, role="admin"))
    newcomer = new_client()
    newcomer.get(path)
    form = {"name": "Dana D.", "password": PASSWORD, "again": PASSWORD}

    with ThreadPoolExecutor(1) as beside, admin_engine.begin() as demotion:
        demotion.execute(text("SELECT FROM organizations WHERE id = :id FOR UPDATE"), {"id": admin.organization_id})
        demotion.execute(text("UPDATE users SET role = 'csr' WHERE id = :id"), {"id": admin.id})
        answer = beside.submit(newcomer.answer_of, path, form)
        wait_for_a_lock(database)
        demotion.commit()

    assert answer.result().status == 404
    assert rows(User, email=ADDRESS) == []


def test_into_a_suspended_organization_nobody_is_let(
    as_admin: Client, new_client: Callable[[], Client], organization: Organization, change: Callable[..., None]
) -> None:
    path = link_on(invite(as_admin))
    change(organization, status="suspended")

    new_client().get(path, status=404)
    join(new_client(), path, status=404)


def test_without_a_free_seat_the_link_stays_good(
    as_admin: Client, new_client: Callable[[], Client], organization: Organization, change: Callable[..., None]
) -> None:
    path = link_on(invite(as_admin))
    change(organization, team_members_quota=2)
    newcomer = new_client()

    assert "All 2 seats in the plan are in use." in join(newcomer, path, status=422).text

    change(organization, team_members_quota=3)
    join(newcomer, path)


def test_of_two_who_join_at_once_one_gets_the_last_seat(
    as_admin: Client,
    new_client: Callable[[], Client],
    organization: Organization,
    change: Callable[..., None],
    rows: Rows,
) -> None:
    paths = [link_on(invite(as_admin, email=f"{name}@new.example")) for name in ("dana", "eve")]
    change(organization, team_members_quota=3)
    browsers = [new_client() for _path in paths]
    for browser, path in zip(browsers, paths, strict=True):
        browser.get(path)
    form = {"name": "New Person", "password": PASSWORD, "again": PASSWORD}

    with ThreadPoolExecutor(len(browsers)) as at_once:
        answers = list(at_once.map(lambda browser, path: browser.answer_of(path, form).status, browsers, paths))

    assert sorted(answers) == [303, 422]
    assert len(rows(User, organization_id=organization.id)) == 3


def test_an_address_that_was_taken_meanwhile_is_said(
    as_admin: Client, new_client: Callable[[], Client], organization: Organization, make: Factories
) -> None:
    path = link_on(invite(as_admin))
    make.user(organization, email=ADDRESS.lower())

    page = join(new_client(), path, status=409)

    assert "already has this email address" in page.text


def test_a_weak_password_leaves_the_link_good(as_admin: Client, new_client: Callable[[], Client]) -> None:
    path = link_on(invite(as_admin))
    newcomer = new_client()

    weak = {"name": "Dana", "password": "password1234", "again": "password1234"}
    assert "This password is too common" in newcomer.post(path, weak, status=400).text

    join(newcomer, path)
