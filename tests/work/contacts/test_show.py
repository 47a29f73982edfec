"""The page of a single contact: open work, details, and one timeline of everything that happened."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from app.models import ContactCard, Organization, Role
from app.security.permissions import Permission
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


def lines(page: Page) -> list[str]:
    """Return the timeline's headings from the top, except for the contact's creation by the test."""
    told = [text_of(one) for one in page.all(".//section[@id='timeline']//ol/li//div[@class='top']//b")]
    return [line for line in told if line != "Added by postgres"]


def titles_of_waits(page: Page) -> list[str]:
    return [text_of(one) for one in page.all(".//ul[@class='waits']/li/span/a")]


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.MANAGER, name="Marcus Bell"))


@pytest.fixture
def ruth(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name="Ruth", last_name="Delgado", created_at=DAY - timedelta(days=30))


def test_everything_that_happened_stands_in_one_line_by_day(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    csr, rep = make.user(organization, name="Maya Torres"), make.user(organization, Role.SALES_REP, name="Luis Ortega")
    call = make.call(organization, csr=csr, contact_card_id=ruth.id, booking_status="booked", topic="No heat")
    make.analysis(call, summary="The igniter is worn.")
    make.note(call, csr, body="Dog in the yard.", created_at=DAY + timedelta(minutes=10))
    make.call(organization, contact_card_id=ruth.id, status="missed", started_at=DAY - timedelta(days=1))
    make.message(
        organization, contact_card_id=ruth.id, channel="sms", to_address="+12125550142", subject=None,
        body="We call you back.", created_at=DAY - timedelta(hours=23),
    )  # fmt: skip
    make.appointment(
        organization, contact=ruth, sales_rep_id=rep.id, service_type="Tune-up",
        scheduled_start_at=DAY + timedelta(days=1),
    )  # fmt: skip
    make.task(organization, contact_card_id=ruth.id, title="Send the plan", created_at=DAY + timedelta(hours=1))
    make.lead(organization, contact=ruth, created_at=DAY - timedelta(hours=22))
    make.call(organization, contact_card_id=make.contact(organization).id)

    page = manager.get(f"/contacts/{ruth.id}")

    assert lines(page) == [
        "Tune-up, Luis Ortega",
        "Send the plan",
        "Note by Maya Torres",
        "Call with Maya Torres, 5 min 0 s",
        "Lead",
        "Text sent",
        "Missed call",
    ]
    days = [text_of(one)[:6] for one in page.all(".//h3[@class='timeline-day']")]
    assert days[1:] == ["Mar 19", "Mar 18", "Mar 17"]
    assert page.links["Call with Maya Torres, 5 min 0 s"] == f"/calls/{call.id}"
    for said in ("Dog in the yard.", "The igniter is worn.", "We call you back.", "No heat"):
        assert said in page.text


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ("calls", ["Call, 5 min 0 s"]),
        ("tasks", ["Call back about the quote"]),
        ("appointments", ["Furnace repair"]),
        ("changes", []),
        ("nonsense", ["Call back about the quote", "Furnace repair", "Call, 5 min 0 s"]),
    ],
)
def test_it_is_narrowed_to_a_kind(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard, story: str, told: list[str]
) -> None:
    make.call(organization, contact_card_id=ruth.id, started_at=DAY - timedelta(days=1))
    make.appointment(organization, contact=ruth)
    make.task(organization, contact_card_id=ruth.id)

    page = manager.get(f"/contacts/{ruth.id}?story={story}")

    assert lines(page) == told


def test_older_lines_follow_on_further_pages_and_each_is_told_once(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    with make.batch():
        for number in range(35):
            make.task(organization, contact_card_id=ruth.id, title=f"Task {number:02}", created_at=DAY)
            earlier = DAY - timedelta(minutes=number)
            make.call(organization, contact_card_id=ruth.id, status="missed", started_at=earlier)

    page = manager.get(f"/contacts/{ruth.id}")
    pages = [lines(page)]
    while "Older" in page.links:
        page = manager.swap(page.links["Older"])
        pages.append(lines(page))

    told = [line for one in pages for line in one]
    assert (len(pages), len(told)) == (3, 70)
    assert sorted(line for line in told if line != "Missed call") == [f"Task {number:02}" for number in range(35)]
    assert page.links["Newest"] == f"/contacts/{ruth.id}"
    manager.get(f"/contacts/{make.contact(organization).id}?cursor=bm9uc2Vuc2U", status=400)


def test_each_kind_of_line_keeps_its_own_scope(
    client: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    me, colleague = make.user(organization, name="Maya Torres"), make.user(organization, name="Tom Okafor")
    mine = make.call(organization, csr=me, contact_card_id=ruth.id)
    theirs = make.call(organization, csr=colleague, contact_card_id=ruth.id)
    make.note(mine, me, body="Mine to read")
    make.note(theirs, colleague, body="Not mine to read")
    make.task(organization, assignee=colleague, contact_card_id=ruth.id, title="Of a colleague")
    make.appointment(organization, contact=ruth, csr_id=colleague.id)
    make.message(organization, contact_card_id=ruth.id, channel="sms", to_address="+12125550142", body="Seen by all")

    page = client.sign_in(me).get(f"/contacts/{ruth.id}")

    assert lines(page) == ["Text sent", "Note by Maya Torres", "Call with Maya Torres, 5 min 0 s"]
    assert "Mine to read" in page.text
    assert "Seen by all" in page.text
    assert "Not mine to read" not in page.text
    # Only users with access to the outbox can open the page of a message.
    assert not [href for href in page.links.values() if href.startswith("/outbox")]


def test_what_was_heard_at_an_appointment_is_for_those_who_may_hear_it(
    app: Flask, client: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    visit = make.call(organization, contact_card_id=ruth.id, call_type="visit_call")
    make.analysis(visit, summary="Offered 189 dollars.")
    support, manager = make.user(organization, Role.SUPPORT), make.user(organization, Role.MANAGER)

    page = client.sign_in(support).get(f"/contacts/{ruth.id}?story=calls")

    assert lines(page) == ["Appointment recording, 5 min 0 s"]
    assert "Offered" not in page.text
    assert "Offered 189 dollars." in Client(app).sign_in(manager).get(f"/contacts/{ruth.id}?story=calls").text


def test_whom_one_does_not_see_is_not_found(client: Client, make: Factories, organization: Organization) -> None:
    theirs = make.contact(organization)
    make.call(organization, csr=make.user(organization), contact_card_id=theirs.id)
    stranger = make.contact(make.organization())
    gone = make.contact(organization, created_by=None)
    make.deletion(gone)
    client.sign_in(make.user(organization))

    for contact in (theirs, stranger, gone):
        client.get(f"/contacts/{contact.id}", status=404)


def test_what_waits_is_said_first(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    now = datetime.now(UTC)
    missed = make.call(organization, contact_card_id=ruth.id, status="missed", started_at=now - timedelta(hours=1))
    make.missed_entry(organization, call=missed)
    make.task(organization, contact_card_id=ruth.id, title="Send the plan", due_at=now - timedelta(days=1))
    make.task(organization, contact_card_id=ruth.id, title="Done", status="completed", completed_at=now)
    make.lead(organization, contact=ruth)
    make.lead(organization, contact=ruth, source="import", stage="dead", closed_at=now)
    make.appointment(organization, contact=ruth, scheduled_start_at=now + timedelta(days=2))
    make.appointment(organization, contact=ruth, scheduled_start_at=now - timedelta(days=2))

    page = manager.get(f"/contacts/{ruth.id}")

    assert sorted(titles_of_waits(page)) == ["Furnace repair", "Lead", "Missed call", "Send the plan"]
    assert "Waiting for a callback" in text_of(page.one(".//header[@class='page-head']"))
    waits = text_of(page.one(".//ul[@class='waits']"))
    assert waits.count("Overdue") == 2, "the task and the missed call"


def test_the_name_of_a_claimant_is_text(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    missed = make.call(organization, contact_card_id=ruth.id, status="missed")
    colleague = make.user(organization, name="<b>Ann</b> & Co")
    lease = datetime.now(UTC) + timedelta(minutes=10)
    make.missed_entry(organization, call=missed, status="claimed", claimed_by=colleague.id, claim_expires_at=lease)

    page = manager.get(f"/contacts/{ruth.id}")

    assert "claimed by <b>Ann</b> & Co" in text_of(page.one(".//ul[@class='waits']"))


def test_a_snoozed_task_is_open_and_not_overdue(
    manager: Client, make: Factories, organization: Organization, behind: Behind
) -> None:
    ruth = make.contact(organization, first_name="Ruth")
    task = make.task(organization, contact_card_id=ruth.id, title="Send the plan", due_at=DAY)
    behind.change(task, snoozed_until=datetime.now(UTC) + timedelta(hours=2))

    page = manager.get(f"/contacts/{ruth.id}")

    assert titles_of_waits(page) == ["Send the plan"]
    assert "Overdue" not in text_of(page.one(".//ul[@class='waits']"))


def test_the_card_tells_how_to_reach_them(manager: Client, make: Factories, organization: Organization) -> None:
    ruth = make.contact(
        organization, first_name="Ruth", last_name="Delgado", primary_phone="+12125550142", email="ruth@example.com",
        address_line_1="1817 Alder Creek Ln", city="Austin", state="TX", zip="78745", tags=["VIP"],
        last_call_summary="The furnace clicks.", primary_intent="Repair", risks=["Dog in the yard"],
        sms_opt_out_at=DAY,
    )  # fmt: skip

    page = manager.get(f"/contacts/{ruth.id}")

    assert page.heading == "Ruth Delgado"
    assert "Number (212) 555-0142" in text_of(page.one(".//section[@aria-labelledby='card']"))
    assert text_of(page.one(f".//form[@action='/calls/to/{ruth.id}']//button")) == "Call"
    assert page.links["ruth@example.com"] == "mailto:ruth@example.com"
    assert page.links["Map"].endswith("1817%20Alder%20Creek%20Ln%2C%20Austin%2C%20TX%2078745")
    assert page.links["VIP"] == "/contacts?tag=VIP"
    for said in ("The furnace clicks.", "Repair", "Dog in the yard", "Opted out on Mar 18"):
        assert said in page.text


def test_changes_of_the_contact_say_who_and_what(
    app: Flask, client: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    make.entry(
        organization, resource_type="contact_card", action="contact_card.updated", resource_id=ruth.id,
        actor_label="Maya Torres", before={"email": "old@example.com", "version": 1, "risks": []},
        after={"email": "new@example.com", "version": 2, "risks": ["Dog"]}, ip_address="203.0.113.9",
        request_id=str(uuid4()),
    )  # fmt: skip
    manager, admin = make.user(organization, Role.MANAGER), make.user(organization, Role.ADMIN)

    page = client.sign_in(manager).get(f"/contacts/{ruth.id}?story=changes")

    assert lines(page) == ["Changed by Maya Torres"]
    assert "Email: old@example.com → new@example.com" in page.text
    assert "203.0.113.9" not in page.text
    assert "203.0.113.9" in Client(app).sign_in(admin).get(f"/contacts/{ruth.id}?story=changes").text


def test_a_long_story_takes_no_more_statements_than_a_short_one(
    manager: Client,
    make: Factories,
    organization: Organization,
    ruth: ContactCard,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    manager.get(f"/contacts/{ruth.id}")
    with queries() as few:
        manager.get(f"/contacts/{ruth.id}")
    with make.batch():
        for _ in range(20):
            call = make.call(organization, contact_card_id=ruth.id)
            make.note(call, make.user(organization))
            make.task(organization, contact_card_id=ruth.id)
            make.appointment(organization, contact=ruth)

    with queries() as many:
        manager.get(f"/contacts/{ruth.id}")

    assert len(many) == len(few) <= 8


def test_a_call_leads_to_its_contact_as_far_as_one_may_open_it(
    client: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    me = make.user(organization)
    mine = make.call(organization, csr=me, contact_card_id=ruth.id)
    make.grant(me, Permission.CALLS_READ)
    theirs = make.call(organization, contact_card_id=make.contact(organization, first_name="Tom").id)
    client.sign_in(me)

    assert client.get(f"/calls/{mine.id}").links["Ruth Delgado"] == f"/contacts/{ruth.id}"
    page = client.get(f"/calls/{theirs.id}")
    assert "Tom" in page.text
    assert not [href for href in page.links.values() if href.startswith("/contacts/")]
