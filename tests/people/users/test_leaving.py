"""Deactivation, deletion and reactivation of users."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.declarations.open_work import WorkKind
from app.errors import DomainError, TokenInvalid
from app.models import Organization, Role, User, UserStatus
from app.people.users.leaving_service import deactivate_person, delete_person
from app.trust.trash.delete_service import delete
from tests.people.users.pages import WHY, filled, let_go
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting, count_owners
from tests.support.work import at_work, both_at_once

People = Callable[..., list[User]]
Now = Callable[..., Any]


def test_a_form_sent_twice_lets_go_once(as_admin: Client, csr: User, people: People) -> None:
    path = f"/users/{csr.id}/deactivate"
    form = filled(as_admin, path, reason=WHY)

    as_admin.post(path, form)
    as_admin.post(path, form)

    assert people(id=csr.id)[0].version == csr.version + 1


def test_a_form_of_before_a_change_lets_nobody_go(
    as_admin: Client, csr: User, people: People, admin_engine: Engine
) -> None:
    for way in ("deactivate", "delete"):
        path = f"/users/{csr.id}/{way}"
        form = filled(as_admin, path, reason=WHY)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE users SET version = version + 1 WHERE id = :id"), {"id": csr.id})

        page = as_admin.post(path, form, status=409)
        assert "changed after you opened it" in page.text
        assert people(id=csr.id)[0].is_active
        as_admin.post(path.replace("delete", "deactivate"), {**form, **page.fields(path, "post")})
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE users SET status = 'active' WHERE id = :id"), {"id": csr.id})


class TestDeleting:
    """Moving a user to the trash, and restoring them."""

    def test_undo_brings_them_back(self, as_admin: Client, csr: User, people: People) -> None:
        page = as_admin.follow(let_go(as_admin, csr, "delete"))

        assert "Cem Csr was deleted." in page.text
        (kept,) = people(id=csr.id)
        assert kept.deleted_at is not None
        as_admin.post(f"/trash/{kept.deletion_batch_id}/undo")
        assert people(id=csr.id)[0].deleted_at is None
        as_admin.get(f"/users/{csr.id}")

    def test_past_events_and_recordings_need_somebody_too(
        self,
        as_admin: Client,
        make: Factories,
        organization: Organization,
        admin: User,
        rep: User,
        other_rep: User,
        now_of: Now,
        people: People,
        tomorrow: datetime,
    ) -> None:
        past = make.event(organization, rep, start_at=tomorrow - timedelta(days=30))
        visit = make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow - timedelta(days=20))
        recording = make.recording(visit, rep)
        assert "event as organizer" not in as_admin.get(f"/users/{rep.id}/deactivate").text

        let_go(as_admin, rep, "delete", status=400, events=admin.id)
        let_go(as_admin, rep, "delete", events=admin.id, recordings=other_rep.id)

        assert now_of(past, "organizer_id") == (admin.id,)
        assert now_of(recording, "sales_rep_id") == (other_rep.id,)
        assert people(id=rep.id)[0].deleted_at is not None

    def test_a_deleted_person_is_not_found_again(self, as_admin: Client, csr: User) -> None:
        path = f"/users/{csr.id}/delete"
        form = filled(as_admin, path, reason=WHY)
        as_admin.post(path, form)

        as_admin.post(path, form, status=404)


class TestWhoMay:
    """Protection of users with a higher role, of the person who acts, and of the last owner."""

    @pytest.mark.parametrize("way", ["deactivate", "delete"])
    def test_nobody_lets_go_somebody_above(self, as_admin: Client, owner: User, people: People, way: str) -> None:
        as_admin.get(f"/users/{owner.id}/{way}", status=403)
        as_admin.post(f"/users/{owner.id}/{way}", {"reason": WHY, "version": "1"}, status=403)

        assert people(id=owner.id)[0].is_active

    @pytest.mark.parametrize("way", ["deactivate", "delete"])
    def test_nobody_puts_themselves_out(self, client: Client, owner: User, way: str, people: People) -> None:
        client.sign_in(owner)

        for page in (
            client.get(f"/users/{owner.id}/{way}", status=409),
            client.post(f"/users/{owner.id}/{way}", {"reason": "I go", "version": "1"}, status=409),
        ):
            assert "You can’t deactivate, suspend or delete yourself." in page.text
        assert people(id=owner.id)[0].is_active

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.EXEC, Role.SUPPORT, Role.CSR])
    def test_it_takes_the_permission(
        self, client: Client, make: Factories, organization: Organization, csr: User, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role))

        for way in ("deactivate", "delete", "activate"):
            client.post(f"/users/{csr.id}/{way}", {"reason": WHY, "version": "1"}, status=403)

    @pytest.mark.parametrize("way", [deactivate_person, delete_person])
    def test_two_owners_at_once_leave_one(
        self,
        app: Flask,
        make: Factories,
        organization: Organization,
        owner: User,
        admin_engine: Engine,
        way: Callable[..., object],
    ) -> None:
        other = make.user(organization, Role.OWNER)

        def by(actor: User, whom: User) -> Callable[[], object]:
            return lambda: way(acting(actor), whom.id, WHY, {}, version=whom.version)

        refused = both_at_once(app, organization.id, by(owner, other), by(other, owner))

        assert count_owners(admin_engine, organization.id) == 1
        assert [type(one) for one in refused] == [TokenInvalid], "who came second was out already"

    def test_work_handed_to_somebody_who_is_let_go_at_that_moment_waits(
        self, app: Flask, make: Factories, organization: Organization, admin: User, csr: User, other_csr: User
    ) -> None:

        make.task(organization, assignee=csr)
        make.task(organization, assignee=other_csr)

        def by(whom: User, taker: User) -> Callable[[], object]:
            return lambda: deactivate_person(
                acting(admin), whom.id, WHY, {WorkKind.TASKS: taker.id}, version=whom.version
            )

        refused = both_at_once(app, organization.id, by(csr, other_csr), by(other_csr, csr))

        assert len(refused) == 1
        assert [wrong.field for wrong in refused[0].field_errors] == ["takeover_tasks"]


class TestActivating:
    """Reactivation of a user, which requires a free seat."""

    def test_they_come_back(
        self, as_admin: Client, make: Factories, organization: Organization, people: People
    ) -> None:
        away = make.user(organization, status=UserStatus.INACTIVE, name="Ann Away")

        for _twice in range(2):
            page = as_admin.follow(as_admin.post(f"/users/{away.id}/activate"))

        assert "Ann Away is active again." in page.text
        assert people(id=away.id)[0].version == away.version + 1

    def test_without_a_seat_it_says_so(
        self, as_admin: Client, make: Factories, organization: Organization, admin_engine: Engine, people: People
    ) -> None:
        away = make.user(organization, status=UserStatus.INACTIVE)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE organizations SET team_members_quota = 2"))

        page = as_admin.post(f"/users/{away.id}/activate", status=422)

        assert "seats" in page.text
        assert people(id=away.id)[0].status == UserStatus.INACTIVE

    def test_nobody_above_is_activated(self, as_admin: Client, make: Factories, organization: Organization) -> None:
        above = make.user(organization, Role.OWNER, status=UserStatus.INACTIVE)

        assert (
            "You can’t change a person with a higher role"
            in as_admin.post(f"/users/{above.id}/activate", status=403).text
        )


def test_the_trash_deletes_nobody_whose_work_is_not_settled(
    app: Flask, make: Factories, organization: Organization, admin: User, csr: User, tomorrow: datetime
) -> None:
    make.event(organization, csr, start_at=tomorrow)

    with pytest.raises(DomainError, match="1 event"), at_work(app, organization.id):
        delete(acting(admin), "user", [csr.id])
