"""One caller's story in a real browser: missed, called back, booked, visited, won; deleted, restored, merged, undone.

After each step the numbers of the CSR, of the rep and of the company have changed by exactly the effect of the step.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from app.db.context import Context, use_context
from app.db.filters import Person
from app.extensions import db
from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.missed_queries import missed_call_numbers
from app.insight.metrics.rep_queries import rep_numbers
from app.models import Call, ContactCard, Lead, MissedCallEntry, Role, User
from app.periods import PeriodName, resolve_period
from app.security.actor import Actor
from tests.browser.conftest import OpenTab
from tests.support.company import Company
from tests.support.factories import Factories

#: A phone link opens the phone app, which blocks the whole window of a headless browser.
DIALS = """document.addEventListener("click", event => {
  if (event.target.closest("a[href^='tel:']")) event.preventDefault();
}, true);"""

_APPOINTMENT = re.compile(r"/appointments/([0-9a-f-]{36})")

#: Audit trail actions of the story, in order.
STORY = [
    "call.started",
    "missed_call.claimed",
    "call.ended",
    "missed_call.attempted",
    "appointment.booked",
    "missed_call.rescued",
    "appointment.completed",
    "appointment.deleted",
    "appointment.restored",
]

Numbers = dict[tuple[str, str], Any]
Reader = Callable[[], Numbers]


HOURS = ("rep", "hours_booked")
#: Depends on the real duration of the test.
WAITED = ("company", "median_time_to_first_attempt")


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller who was missed five minutes ago."""

    contact: ContactCard
    lead: Lead
    call: Call
    entry: MissedCallEntry


@pytest.fixture
def caller(make: Factories, company: Company) -> Caller:
    organization = company.organization
    contact = make.contact(
        organization, first_name="Ruth", last_name="Delgado", address_line_1="12 Elm St", city="Queens", zip="11101"
    )
    lead = make.lead(organization, contact=contact, csr_id=company.people[Role.CSR].id, qualification_status="hot")
    call = make.call(
        organization,
        status="missed",
        started_at=datetime.now(UTC) - timedelta(minutes=5),
        contact_card_id=contact.id,
        lead_id=lead.id,
        caller_number=contact.primary_phone,
    )
    return Caller(contact, lead, call, make.missed_entry(organization, call=call, lead_id=lead.id))


@pytest.fixture
def numbers(app: Flask, company: Company) -> Reader:
    """Function that returns all numbers of the last 7 days, as a manager sees them: CSR, rep and company."""

    def read() -> Numbers:
        now = datetime.now(UTC)
        with _as(app, company, company.people[Role.MANAGER]) as manager:
            period = resolve_period(PeriodName.LAST_7, now=now, timezone=manager.timezone)
            found = {
                "csr": csr_numbers(manager, period, csr=_person(company, Role.CSR), now=now, compare=False),
                "rep": rep_numbers(manager, period, rep=_person(company, Role.SALES_REP), now=now, compare=False),
                "company": {
                    **csr_numbers(manager, period, csr=None, now=now, compare=False),
                    **missed_call_numbers(manager, period, now=now, compare=False),
                },
            }
            return {(whose, name): number.value for whose, named in found.items() for name, number in named.items()}

    return read


def _person(company: Company, role: Role) -> Person:
    return company.people[role].id


@contextmanager
def _as(app: Flask, company: Company, user: User) -> Iterator[Actor]:
    organization = company.organization
    context = Context(organization_id=organization.id)
    with app.test_request_context(), use_context(context):
        yield Actor(
            organization_id=organization.id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=Role(user.role),
            timezone=organization.timezone,
        )
        db.session.rollback()


def moved(before: Numbers, after: Numbers) -> dict[tuple[str, str], Any]:
    """Return the change of each count that changed, and the new value of each ratio or mean that changed.

    Two numbers that depend on the time of day are omitted.
    """
    found = {}
    for key, value in after.items():
        # Whether a booked appointment falls within the period depends on the time of day.
        if value != before[key] and key not in (HOURS, WAITED):
            is_count = isinstance(value, int) and isinstance(before[key], int)
            found[key] = value - before[key] if is_count else value
    return found


