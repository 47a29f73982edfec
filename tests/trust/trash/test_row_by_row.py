"""Restored data, compared with the original in every column of every table of the organization."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import ApiKey, Organization, Role, StaffRole, User
from app.organization.settings.deletion_service import delete_organization
from tests.people.users.pages import chosen
from tests.support.client import Client
from tests.support.company import make_company
from tests.support.factories import DAY, Factories
from tests.support.organization_snapshot import differences, everything
from tests.support.owner_races import acting
from tests.support.work import at_work
from tests.trust.trash.conftest import Delete, Restore, Trail
from tests.trust.trash.test_undo import undo_of

ON_USERS = {"Referer": "http://localhost/users"}
TOMORROW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)


class TestPerson:
    """A user who leaves 149 rows: their own, and the work that others take over."""

    @pytest.fixture
    def rep(self, make: Factories, organization: Organization) -> User:
        rep = make.user(organization, Role.SALES_REP, name="Rita Rep")
        with make.batch():
            calendar = make.calendar(organization)
            visits = [
                make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=TOMORROW + timedelta(days=day))
                for day in range(20)
            ]
            for number in range(60):
                make.task(organization, assignee=rep, title=f"Task {number}")
            for _ in range(40):
                make.lead(organization, assigned_rep_id=rep.id)
            for _ in range(10):
                make.pending_action(organization, assigned_to_user_id=rep.id)
            for day in range(-4, 4):
                begins = TOMORROW + timedelta(days=day, hours=8)
                make.event(organization, rep, start_at=begins, calendar_id=calendar.id)
            for visit in visits[:10]:
                make.recording(visit, rep)
            make.task(organization, assignee=rep, status="completed", completed_at=DAY)
        return rep

    @pytest.fixture
    def taker(self, make: Factories, organization: Organization) -> User:
        return make.user(organization, Role.SALES_REP, name="Omar Rep")

    @pytest.fixture
    def delete_them(self, client: Client, admin: User, rep: User, taker: User) -> Callable[[], str]:
        """Function that deletes the rep on their page, and returns the URL of Undo in the toast."""

        def run() -> str:
            path = f"/users/{rep.id}/delete"
            page = client.get(path)
            assert "Any work you reassign here goes back to them" in page.text
            asked = [name.removeprefix("takeover_") for name in page.fields(path, "post") if "takeover_" in name]
            to: dict[str, Any] = dict.fromkeys(asked, taker.id)
            to |= {"tasks": "nobody", "actions": admin.id, "events": admin.id}
            done = client.follow(client.post(path, chosen(client, path, **to)))
            assert "Undo also brings back the 148 reassigned records." in done.text
            return undo_of(done)

        client.sign_in(admin)
        return run

    def test_undo_brings_all_of_it_back(
        self, client: Client, organization: Organization, delete_them: Callable[[], str], admin_engine: Engine
    ) -> None:
        before = everything(admin_engine, organization)
        undo = delete_them()
        assert len(differences(before, everything(admin_engine, organization))) >= 149

        page = client.follow(client.post(undo, headers=ON_USERS))

        assert "“Rita Rep” was restored, and 148 reassigned records went back to their previous owners." in page.text
        assert differences(before, everything(admin_engine, organization)) == []

    def test_what_was_touched_since_or_is_done_stays(
        self,
        client: Client,
        organization: Organization,
        csr: User,
        rep: User,
        taker: User,
        delete_them: Callable[[], str],
        admin_engine: Engine,
    ) -> None:
        undo = delete_them()
        with admin_engine.begin() as connection:
            visit = connection.scalar(text("SELECT id FROM appointments LIMIT 1"))
            for statement in (
                "UPDATE tasks SET assigned_to_user_id = :csr WHERE title = 'Task 1'",
                "UPDATE tasks SET assigned_to_user_id = :csr WHERE title = 'Task 2'",
                "UPDATE tasks SET assigned_to_user_id = NULL WHERE title = 'Task 2'",
                "UPDATE tasks SET title = 'Another name' WHERE title = 'Task 3'",
                f"UPDATE appointments SET status = 'completed', completed_at = now() WHERE id = '{visit}'",
            ):
                connection.execute(text(statement), {"csr": csr.id} if ":csr" in statement else {})

        page = client.follow(client.post(undo, headers=ON_USERS))

        assert "“Rita Rep” was restored, and 145 reassigned records went back to their previous owners." in page.text
        with admin_engine.connect() as connection:
            theirs = connection.execute(
                text("SELECT title FROM tasks WHERE assigned_to_user_id = :rep AND status = 'pending'"), {"rep": rep.id}
            ).scalars()
            assert {"Task 1", "Task 2"} & (titles := set(theirs)) == set()
            assert "Another name" in titles
            done = connection.scalar(text("SELECT sales_rep_id FROM appointments WHERE status = 'completed'"))
        assert done == taker.id

    def test_a_time_that_is_taken_by_then_stays_with_who_has_it(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        rep: User,
        admin: User,
        delete_them: Callable[[], str],
        admin_engine: Engine,
    ) -> None:
        undo = delete_them()
        with admin_engine.begin() as connection:
            # Moved to the time of another event, under a person who has none at that time.
            connection.execute(
                text("UPDATE events SET start_at = :at, end_at = :ends WHERE id = (SELECT id FROM events LIMIT 1)"),
                {"at": TOMORROW, "ends": TOMORROW + timedelta(hours=1)},
            )

        page = client.follow(client.post(undo, headers=ON_USERS))

        assert "“Rita Rep” was restored, and 147 reassigned records went back to their previous owners" in page.text
        with admin_engine.connect() as connection:
            organizers = connection.execute(
                text("SELECT organizer_id, count(*) AS number FROM events GROUP BY 1")
            ).all()
        assert {one.organizer_id: one.number for one in organizers} == {rep.id: 7, admin.id: 1}

    def test_restoring_asks_first_and_can_leave_it(
        self,
        client: Client,
        organization: Organization,
        rep: User,
        delete_them: Callable[[], str],
        admin_engine: Engine,
        trail: Trail,
    ) -> None:
        before = everything(admin_engine, organization)
        batch_id = UUID(delete_them().split("/")[-2])
        path = f"/trash/{batch_id}/restore"
        page = client.get(path)
        assert "148 records were reassigned when this was deleted" in page.text
        form = page.fields(path, "post")
        assert form["handed"] == "back"

        shown = client.follow(client.post(path, {**form, "handed": "stay", "step": "restore"}))

        assert "Restored: 1 item." in shown.text
        left = differences(before, everything(admin_engine, organization))
        assert {table for table, *_ in left} > {"tasks", "leads", "appointments", "events", "recording_sessions"}
        assert not [change for change in left if change[0] == "users"]
        (entry,) = trail("deletion.restored")
        assert entry.details == {"counts": {"user": 1}}

    def test_the_trail_says_what_went_back(
        self, client: Client, delete_them: Callable[[], str], trail: Trail, admin: User
    ) -> None:
        undo = delete_them()

        client.post(undo)

        (entry,) = trail("deletion.restored")
        assert (entry.user_id, entry.details) == (admin.id, {"counts": {"user": 1}, "handed_back": 148})
        page = client.get(undo.removesuffix("/undo"))
        assert "148 reassigned records went back to their previous owners" in page.text


def test_an_organization_comes_back_as_it_was_but_for_what_lets_people_in(
    app: Flask, client: Client, make: Factories, admin_engine: Engine
) -> None:
    company = make_company(make)
    organization = company.organization
    before = everything(admin_engine, organization)
    with at_work(app, organization.id):
        owner = acting(company.people[Role.OWNER])
        delete_organization(organization.id, slug=organization.slug, reason="They have moved", actor=owner)
    client.sign_in(make.staff(StaffRole.ADMIN))
    path = f"/organizations/{organization.id}/restore"

    client.post(path, {**client.get(path).fields(path, "post"), "step": "restore"})

    left = {
        (table, column) for table, column, _old, _new in differences(before, everything(admin_engine, organization))
    }
    assert left == {
        (ApiKey.__tablename__, "revoked_at"),
        ("user_sessions", "revoked_at"),
        ("user_sessions", "revoked_reason"),
    }


def test_a_batch_restored_in_parts_is_as_it_was_and_each_part_is_an_entry(
    client: Client,
    make: Factories,
    organization: Organization,
    manager: User,
    admin: User,
    soft_delete: Delete,
    bring_back: Restore,
    admin_engine: Engine,
    trail: Trail,
) -> None:
    card = make.contact(organization)
    tasks = [make.task(organization, contact_card_id=card.id) for _ in range(5)]
    make.lead(organization, contact=card, stage="dead", closed_at=DAY)
    before = everything(admin_engine, organization)
    batch_id = soft_delete(manager, "contact_card", card)

    bring_back(admin, batch_id, only=[card.id, tasks[0].id, tasks[1].id])
    (part,) = trail("deletion.partly_restored")
    assert (part.resource_id, part.details) == (batch_id, {"counts": {"contact_card": 1, "task": 2}})
    gone = {key for table, key in everything(admin_engine, organization) if table == "tasks"}
    assert len(gone) == 5
    bring_back(admin, batch_id)

    assert differences(before, everything(admin_engine, organization)) == []
    (whole,) = trail("deletion.restored")
    assert whole.details == {"counts": {"contact_phone": 1, "lead": 1, "task": 3}}
    client.sign_in(manager)
    page = client.get(f"/trash/{batch_id}")
    assert "Partly restored" in page.text
    assert "1 contact, 2 tasks" in page.text
