"""Calls that CallRail reports: one conversation is one call, in every order, with its contact, lead and entry."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from flask import Flask

from app.db.session import jobs_role
from app.declarations.delivery import DeliveredEvent
from app.extensions import db
from app.models import (
    AuditLog,
    Call,
    ContactCard,
    Lead,
    MissedCallEntry,
    Organization,
    Provider,
    Role,
    User,
)
from app.work.live_calls.jobs import fail_silent
from app.work.live_calls.record_service import record_call
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import at_work, both_at_once
from tests.work.live_calls.conftest import CALLER, START, TRACKED, Report, call_of


@pytest.fixture
def agent(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Maya Torres", email="maya@comfort.example")


def test_a_call_is_there_while_it_rings_and_waits_in_no_queue(report: Report, behind: Behind) -> None:
    delivery = report("pre-call")

    call, contact = behind.one(Call), behind.one(ContactCard)
    assert (call.status, call.callrail_call_id, call.contact_card_id) == ("active", "CAL1", contact.id)
    assert (call.started_at, call.caller_number, call.called_number) == (START, CALLER, TRACKED)
    assert (contact.primary_phone, contact.full_name, contact.city) == (CALLER, "Ruth Delgado", "Austin")
    assert (behind.rows(MissedCallEntry), behind.rows(Lead)) == ([], [])
    assert [effect["action"] for effect in delivery.effects] == ["contact_card.created", "call.created"]
    assert {entry.actor_label for entry in behind.trail(call.organization_id, "call")} == {"CallRail"}


@pytest.mark.parametrize("order", list(permutations(range(4)))[::2])
def test_events_in_any_order_and_repeated_make_one_call(report: Report, behind: Behind, order: tuple[int, ...]) -> None:
    events: list[tuple[str, dict[str, Any]]] = [
        ("pre-call", {}),
        ("routing-complete", {}),
        ("post-call", {"duration": 45, "tags": ["new"], "source_name": "Ads"}),
        (
            "call-modified",
            {"duration": 45, "tags": ["new", "hot"], "value": 50, "source_name": "Ads", "changes": ["tags"]},
        ),
    ]
    for place in (*order, *order):
        kind, values = events[place]
        assert report(kind, **values).status == "processed"

    call = behind.one(Call)
    assert (call.status, call.waited_seconds, call.tags, call.value) == ("missed", 45, ["new", "hot"], Decimal(50))
    assert call.marketing_source == "Ads"
    assert (behind.one(ContactCard).id, behind.one(MissedCallEntry).call_id) == (call.contact_card_id, call.id)
    assert behind.rows(Lead) == []


def test_an_outbound_call_that_failed_does_not_ring_again(report: Report, behind: Behind) -> None:
    for kind in ("post-call", "pre-call", "routing-complete"):
        report(kind, direction="outbound")

    call = behind.one(Call)
    assert (call.status, call.caller_number, call.called_number) == ("failed", TRACKED, CALLER)
    assert (behind.rows(Lead), behind.rows(MissedCallEntry)) == ([], [])


def test_what_changes_nothing_writes_nothing(report: Report, behind: Behind) -> None:
    report(answered=True)
    before = behind.one(Call)

    repeated = report(answered=True)

    assert (behind.one(Call).version, behind.one(Call).updated_at) == (before.version, before.updated_at)
    assert [effect["action"] for effect in repeated.effects].count("call.updated") == 0
    assert len(behind.rows(AuditLog, resource_type="call")) == 1


def test_an_answered_call_is_credited_and_opens_one_lead(report: Report, behind: Behind, agent: User) -> None:
    for kind in ("pre-call", "post-call", "call-modified"):
        report(kind, answered=True, agent_email="MAYA@comfort.example")

    call, lead = behind.one(Call), behind.one(Lead)
    assert (call.status, call.csr_id, call.handled_by_user_id, call.duration_seconds) == (
        "completed", agent.id, agent.id, 45,
    )  # fmt: skip
    assert (lead.source, lead.contact_card_id, lead.csr_id) == ("callrail", call.contact_card_id, agent.id)
    assert call.lead_id == lead.id


def test_an_open_lead_of_the_contact_gets_the_call(
    report: Report, behind: Behind, make: Factories, organization: Organization
) -> None:
    contact = make.contact(organization, primary_phone=CALLER, first_name="Ruthie", city="")
    lead = make.lead(organization, contact=contact)

    report(answered=True)

    assert (behind.one(Call).lead_id, behind.one(Lead).id) == (lead.id, lead.id)
    named = behind.one(ContactCard, id=contact.id)
    assert (named.first_name, named.last_name) == ("Ruthie", contact.last_name)


@pytest.mark.parametrize("number", ["", CALLER, TRACKED])
def test_withheld_blocked_and_own_numbers_open_no_lead(
    report: Report, behind: Behind, make: Factories, organization: Organization, number: str
) -> None:
    make.phone_number(organization, number=TRACKED)
    make.blocked_number(organization, number=CALLER)

    report(answered=True, customer_phone_number=number)

    assert behind.one(Call).status == "completed"
    assert behind.rows(Lead) == []
    assert len(behind.rows(ContactCard)) == (number == CALLER)


def test_a_redial_is_another_call_and_withheld_numbers_are_never_the_same(report: Report, behind: Behind) -> None:
    for number, seconds in enumerate((0, 40)):
        report(resource_id=f"CAL{number}", start_time=(START + timedelta(seconds=seconds)).isoformat())
    for number in (2, 3):
        report(resource_id=f"CAL{number}", customer_phone_number="")

    assert len(behind.rows(Call)) == 4
    assert [entry.status for entry in behind.rows(MissedCallEntry)] == ["open"] * 3


@pytest.mark.parametrize(("seconds", "calls"), [(0, 1), (30, 1), (31, 2)])
def test_a_call_of_another_source_is_the_same_within_thirty_seconds(
    report: Report, behind: Behind, make: Factories, organization: Organization, seconds: int, calls: int
) -> None:
    start = START.replace(second=20)
    make.call(
        organization, status="missed", caller_number=CALLER, started_at=start, external_source="csv", external_id="7",
        topic="Furnace",
    )  # fmt: skip

    report(answered=True, start_time=(start + timedelta(seconds=seconds)).isoformat())

    rows = behind.rows(Call)
    assert len(rows) == calls
    assert {row.status for row in rows if row.callrail_call_id} == {"completed"}
    assert calls == 2 or (rows[0].topic, rows[0].external_id) == ("Furnace", "7")


def test_a_time_without_seconds_is_the_same_within_its_minute(
    report: Report, behind: Behind, make: Factories, organization: Organization
) -> None:
    make.call(organization, status="missed", caller_number=CALLER, started_at=START.replace(second=0))

    report(start_time=START.replace(second=59).isoformat())

    assert (behind.one(Call).callrail_call_id, behind.one(Call).started_at.second) == ("CAL1", 59)


def test_what_a_person_set_stays(client: Client, report: Report, behind: Behind, make: Factories, agent: User) -> None:
    report(source_name="Ads")
    call = behind.one(Call)
    make.entry(
        behind.one(Organization), agent, resource_id=call.id, before={"marketing_source": "Ads"},
        after={"marketing_source": "A friend"},
    )  # fmt: skip
    behind.change(call, marketing_source="A friend")

    report("call-modified", source_name="Ads", tags=["new"])

    assert (behind.one(Call).marketing_source, behind.one(Call).tags) == ("A friend", ["new"])


def test_an_event_of_another_company_or_without_a_call_is_ignored(
    report: Report, behind: Behind, make: Factories, organization: Organization
) -> None:
    make.integration(organization, provider="callrail", company_id="COM1")

    assert report(company_resource_id="COM2").ignored_because == "other_company"
    assert report(resource_id="CAL2", company_resource_id="COM1").status == "processed"
    assert len(behind.rows(Call)) == 1


def test_one_that_cannot_be_read_fails_in_words(report: Report, behind: Behind) -> None:
    delivery = report(start_time="soon")

    assert (delivery.status, behind.rows(Call)) == ("failed", [])
    assert "start_time" in (delivery.error or "")


def test_a_call_without_news_fails_after_an_hour_and_a_late_event_still_counts(
    app: Flask, report: Report, behind: Behind, organization: Organization
) -> None:
    report("pre-call")
    call = behind.one(Call)

    def work() -> str:
        with jobs_role(), at_work(app, organization.id):
            fail_silent.run()
        return behind.one(Call).status

    assert work() == "active"
    behind.change(call, updated_at=datetime.now(UTC) - timedelta(hours=1))
    assert work() == "failed"
    report(answered=True)
    assert behind.one(Call).status == "completed"


def test_two_workers_at_once_make_one_call(app: Flask, organization: Organization, behind: Behind) -> None:
    def work(kind: str) -> Callable[[], None]:
        event = DeliveredEvent(organization.id, Provider.CALLRAIL, kind, f"CAL1:{kind}", call_of())

        def record() -> None:
            record_call(event)
            db.session.flush()

        return record

    assert both_at_once(app, organization.id, work("pre-call"), work("post-call"), work("pre-call")) == []

    call = behind.one(Call)
    assert call.status == "missed"
    assert (behind.one(ContactCard).id, behind.one(MissedCallEntry).call_id) == (call.contact_card_id, call.id)


def test_a_person_sees_the_call_in_the_list_and_in_the_queue(
    app: Flask, report: Report, make: Factories, organization: Organization
) -> None:
    report("pre-call")
    manager = Client(app).sign_in(make.user(organization, Role.MANAGER))
    assert "Ruth Delgado" in manager.get("/calls").text

    report()

    assert "Ruth Delgado" in manager.get("/missed-calls").text
