"""Concurrent demotions, grants and requests, on real database connections.

A request in progress completes unchanged or is refused.
"""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.errors import DomainError, LastOwner, TokenInvalid, VersionConflict
from app.models import ApiKey, CallNote, Organization, Role, User, UserPermission, UserSession
from app.organization.api_keys.service import create_key
from app.people.roles import service
from app.security.permissions import Permission
from tests.people.roles.conftest import WHY, Give
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.locks import wait_for_a_lock
from tests.support.owner_races import acting, count_owners
from tests.support.work import at_work, both_at_once

ROUNDS = 5


def test_who_clicks_while_they_are_demoted_is_answered_or_sent_to_sign_in(
    app: Flask,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    admin: User,
    manager: User,
    admin_engine: Engine,
) -> None:
    call = make.call(organization)
    theirs = new_client().sign_in(manager)
    form = theirs.get(f"/calls/{call.id}").fields(f"/calls/{call.id}/notes")
    begun, statuses = threading.Event(), []

    def click() -> None:
        for number in range(12):
            # Each note has its own id, like each form that a person opens.
            sent = {**form, "note_id": f"01a1f931-5223-7817-8de3-07ba9cae{number:04x}", "body": f"Note {number}"}
            statuses.append(theirs.answer_of(f"/calls/{call.id}/notes", sent))
            begun.set()

    clicking = threading.Thread(target=click)
    clicking.start()
    begun.wait(timeout=10)
    with at_work(app, organization.id):
        service.change_role(acting(admin), manager.id, Role.SUPPORT, reason=WHY, version=manager.version)
    clicking.join(timeout=30)

    led_to_sign_in = [one.status == 401 or "/login" in one.headers.get("Location", "") for one in statuses]
    assert {one.status for one in statuses} <= {303, 401}, "each was answered or led to the sign-in page"
    assert led_to_sign_in == sorted(led_to_sign_in), "from the change on, nothing more went through"
    with Session(admin_engine) as session:
        assert len(session.scalars(select(CallNote.id)).all()) == led_to_sign_in.count(False)
        assert (
            session.scalars(select(UserSession.revoked_at).where(UserSession.user_id == manager.id)).one() is not None
        )
    page = theirs.follow(theirs.get("/exports", status=303))
    assert "because your role was changed" in page.text


def test_who_is_seen_at_that_moment_and_who_ends_their_sessions_do_not_wait_for_each_other(
    new_client: Callable[[], Client], manager: User, admin_engine: Engine, database: WorkerDatabase
) -> None:
    theirs, answers = new_client().sign_in(manager), []
    with admin_engine.begin() as earlier:
        for table, column in (("users", "id"), ("user_sessions", "user_id")):
            long_ago = f"UPDATE {table} SET last_seen_at = now() - interval '1 hour' WHERE {column} = :id"
            earlier.execute(text(long_ago), {"id": manager.id})
    clicking = threading.Thread(target=lambda: answers.append(theirs.look_at("/calls").status))

    with admin_engine.begin() as demotion:
        demotion.execute(text("SELECT id FROM users WHERE id = :id FOR UPDATE"), {"id": manager.id})
        clicking.start()
        wait_for_a_lock(database)
        demotion.execute(text("UPDATE user_sessions SET revoked_at = now() WHERE user_id = :id"), {"id": manager.id})
    clicking.join(timeout=20)

    assert answers == [200], "it had begun before the demotion"
    theirs.get("/calls", status=303)


def test_of_two_admins_at_once_one_is_told_of_the_other(
    app: Flask, make: Factories, organization: Organization, owner: User, admin: User, admin_engine: Engine
) -> None:
    for _ in range(ROUNDS):
        person = make.user(organization)

        refused = both_at_once(
            app,
            organization.id,
            *(
                partial(service.change_role, acting(by), person.id, role, reason=WHY, version=person.version)
                for by, role in ((owner, Role.MANAGER), (admin, Role.SUPPORT))
            ),
        )

        assert [type(error) for error in refused] == [VersionConflict]


