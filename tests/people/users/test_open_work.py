"""Open work of a user who leaves, which a successor must take over."""

from datetime import timedelta

import pytest
from flask import Flask

from app.models import Organization, Role, User
from app.people.users import open_work_queries
from app.people.users.open_work_queries import list_open_work
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.work import at_work


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN)


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization)


def test_it_is_all_that_waits_for_them_and_nothing_that_is_done_or_somebody_elses(
    app: Flask, make: Factories, organization: Organization, admin: User, csr: User
) -> None:
    tomorrow, yesterday = DAY + timedelta(days=1), DAY - timedelta(days=1)
    visit = make.appointment(organization, csr_id=csr.id, scheduled_start_at=tomorrow, service_type="Tune-up")
    led = make.appointment(organization, sales_rep_id=csr.id, scheduled_start_at=tomorrow)
    make.appointment(organization, csr_id=csr.id, scheduled_start_at=yesterday)
    make.appointment(organization, csr_id=csr.id, scheduled_start_at=tomorrow, status="cancelled")
    lead = make.lead(organization, assigned_rep_id=csr.id)
    credited = make.lead(organization, csr_id=csr.id)
    make.lead(organization, csr_id=csr.id, stage="dead", closed_at=DAY)
    claim = make.missed_entry(organization, status="claimed", claimed_by=csr.id, claim_expires_at=tomorrow)
    task = make.task(organization, assignee=csr, title="Order the part")
    make.task(organization, assignee=csr, status="completed", completed_at=DAY)
    make.task(organization, assignee=admin)
    action = make.pending_action(organization, assigned_to_user_id=csr.id)
    make.pending_action(organization, assigned_to_user_id=csr.id, status="completed", due_at=tomorrow)
    event = make.event(organization, csr, start_at=tomorrow + timedelta(days=1))
    make.event(organization, csr, start_at=yesterday)
    make.event(organization, csr, start_at=tomorrow, status="cancelled")

    with at_work(app, organization.id):
        found = {
            work.kind.value: [one.id for one in work.records] for work in list_open_work(acting(admin), csr.id, DAY)
        }
        labels = [work.records[0].label for work in list_open_work(acting(admin), csr.id, DAY)]

    assert found == {
        "visits": [led.id],
        "bookings": [visit.id],
        "claims": [claim.id],
        "leads": [lead.id],
        "credited_leads": [credited.id],
        "tasks": [task.id],
        "actions": [action.id],
        "events": [event.id],
    }
    assert labels[1] == "Tune-up"
    assert labels[5] == "Order the part"


def test_of_much_the_rest_is_counted(
    app: Flask,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_work_queries, "MAX_SHOWN", 2)
    for _ in range(3):
        make.task(organization, assignee=csr)

    with at_work(app, organization.id):
        (tasks,) = list_open_work(acting(admin), csr.id, DAY)

    assert (tasks.count, len(tasks.records)) == (3, 2)


def test_who_has_nothing_open_leaves_nothing(
    app: Flask, make: Factories, organization: Organization, admin: User, csr: User
) -> None:
    with at_work(app, organization.id):
        assert list_open_work(acting(admin), csr.id, DAY) == []
