"""Letting somebody go, with their work going to somebody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import DomainError, Forbidden, TokenInvalid
from app.models import EntryStatus, Organization, Role, User, UserStatus
from app.trash.service import delete
from app.users.handing_over import hand_over
from app.users.leaving import deactivate_person, delete_person
from app.users.work_kinds import WorkKind
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting, count_owners
from tests.support.work import at_work, both_at_once
from tests.users.pages import WHY, filled, let_go

People = Callable[..., list[User]]
Now = Callable[..., Any]


@pytest.fixture
def tomorrow() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)


@pytest.fixture
def admin(make: Factories, organization: Organization, owner: User) -> User:
    return make.user(organization, Role.ADMIN, name="Ada Admin")


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    """The admin's browser."""
    return client.sign_in(admin)


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP, name="Rita Rep")


@pytest.fixture
def other_rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP, name="Omar Rep")


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Cem Csr")


@pytest.fixture
def other_csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Dora Csr")


@pytest.fixture
def now_of(admin_engine: Engine) -> Now:
    """`now_of(row, "version", …)`: these columns as they are now, from behind the app."""

    def read(row: Any, *columns: str) -> Any:
        statement = f"SELECT {', '.join(columns)} FROM {row.__tablename__} WHERE id = :id"
        with admin_engine.connect() as connection:
            return tuple(connection.execute(text(statement), {"id": row.id}).one())

    return read


def test_each_kind_goes_where_it_was_sent(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    other_csr: User,
    people: People,
    now_of: Now,
    tomorrow: datetime,
) -> None:
    booked = make.appointment(organization, csr_id=csr.id, scheduled_start_at=tomorrow)
    claim = make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=tomorrow)
    lead = make.lead(organization, csr_id=csr.id)
    closed = make.lead(organization, csr_id=csr.id, stage="dead", closed_at=tomorrow)
    task = make.task(organization, assignee=csr)
    done = make.task(organization, assignee=csr, status="completed", completed_at=tomorrow)
    action = make.pending_action(organization, assigned_to_user_id=csr.id)
    event = make.event(organization, csr, start_at=tomorrow)
    decoy = make.task(organization, assignee=other_csr)

    let_go(
        as_admin,
        csr,
        bookings=other_csr.id,
        claims=other_csr.id,
        credited_leads=other_csr.id,
        tasks=admin.id,
        actions="nobody",
        events=admin.id,
    )

    assert people(id=csr.id)[0].status == UserStatus.INACTIVE
    assert now_of(booked, "csr_id", "version") == (other_csr.id, booked.version + 1)
    assert now_of(claim, "claimed_by", "status") == (other_csr.id, EntryStatus.CLAIMED)
    assert now_of(lead, "csr_id") == (other_csr.id,)
    assert now_of(closed, "csr_id", "version") == (csr.id, closed.version)
    assert now_of(task, "assigned_to_user_id", "version") == (admin.id, task.version + 1)
    assert now_of(done, "assigned_to_user_id") == (csr.id,)
    assert now_of(action, "assigned_to_user_id") == (None,)
    assert now_of(event, "organizer_id") == (admin.id,)
    assert now_of(decoy, "version") == (decoy.version,)


def test_of_a_rep_visits_and_leads_go(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    rep: User,
    other_rep: User,
    now_of: Now,
    tomorrow: datetime,
) -> None:
    visit = make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow)
    past = make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow - timedelta(days=3))
    lead = make.lead(organization, assigned_rep_id=rep.id)

    let_go(as_admin, rep, visits=other_rep.id, leads="nobody")

    assert now_of(visit, "sales_rep_id") == (other_rep.id,)
    assert now_of(past, "sales_rep_id") == (rep.id,)
    assert now_of(lead, "assigned_rep_id") == (None,)


def test_a_claim_goes_back_to_the_queue_and_credit_stays(
    as_admin: Client, make: Factories, organization: Organization, csr: User, now_of: Now, tomorrow: datetime
) -> None:
    claim = make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=tomorrow)
    lead = make.lead(organization, csr_id=csr.id)

    let_go(as_admin, csr, claims="nobody")

    assert now_of(claim, "status", "claimed_by", "claim_expires_at") == (EntryStatus.OPEN, None, None)
    assert now_of(lead, "csr_id", "version") == (csr.id, lead.version)


def test_every_row_is_in_the_trail(
    as_admin: Client, make: Factories, organization: Organization, admin: User, csr: User, admin_engine: Engine
) -> None:
    tasks = [make.task(organization, assignee=csr) for _ in range(3)]

    let_go(as_admin, csr, tasks=admin.id)

    with admin_engine.connect() as connection:
        rows = connection.execute(
            text("SELECT resource_id, operation_id FROM audit_logs WHERE action = 'task.updated' AND user_id = :id"),
            {"id": admin.id},
        ).all()
    assert {row.resource_id for row in rows} == {task.id for task in tasks}
    assert len({row.operation_id for row in rows}) == 1