@pytest.mark.browser
def test_a_missed_caller_becomes_a_deal(
    open_tab: OpenTab, company: Company, caller: Caller, numbers: Reader, admin_engine: Engine
) -> None:
    before = numbers()
    csr = open_tab(Role.CSR)
    csr.add_init_script(DIALS)

    csr.goto("/")
    csr.get_by_role("button", name="Call Ruth Delgado").click()
    expect(csr.locator("[data-went]")).to_contain_text("Ruth Delgado")
    called = numbers()
    assert moved(before, called) == {
        (whose, name): 1 for whose in ("csr", "company") for name in ("calls", "csr_calls")
    }

    csr.get_by_role("button", name="Reached").click()
    expect(csr.get_by_role("heading", name="Attempts")).to_be_visible()
    reached = numbers()
    assert moved(called, reached) == {
        **{(whose, name): 1 for whose in ("csr", "company") for name in ("total_leads_spoken_to", "qualified_leads")},
        **{(whose, "booking_rate"): 0.0 for whose in ("csr", "company")},
        ("company", "missed_calls_attempted"): 1,
        ("company", "missed_calls_untried"): -1,
        ("company", "missed_calls_reached"): 1,
        ("company", "first_attempt_in_time"): 1.0,
    }
    assert called[WAITED] is None
    assert reached[WAITED] > 0

    appointment_id = book(csr)
    booked = numbers()
    assert moved(reached, booked) == {
        **{(whose, "appointments_booked"): 1 for whose in ("csr", "rep", "company")},
        **{(whose, "booking_rate"): 1.0 for whose in ("csr", "rep", "company")},
        ("rep", "qualified_leads"): 1,
        ("company", "calls_rescued_by_humans"): 1,
        ("company", "missed_calls_open"): -1,
        ("company", "missed_calls_booked"): 1,
    }

    happen_now(admin_engine, appointment_id)
    rep = open_tab(Role.SALES_REP, width=390, theme="dark")
    rep.goto(f"/appointments/{appointment_id}")
    rep.get_by_label("Deal value").fill("1200")
    rep.get_by_role("button", name="Won").click()
    expect(rep.get_by_text("$1,200").first).to_be_visible()
    won = numbers()
    assert moved(booked, won) == {
        ("rep", "visits_completed"): 1,
        ("rep", "visits_won"): 1,
        ("rep", "revenue_won"): 1200.0,
        ("rep", "average_deal"): 1200.0,
        ("rep", "win_rate"): 1.0,
        ("rep", "auto_usage"): 0.0,
    }
    assert won[HOURS] == 2.0

    manager = open_tab(Role.MANAGER)
    manager.goto(f"/appointments/{appointment_id}")
    manager.locator("main").get_by_role("button", name="Delete", exact=True).click()
    expect(manager.get_by_role("button", name="Undo")).to_be_visible()
    deleted = numbers()
    assert moved(won, deleted) == {
        **{(whose, "appointments_booked"): -1 for whose in ("csr", "rep", "company")},
        **{(whose, "booking_rate"): 0.0 for whose in ("csr", "rep", "company")},
        ("rep", "visits_completed"): -1,
        ("rep", "visits_won"): -1,
        ("rep", "revenue_won"): 0.0,
        ("rep", "average_deal"): None,
        ("rep", "win_rate"): None,
        ("rep", "auto_usage"): None,
    }
    assert deleted[HOURS] == 0.0
    manager.goto("/trash")
    manager.get_by_role("link", name=re.compile("Ruth Delgado")).first.click()
    manager.get_by_role("link", name="Restore").first.click()
    manager.get_by_role("button", name=re.compile("^Restore ")).last.click()
    expect(manager.get_by_text("Restored: 1 item.")).to_be_visible()
    assert numbers() == won

    assert told(admin_engine, company) == STORY


@pytest.mark.browser
def test_whoever_is_there_twice_becomes_one_and_two_again(
    open_tab: OpenTab, company: Company, caller: Caller, numbers: Reader, make: Factories, admin_engine: Engine
) -> None:
    twin = make.contact(company.organization, first_name="R.", last_name="Delgado")
    calls = [
        make.call(
            company.organization, csr=company.people[Role.CSR], contact_card_id=twin.id, started_at=_an_hour_ago()
        )
        for _call in range(2)
    ]
    before = numbers()
    manager = open_tab(Role.MANAGER)

    manager.goto(f"/contacts/{caller.contact.id}/merge/{twin.id}")
    manager.get_by_role("button", name="Merge into Ruth Delgado").click()
    expect(manager.get_by_role("button", name="Undo")).to_be_visible()
    assert {whose_call(admin_engine, call) for call in calls} == {caller.contact.id}
    assert numbers() == before

    manager.get_by_role("button", name="Undo").click()
    manager.wait_for_load_state()
    expect(manager.get_by_role("button", name="Undo")).to_have_count(0)
    assert {whose_call(admin_engine, call) for call in calls} == {twin.id}
    assert numbers() == before


def book(tab: Page) -> UUID:
    """Book the first free time from the page of an entry, and return the ID of the appointment."""
    tab.locator("main").get_by_role("link", name="Book", exact=True).click()
    tab.locator("input[name=service]").fill("Furnace repair")
    tab.locator("input[name=slot]").first.check()
    tab.get_by_role("button", name=re.compile(r"^Book \w")).click()
    tab.wait_for_url(_APPOINTMENT)
    found = _APPOINTMENT.search(tab.url)
    assert found
    return UUID(found[1])


def happen_now(engine: Engine, appointment_id: UUID) -> None:
    """Move an appointment so that it ended an hour ago."""
    shift = """UPDATE appointments SET scheduled_start_at = now() - interval '3 hours',
        scheduled_end_at = now() - interval '1 hour' WHERE id = :id"""
    with engine.begin() as connection:
        connection.execute(text(shift), {"id": appointment_id})


def whose_call(engine: Engine, call: Call) -> UUID | None:
    """Return the ID of the contact that a call belongs to now."""
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT contact_card_id FROM calls WHERE id = :id"), {"id": call.id})
    return UUID(str(found)) if found else None


def told(engine: Engine, company: Company) -> list[str]:
    """Return the actions of the story that are in the organization's audit trail, oldest first."""
    named = text(
        """SELECT action FROM audit_logs WHERE organization_id = :id AND action = ANY (:actions)
        ORDER BY created_at, id"""
    )
    with engine.connect() as connection:
        return list(connection.scalars(named, {"id": company.organization.id, "actions": sorted(set(STORY))}))


def _an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)