@pytest.mark.parametrize(
    ("turned", "refusal"), [(True, TokenInvalid), (False, LastOwner)], ids=["each other", "themselves"]
)
def test_two_owners_who_step_down_at_once_leave_one(
    app: Flask, make: Factories, admin_engine: Engine, turned: bool, refusal: type[DomainError]
) -> None:
    for _ in range(ROUNDS):
        organization = make.organization()
        first, second = (make.user(organization, role=Role.OWNER) for _ in range(2))

        refused = both_at_once(
            app,
            organization.id,
            *(
                partial(service.change_role, acting(by), one.id, Role.ADMIN, reason=WHY, version=one.version)
                for one, by in zip((first, second), (second, first) if turned else (first, second), strict=True)
            ),
        )

        assert [type(error) for error in refused] == [refusal]
        assert count_owners(admin_engine, organization.id) == 1


def test_of_two_admins_who_demote_each_other_the_second_is_none_any_more(
    app: Flask, make: Factories, owner: User, organization: Organization, admin_engine: Engine
) -> None:
    for _ in range(ROUNDS):
        pair = [make.user(organization, role=Role.ADMIN) for _ in range(2)]

        refused = both_at_once(
            app,
            organization.id,
            *(
                partial(service.change_role, acting(by), one.id, Role.CSR, reason=WHY, version=one.version)
                for one, by in (pair, reversed(pair))
            ),
        )

        assert [type(error) for error in refused] == [TokenInvalid]
        assert "because your role was changed" in refused[0].sentence
        with Session(admin_engine) as session:
            roles = session.scalars(select(User.role).where(User.id.in_([one.id for one in pair])))
            assert sorted(roles) == [Role.ADMIN, Role.CSR]


def test_a_key_made_while_its_maker_is_demoted_ends_or_is_not_made(
    app: Flask, make: Factories, organization: Organization, owner: User, admin_engine: Engine
) -> None:
    for _ in range(ROUNDS):
        maker = make.user(organization, role=Role.ADMIN)

        both_at_once(
            app,
            organization.id,
            partial(service.change_role, acting(owner), maker.id, Role.CSR, reason=WHY, version=maker.version),
            partial(create_key, acting(maker), uuid7(), name="Website", permissions=["audit:read"], days=0),
        )

        with Session(admin_engine) as session:
            revoked = session.scalars(select(ApiKey.revoked_at).where(ApiKey.created_by == maker.id)).all()
        assert None not in revoked


def test_the_same_grant_from_two_admins_at_once_is_one(
    app: Flask, make: Factories, organization: Organization, owner: User, admin: User, admin_engine: Engine
) -> None:
    for _ in range(ROUNDS):
        person = make.user(organization)

        refused = both_at_once(
            app,
            organization.id,
            *(
                partial(service.grant, acting(by), person.id, Permission.JOBS_READ, reason="They need it")
                for by in (owner, admin)
            ),
        )

        assert refused == []
        with Session(admin_engine) as session:
            granted = select(UserPermission.permission).where(UserPermission.user_id == person.id)
            assert session.scalars(granted).all() == ["jobs:read"]


def test_a_demotion_and_a_grant_at_once_leave_no_session_with_more_than_there_is(
    app: Flask,
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    owner: User,
    admin: User,
    give: Give,
) -> None:
    person = make.user(organization, role=Role.MANAGER)
    theirs = new_client().sign_in(person)

    both_at_once(
        app,
        organization.id,
        partial(service.change_role, acting(owner), person.id, Role.CSR, reason=WHY, version=person.version),
        partial(service.grant, acting(admin), person.id, Permission.JOBS_READ, reason="They need it"),
    )
    give(client.sign_in(owner), person, Role.SALES_REP)

    theirs.get("/jobs", status=303)