def test_nothing_is_handed_over_when_something_clashes(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    rep: User,
    other_rep: User,
    people: People,
    now_of: Now,
    tomorrow: datetime,
) -> None:
    visits = [
        make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow + timedelta(hours=hours))
        for hours in (0, 4)
    ]
    make.appointment(
        organization,
        sales_rep_id=other_rep.id,
        scheduled_start_at=tomorrow + timedelta(hours=5),
        service_type="Tune-up",
    )
    task = make.task(organization, assignee=rep)

    page = let_go(as_admin, rep, status=409, visits=other_rep.id, tasks=admin.id)

    assert "Omar Rep has something else at that time: Tune-up." in page.text
    assert page.fields(f"/users/{rep.id}/deactivate", "post")["takeover_visits"] == str(other_rep.id)
    assert people(id=rep.id)[0].status == UserStatus.ACTIVE
    assert [now_of(visit, "sales_rep_id") for visit in visits] == [(rep.id,), (rep.id,)]
    assert now_of(task, "assigned_to_user_id") == (rep.id,)

    let_go(as_admin, rep, visits="nobody", tasks=admin.id)
    assert now_of(visits[0], "sales_rep_id") == (None,)


@pytest.mark.parametrize(
    "who",
    ["elsewhere", "deleted", "the same person", "a rep", "inactive", "nobody offered", "keep", "nonsense", "nothing"],
)
def test_not_everybody_can_take_over(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    rep: User,
    people: People,
    now_of: Now,
    tomorrow: datetime,
    who: str,
) -> None:
    claim = make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=tomorrow)
    gone = make.user(organization)
    make.deletion(gone)
    takers = {
        "elsewhere": make.user(make.organization()).id,
        "deleted": gone.id,
        "the same person": csr.id,
        "a rep": rep.id,
        "inactive": make.user(organization, status=UserStatus.INACTIVE).id,
        "nobody offered": make.user(organization, Role.SUPPORT).id,
        "keep": "keep",
        "nonsense": "' OR 1=1 --",
        "nothing": "",
    }

    page = let_go(as_admin, csr, status=400, claims=takers[who])

    assert "attention" in page.text
    assert people(id=csr.id)[0].status == UserStatus.ACTIVE
    assert now_of(claim, "claimed_by") == (csr.id,)


def test_the_service_refuses_whom_no_form_offers(
    app: Flask, make: Factories, organization: Organization, admin: User, csr: User, rep: User
) -> None:
    make.task(organization, assignee=csr)
    make.lead(organization, csr_id=csr.id)

    with pytest.raises(DomainError) as refusal, at_work(app, organization.id):
        hand_over(acting(admin), csr, {WorkKind.TASKS: csr.id, WorkKind.CREDITED_LEADS: rep.id})

    assert [wrong.field for wrong in refusal.value.field_errors] == ["takeover_credited_leads", "takeover_tasks"]


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
    """Into the trash, and back."""

    def test_undo_brings_them_back(self, as_admin: Client, csr: User, people: People) -> None:
        page = as_admin.follow(let_go(as_admin, csr, "delete"))

        assert "Cem Csr is deleted." in page.text
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
        assert "organized event" not in as_admin.get(f"/users/{rep.id}/deactivate").text

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
    """Rank, oneself, and the last owner."""

    @pytest.mark.parametrize("way", ["deactivate", "delete"])
    def test_nobody_lets_go_somebody_above(self, as_admin: Client, owner: User, people: People, way: str) -> None:
        as_admin.get(f"/users/{owner.id}/{way}", status=403)
        as_admin.post(f"/users/{owner.id}/{way}", {"reason": WHY, "version": "1"}, status=403)

        assert people(id=owner.id)[0].is_active

    @pytest.mark.parametrize("way", ["deactivate", "delete"])
    def test_nobody_puts_themselves_out(self, client: Client, owner: User, way: str, people: People) -> None:
        client.sign_in(owner)

        assert "Nobody puts themselves out." in let_go(client, owner, way, status=409).text
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
    """In again, if there is a seat."""

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

        assert "above them" in as_admin.post(f"/users/{above.id}/activate", status=403).text


def test_the_trash_deletes_nobody_whose_work_is_not_settled(
    app: Flask, make: Factories, organization: Organization, admin: User, csr: User, tomorrow: datetime
) -> None:
    make.event(organization, csr, start_at=tomorrow)

    with pytest.raises(DomainError, match="1 event"), at_work(app, organization.id):
        delete(acting(admin), "user", [csr.id])


def test_nobody_hands_over_the_work_of_somebody_above(
    app: Flask, organization: Organization, admin: User, owner: User
) -> None:
    with pytest.raises(Forbidden), at_work(app, organization.id):
        hand_over(acting(admin), owner, {})
