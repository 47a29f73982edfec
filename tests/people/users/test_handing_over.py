"""Reassignment of the work of a user who leaves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.declarations.open_work import WorkKind
from app.errors import DomainError, Forbidden
from app.models import EntryStatus, Organization, Role, User, UserStatus
from app.people.users.handover_service import hand_over, open_work_of
from tests.people.users.pages import let_go
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work

People = Callable[..., list[User]]
Now = Callable[..., Any]


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


def test_who_takes_over_is_told_each_kind_as_one_and_who_lets_go_is_not(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    other_csr: User,
    rep: User,
    other_rep: User,
    tomorrow: datetime,
    admin_engine: Engine,
) -> None:
    visit = make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow)
    for _ in range(2):
        make.lead(organization, assigned_rep_id=rep.id)
        make.task(organization, assignee=csr)
    make.task(organization, assignee=other_csr)

    let_go(as_admin, rep, visits=other_rep.id, leads=other_rep.id)
    let_go(as_admin, csr, tasks=admin.id)
    let_go(as_admin, other_csr, tasks="nobody")

    with admin_engine.connect() as connection:
        told = connection.execute(
            text("SELECT user_id, kind, count, text, link, about_id FROM notifications")
        ).mappings()
        by_kind = {row["kind"]: dict(row) for row in told}
    assert by_kind.keys() == {"appointment_assigned", "lead_assigned"}
    assert {row["user_id"] for row in by_kind.values()} == {other_rep.id}
    assert by_kind["lead_assigned"]["count"] == 2
    assert tuple(by_kind["appointment_assigned"].values())[2:] == (
        1,
        f"Reassigned to you from {rep.name}.",
        f"/appointments/{visit.id}",
        visit.id,
    )


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


@pytest.mark.parametrize("way", ["deactivate", "delete"])
def test_nobody_takes_over_holidays(
    as_admin: Client,
    make: Factories,
    organization: Organization,
    rep: User,
    people: People,
    now_of: Now,
    tomorrow: datetime,
    way: str,
) -> None:
    holidays = [
        make.event(organization, rep, type="time_off", start_at=tomorrow + timedelta(days=days)) for days in (-30, 30)
    ]

    let_go(as_admin, rep, way)

    assert not people(id=rep.id, status=UserStatus.ACTIVE, deleted_at=None)
    assert [now_of(holiday, "organizer_id") for holiday in holidays] == [(rep.id,), (rep.id,)]


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

    assert "Omar Rep isn’t available then: Tune-up." in page.text
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

    assert "Fix 1 field below" in page.text
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


def test_nobody_hands_over_the_work_of_somebody_above(
    app: Flask, organization: Organization, admin: User, owner: User
) -> None:
    with pytest.raises(Forbidden), at_work(app, organization.id):
        hand_over(acting(admin), owner, {})


def test_takers_are_offered_of_those_whom_one_sees(
    app: Flask, make: Factories, organization: Organization, csr: User, other_csr: User, admin: User
) -> None:
    make.task(organization, assignee=csr)

    with at_work(app, organization.id):
        offered = [
            {one.name for work in open_work_of(acting(asking), csr) for one in work.people} for asking in (csr, admin)
        ]

    assert [other_csr.name in names for names in offered] == [False, True]
