"""Query plans of the lists of daily work, whose counts must use index-only scans for any filter."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from flask import Flask
from psycopg.sql import SQL, Identifier

from app.db.embedded import SUPERUSER
from app.db.lists import ListQuery
from app.extensions import db
from app.models import (
    AppointmentOutcome,
    AppointmentStatus,
    ContactCard,
    ContactSource,
    Lead,
    LeadStage,
    Organization,
    Role,
    TaskPriority,
    TaskStatus,
)
from app.security.actor import Actor
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import appointment_list
from app.work.contacts.filters import ContactFilters
from app.work.contacts.list_queries import contact_list
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_list
from app.work.tasks.filters import TaskFilters
from app.work.tasks.queries import task_list
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories
from tests.support.plans import recorded_plans
from tests.support.work import at_work

LISTS: dict[str, tuple[Callable[[Actor], ListQuery], str]] = {
    "contacts": (lambda one: contact_list(one, ContactFilters()), "idx_contact_cards_date on contact_cards"),
    "contacts of a source": (
        lambda one: contact_list(one, ContactFilters(source=(ContactSource.CALLRAIL,))),
        "idx_contact_cards_source on contact_cards",
    ),
    "leads": (lambda one: lead_list(one, LeadFilters()), "idx_leads_activity on leads"),
    "leads of a stage": (lambda one: lead_list(one, LeadFilters(stage=(LeadStage.NEW,))), "idx_leads_stage on leads"),
    "leads of a rep": (lambda one: lead_list(one, LeadFilters(rep=one.user_id)), "idx_leads_rep on leads"),
    "appointments": (
        lambda one: appointment_list(one, AppointmentFilters()),
        "idx_appointments_start on appointments",
    ),
    "appointments of a status": (
        lambda one: appointment_list(one, AppointmentFilters(status=(AppointmentStatus.CANCELLED,))),
        "idx_appointments_status on appointments",
    ),
    "appointments of an outcome": (
        lambda one: appointment_list(one, AppointmentFilters(outcome=AppointmentOutcome.CLOSED_WON)),
        "idx_appointments_outcome on appointments",
    ),
    "tasks": (lambda one: task_list(one, TaskFilters()), "idx_tasks_due on tasks"),
    "tasks of a status": (
        lambda one: task_list(one, TaskFilters(status=(TaskStatus.COMPLETED,))),
        "idx_tasks_status on tasks",
    ),
    "tasks of a priority": (
        lambda one: task_list(one, TaskFilters(priority=(TaskPriority.URGENT,))),
        "idx_tasks_priority on tasks",
    ),
}
TABLES = ("contact_cards", "leads", "appointments", "tasks", "calls", "missed_call_entries")
ROWS = 120
PEOPLE = ("csr_id", "handled_by_user_id", "assigned_rep_id")
TO_DO = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)


@pytest.fixture
def manager(make: Factories, organization: Organization) -> Actor:
    person = make.user(organization, Role.MANAGER)
    return Actor(
        organization_id=organization.id, user_id=person.id, name=person.name, email=person.email, role=Role.MANAGER
    )


@contextmanager
def plans_of(app: Flask, database: WorkerDatabase, actor: Actor, *without: LiteralString) -> Iterator[list[str]]:
    """Collect the plans of the queries in the block, as if all pages of the tables were all-visible.

    The statistics are set directly, since other transactions could keep a vacuum from marking pages.
    """
    with psycopg.connect(database.url(SUPERUSER), autocommit=True) as admin:
        for table in TABLES:
            # Autovacuum would overwrite the values set below.
            admin.execute(SQL("ALTER TABLE {} SET (autovacuum_enabled = false)").format(Identifier(table)))
            # Rows deleted by earlier tests leave some indexes larger than others.
            admin.execute(SQL("VACUUM (FULL, ANALYZE) {}").format(Identifier(table)))
        try:
            admin.execute(
                "UPDATE pg_class SET relallvisible = relpages"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname = ANY (%s)",
                [list(TABLES)],
            )
            with at_work(app, actor.organization_id), recorded_plans(db.engine, *without) as plans:
                yield plans
        finally:
            for table in TABLES:
                admin.execute(SQL("ALTER TABLE {} RESET (autovacuum_enabled)").format(Identifier(table)))


def test_a_list_is_counted_in_an_index_alone(
    app: Flask, database: WorkerDatabase, make: Factories, organization: Organization, manager: Actor
) -> None:
    with make.batch():
        for number in range(ROWS):
            seldom, at = number % 20 == 0, DAY + timedelta(minutes=number)
            contact = make.contact(organization, source=ContactSource.CALLRAIL if seldom else ContactSource.MANUAL)
            make.lead(
                organization,
                contact=contact,
                stage=LeadStage.NEW if seldom else LeadStage.QUALIFIED,
                assigned_rep_id=manager.user_id if seldom else None,
            )
            won, cancelled = number % 20 == 1, number % 20 == 2
            make.appointment(
                organization,
                contact=contact,
                scheduled_start_at=at,
                status=AppointmentStatus.CANCELLED if cancelled else AppointmentStatus.COMPLETED,
                completed_at=None if cancelled else at,
                outcome=AppointmentOutcome.CLOSED_WON if won else AppointmentOutcome.OPEN,
                outcome_at=at if won else None,
            )
            make.task(
                organization,
                due_at=at,
                status=TaskStatus.COMPLETED if seldom else TaskStatus.PENDING,
                completed_at=at if seldom else None,
                priority=TaskPriority.URGENT if seldom else TaskPriority.LOW,
            )

    with plans_of(app, database, manager, "bitmapscan") as plans:
        counted = {name: ask(manager).count().number for name, (ask, _index) in LISTS.items()}

    whole = {"contacts", "leads", "appointments", "tasks"}
    assert counted == {name: ROWS if name in whole else ROWS // 20 for name in LISTS}
    for plan, (name, (_ask, index)) in zip(plans, LISTS.items(), strict=True):
        assert (f"Index Only Scan using {index}" if name not in whole else "Index Only Scan using ") in plan, plan


def test_what_is_to_be_done_is_found_past_all_that_was(
    app: Flask, database: WorkerDatabase, make: Factories, organization: Organization, manager: Actor
) -> None:
    with make.batch():
        for number in range(ROWS):
            at = DAY + timedelta(minutes=number)
            is_open = number > ROWS - 5
            make.task(
                organization,
                due_at=at,
                status=TaskStatus.PENDING if is_open else TaskStatus.COMPLETED,
                completed_at=None if is_open else at,
            )

    with plans_of(app, database, manager) as plans:
        found = task_list(manager, TaskFilters(status=TO_DO))
        assert (len(found.page().rows), found.count().number) == (4, 4)

    of_open = ("idx_tasks_open", "idx_tasks_status", "idx_tasks_due_of_person")
    assert not any("using idx_tasks_due on" in plan for plan in plans), plans
    assert all(any(f"using {index} on" in plan for index in of_open) for plan in plans), plans


def test_ones_own_are_found_by_indexes_of_people(
    app: Flask, database: WorkerDatabase, make: Factories, organization: Organization, manager: Actor
) -> None:
    csr = make.user(organization)
    own = replace(manager, user_id=csr.id, role=Role.CSR)
    with make.batch():
        for number in range(ROWS):
            mine = csr if number % 20 == 0 else None
            lead = make.lead(organization)
            make.call(organization, csr=mine, contact_card_id=lead.contact_card_id, lead_id=lead.id)

    with plans_of(app, database, own, "bitmapscan") as plans:
        leads, contacts = lead_list(own, LeadFilters()), contact_list(own, ContactFilters())
        assert [one.count().number for one in (leads, contacts)] == [ROWS // 20] * 2
        assert [len(one.page().rows) for one in (leads, contacts)] == [ROWS // 20] * 2

    for plan in plans[:2]:
        of_calls = re.findall(r"Scan using \S+ on calls[^>]*", plan)
        assert len(of_calls) == len(PEOPLE), plan
        filters = [line for scan in of_calls for line in scan.splitlines() if "Filter:" in line]
        assert not any(f"{column} = " in line for line in filters for column in PEOPLE), plan
    # No index supports an OR over people within one scan, which would read every call with a lead.
    assert not any("OR (handled_by_user_id = " in plan for plan in plans), plans


@pytest.mark.parametrize("model", [Lead, ContactCard])
def test_what_is_ones_own_in_any_way_is_shown_and_counted_once(
    app: Flask, make: Factories, organization: Organization, manager: Actor, model: type[Lead] | type[ContactCard]
) -> None:
    me, other = make.user(organization).id, make.user(organization).id
    own = replace(manager, user_id=me, role=Role.CSR)
    mine = []
    for person, is_mine in ((me, True), (other, False)):
        leads = [
            make.lead(organization, csr_id=person),
            make.lead(organization, assigned_rep_id=person),
            make.lead(organization, csr_id=person, assigned_rep_id=person),
            *(make.lead(organization) for _ in range(4)),
        ]
        people = ("handled_by_user_id", "assigned_rep_id")
        for lead, column in zip(leads[3:5], people, strict=True):
            call: dict[str, Any] = {column: person, "contact_card_id": lead.contact_card_id, "lead_id": lead.id}
            make.call(organization, csr_id=None, **call)
            make.call(organization, csr_id=person, **call)
        make.missed_entry(
            organization, lead_id=leads[5].id, contact_card_id=leads[5].contact_card_id, claimed_by=person
        )
        make.call(organization, csr_id=person, contact_card_id=leads[0].contact_card_id, lead_id=leads[0].id)
        mine += leads[:6] if is_mine else []
    expected = {lead.id if model is Lead else lead.contact_card_id for lead in mine}

    with at_work(app, organization.id):
        found = lead_list(own, LeadFilters()) if model is Lead else contact_list(own, ContactFilters())
        assert {row.id for row in found.page().rows} == expected
        assert len(found.page().rows) == found.count().number == found.count(exact=True).number == len(expected)


def test_who_has_a_tag_is_counted_as_shown(
    app: Flask, make: Factories, organization: Organization, manager: Actor
) -> None:
    elsewhere = make.organization()
    make.contact(elsewhere, tags=["member"])
    make.contact(organization, tags=["member"], deleted_at=DAY)
    for tags in (["member"], ["member", "of the house"], ["Member"], []):
        make.contact(organization, tags=tags)

    with at_work(app, organization.id):
        for filters in (ContactFilters(tag="member"), ContactFilters(tag="member", texts=True)):
            found = contact_list(manager, filters)
            assert len(found.page().rows) == found.count().number == found.count(exact=True).number == 2
        assert contact_list(manager, ContactFilters(tag="house")).count().number == 0


@pytest.mark.parametrize("typed", ["5550177", "limited"])
def test_who_is_found_in_two_ways_is_counted_once(
    app: Flask, make: Factories, organization: Organization, manager: Actor, typed: str
) -> None:
    make.contact(organization, company_name="5550177 Limited", city="Limited", primary_phone="+13125550177")
    make.contact(organization, company_name="Others")

    with at_work(app, organization.id):
        found = contact_list(manager, ContactFilters(q=typed))
        assert len(found.page().rows) == found.count().number == found.count(exact=True).number == 1
