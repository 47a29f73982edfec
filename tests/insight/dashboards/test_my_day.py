"""A CSR's day: what is left to do, in order, and what is done, folded."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.insight.dashboards.my_day_page import MOST
from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NOW = datetime.now(UTC)
Queries = Callable[[], AbstractContextManager[list[str]]]
SECTIONS = ["Callers to return", "Tasks due", "Today’s appointments", "Coaching"]


@pytest.fixture
def company(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def csr(make: Factories, company: Organization) -> User:
    return make.user(company, name="Maya Torres")


@pytest.fixture
def other(make: Factories, company: Organization) -> User:
    return make.user(company, name="Tom Okafor")


@pytest.fixture
def manager(make: Factories, company: Organization) -> User:
    return make.user(company, role=Role.MANAGER, name="Mona Manager")


def coached(make: Factories, company: Organization, manager: User, csr: User, body: str, **values: Any) -> None:
    make.note(make.call(company, csr=csr), manager, body=body, kind="coaching", **values)


def headings(page: Page) -> list[str]:
    return [text_of(one).partition(" · ")[0] for one in page.all(".//section[@class='panel']//h2")]


def names(page: Page, section: str) -> list[str]:
    return [text_of(one) for one in page.all(f".//div[@id='{section}-table']//tbody/tr/th[@scope='row']/a")]


def done(page: Page, section: str) -> list[str]:
    rows = page.all(f".//div[@id='{section}-table']//tr[@class='is-done']/th/a")
    return [text_of(one) for one in rows]


def test_the_sections_come_in_the_order_of_the_work(client: Client, csr: User) -> None:
    assert headings(client.sign_in(csr).get("/my-day")) == SECTIONS


@pytest.mark.parametrize(("role", "status"), [(Role.SALES_REP, 403), (Role.SUPPORT, 403), (Role.EXEC, 200)])
def test_who_may_open_it(client: Client, make: Factories, company: Organization, role: Role, status: int) -> None:
    client.sign_in(make.user(company, role=role)).get("/my-day", status=status)


def test_callers_that_someone_else_calls_are_left_out(
    client: Client, make: Factories, company: Organization, csr: User, other: User
) -> None:
    lease = {"status": "claimed", "claim_expires_at": datetime.now(UTC) + timedelta(minutes=5)}
    for name, values in (
        ("Open", {}),
        ("Mine", {"claimed_by": csr.id, **lease}),
        ("Theirs", {"claimed_by": other.id, **lease}),
    ):
        contact = make.contact(company, first_name=name, last_name=None)
        call = make.call(company, status="missed", contact_card_id=contact.id)
        make.missed_entry(company, call=call, **values)

    page = client.sign_in(csr).get("/my-day")

    assert sorted(names(page, "callers")) == ["Mine", "Open"]
    assert "1 claimed by Tom Okafor" in text_of(page.one(".//div[@id='callers-table']"))


def test_the_number_of_callers_is_that_of_the_menu(
    client: Client, make: Factories, company: Organization, csr: User, other: User
) -> None:
    lease = {"claimed_by": other.id, "status": "claimed", "claim_expires_at": NOW + timedelta(minutes=5)}
    not_today = {"next_attempt_at": NOW + timedelta(days=2), "attempts": 1}
    for values in ({}, *([{}] * MOST), lease, not_today, {"status": "dismissed", "resolved_at": NOW}):
        make.missed_entry(company, call=make.call(company, status="missed"), **values)

    for page in (client.sign_in(csr).get("/my-day"), client.get("/my-day")):
        [menu, *_others] = page.all(".//*[@data-waiting='queue']/span[@aria-hidden]")
        assert text_of(menu) == str(MOST + 2)
        assert f"Callers to return · {MOST + 2}" in [text_of(heading) for heading in page.all(".//h2")]


def test_a_caller_comes_with_what_they_said(client: Client, make: Factories, company: Organization, csr: User) -> None:
    call = make.call(company, status="voicemail", topic="No heat")
    make.transcript(call, speaker_labels=[], transcript_text="Leonard Wagner. The heat isn’t working.")
    make.missed_entry(company, call=call)

    page = client.sign_in(csr).get("/my-day")

    [row] = page.all(".//div[@id='callers-table']//tbody/tr")
    assert "Leonard Wagner. The heat isn’t working." in text_of(row)


def test_tasks_due_today_come_earliest_first_and_done_ones_fold(
    client: Client, make: Factories, company: Organization, csr: User, other: User
) -> None:
    late, today = NOW - timedelta(days=1), NOW
    for title, who, values in (
        ("Today", csr, {"due_at": today}),
        ("Late", csr, {"due_at": late}),
        ("Next week", csr, {"due_at": NOW + timedelta(days=7)}),
        ("Undated", csr, {}),
        ("Snoozed", csr, {"due_at": late, "snoozed_until": NOW + timedelta(hours=3)}),
        ("Of another", other, {"due_at": today}),
        ("Finished", csr, {"due_at": today, "status": "completed", "completed_at": NOW}),
    ):
        make.task(company, title=title, assignee=who, **{"due_at": None, **values})

    page = client.sign_in(csr).get("/my-day")

    assert names(page, "tasks") == ["Late", "Today", "Finished"]
    assert done(page, "tasks") == ["Finished"]
    assert "Done today · 1" in page.text


def test_completing_a_task_comes_back_and_folds_it(
    client: Client, make: Factories, company: Organization, csr: User
) -> None:
    task = make.task(company, title="Send the quote", assignee=csr, due_at=NOW)
    client.sign_in(csr).get("/my-day")

    answer = client.post(f"/tasks/{task.id}/complete", headers={"Referer": "http://localhost/my-day"})

    assert answer.headers["Location"] == "/my-day"
    assert done(client.follow(answer), "tasks") == ["Send the quote"]


def test_appointments_of_today_that_one_booked(
    client: Client, make: Factories, company: Organization, csr: User, other: User
) -> None:
    for name, who, at, status in (
        ("Ahead", csr, NOW, "scheduled"),
        ("Over", csr, NOW, "no_show"),
        ("Tomorrow", csr, NOW + timedelta(days=2), "scheduled"),
        ("Theirs", other, NOW, "scheduled"),
    ):
        contact = make.contact(company, first_name=name, last_name=None)
        times = {"scheduled_start_at": at, "scheduled_end_at": at + timedelta(hours=1)}
        make.appointment(company, contact=contact, csr_id=who.id, status=status, **times)

    page = client.sign_in(csr).get("/my-day")

    assert names(page, "appointments") == ["Ahead", "Over"]
    assert done(page, "appointments") == ["Over"]


def test_coaching_stays_until_it_is_done(
    client: Client, make: Factories, company: Organization, csr: User, other: User, manager: User
) -> None:
    coached(make, company, manager, csr, "Ask for the address")
    coached(make, company, manager, csr, "Done today", done_at=NOW)
    coached(make, company, manager, csr, "Done long ago", done_at=NOW - timedelta(days=3))
    coached(make, company, manager, other, "For another")

    page = client.sign_in(csr).get("/my-day")

    assert names(page, "coaching") == ["Ask for the address", "Done today"]
    assert done(page, "coaching") == ["Done today"]


def test_marking_coaching_as_done_comes_back(
    client: Client, make: Factories, company: Organization, csr: User, manager: User
) -> None:
    coached(make, company, manager, csr, "Ask for the address")
    page = client.sign_in(csr).get("/my-day")
    [form] = page.all(".//div[@id='coaching-table']//form")

    answer = client.post(form.get("action", ""), {"version": "1"})

    assert answer.headers["Location"] == "/my-day"
    assert done(client.follow(answer), "coaching") == ["Ask for the address"]


def test_a_manager_chooses_a_csr_and_no_one_else_does(
    new_client: Callable[[], Client], make: Factories, company: Organization, csr: User, other: User, manager: User
) -> None:
    make.task(company, title="Call back", assignee=csr, due_at=NOW)
    boss = new_client().sign_in(manager)

    page = boss.get(f"/my-day?csr={csr.id}")
    assert page.heading == "Maya Torres’s day"
    assert names(page, "tasks") == ["Call back"]
    assert names(boss.get("/my-day"), "tasks") == []
    boss.get(f"/my-day?csr={make.user(make.organization()).id}", status=404)
    new_client().sign_in(other).get(f"/my-day?csr={csr.id}", status=404)


def test_the_number_of_statements_does_not_grow(
    client: Client, make: Factories, company: Organization, csr: User, manager: User, queries: Queries
) -> None:
    def fill(number: int) -> None:
        for _each in range(number):
            make.missed_entry(company, call=make.call(company, status="missed"), attempts=1)
            make.task(company, assignee=csr, due_at=NOW)
            make.appointment(company, csr_id=csr.id, scheduled_start_at=NOW, scheduled_end_at=NOW + timedelta(hours=1))
            coached(make, company, manager, csr, "Ask for the address")

    def statements() -> int:
        with queries() as found:
            client.get("/my-day")
        return len(found)

    fill(1)
    client.sign_in(csr).get("/my-day")
    few = statements()
    fill(30)

    assert statements() == few
    assert len(names(client.get("/my-day"), "tasks")) == 20
