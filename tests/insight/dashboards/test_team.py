"""The team table: order, rows, and the actions that start from it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, Organization, Role, User
from tests.support.cached_rows import restored_by_copy
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

PERIOD = "period=custom&from=2026-03-01&to=2026-03-31"
#: Booked and qualified leads of each CSR, which yield their rates.
RATES = {"Ada": (1, 4), "Bea": (3, 4), "Cyd": (2, 4)}


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Organization:
    """Three CSRs, with Bea booking most, a new one, a call credited to no one, and another company."""
    with make.batch():
        return _company(make)


def _company(make: Factories) -> Organization:
    company = make.organization()
    for number, (name, (booked, qualified)) in enumerate(RATES.items()):
        csr = make.user(company, name=name)
        for call in range(qualified):
            _call(make, company, csr, booked=call < booked)
        for _missed in range(number + 8):
            make.call(company, csr=csr, status="missed", started_at=DAY)
        make.analysis(_call(make, company, csr, booked=True, lead="cold"), sop_compliance_score=90 - 10 * number)
    make.user(company, name="New")
    _call(make, company, None, booked=False)
    stranger = make.organization()
    _call(make, stranger, make.user(stranger, name="Stranger"), booked=False)
    return company


def _call(
    make: Factories, company: Organization, csr: User | None, *, booked: bool, lead: str = "hot", at: datetime = DAY
) -> Call:
    contact = make.contact(company)
    values = {
        "lead_id": make.lead(company, contact=contact, qualification_status=lead).id,
        "contact_card_id": contact.id,
        "booking_status": "booked" if booked else "not_booked",
    }
    if booked and lead == "hot" and csr is not None:
        make.appointment(company, csr_id=csr.id, booked_at=at)
    return make.call(company, csr=csr, started_at=at, duration_seconds=60, **values)


@pytest.fixture
def manager(make: Factories, company: Organization) -> User:
    return make.user(company, role=Role.MANAGER, name="Manager")


@pytest.fixture
def as_manager(client: Client, manager: User) -> Client:
    return client.sign_in(manager)


def people(page: Page) -> list[str]:
    rows = page.all(".//div[@id='team-table']/table/tbody/tr/th//a")
    return [text_of(row) for row in rows]


class TestOrder:
    def test_whose_booking_rate_is_the_lowest_comes_first(self, as_manager: Client) -> None:
        assert people(as_manager.get(f"/csr?{PERIOD}")) == ["Ada", "Cyd", "Bea", "New", "No CSR"]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            ("-bookingRate", ["Bea", "Cyd", "Ada", "New"]),
            ("name", ["Ada", "Bea", "Cyd", "New"]),
            ("-name", ["New", "Cyd", "Bea", "Ada"]),
            ("booked", ["New", "Ada", "Cyd", "Bea"]),
            ("script", ["Cyd", "Bea", "Ada", "New"]),
            ("-missRate", ["Cyd", "Bea", "Ada", "New"]),
            ("-unbooked", ["Ada", "Cyd", "Bea", "New"]),
            ("-coaching", ["Cyd", "Bea", "Ada", "New"]),
        ],
    )
    def test_it_is_sorted_by_any_number_and_who_has_none_stands_last(
        self, as_manager: Client, sort: str, order: Sequence[str]
    ) -> None:
        assert people(as_manager.get(f"/csr?{PERIOD}&sort={sort}")) == [*order, "No CSR"]

    def test_a_head_sorts_and_turns_round_what_it_has_sorted(self, as_manager: Client) -> None:
        page = as_manager.get(f"/csr?{PERIOD}&compare=none")
        booked = as_manager.get(page.links["Booked"])

        assert people(booked) == ["Bea", "Cyd", "Ada", "New", "No CSR"]
        assert people(as_manager.get(booked.links["Booked"])) == ["New", "Ada", "Cyd", "Bea", "No CSR"]
        assert "compare=none" in page.links["Booked"]
        sorted_by = [text_of(head) for head in booked.all(".//th[@aria-sort]")]
        assert sorted_by == ["Booked"]

    def test_another_period_keeps_the_order(self, as_manager: Client) -> None:
        page = as_manager.get(f"/csr?{PERIOD}&sort=-booked")

        assert "sort=-booked" in page.links["30 days"]

    def test_what_it_cannot_be_sorted_by_is_refused(self, as_manager: Client) -> None:
        as_manager.get(f"/csr?{PERIOD}&sort=colour", status=400)


class TestNumbers:
    def test_every_number_of_every_person_opens_exactly_its_rows(self, as_manager: Client) -> None:
        page = as_manager.get(f"/csr?{PERIOD}")
        links = page.all(".//div[@id='team-table']//tbody//a[@data-person]")

        assert len(links) == 5 * 7
        for link in links:
            name, value = link.get("data-metric", ""), link.get("data-value", "")
            count = as_manager.get(link.get("href", "")).one(".//*[@data-count]").get("data-count")
            if value.isdigit():
                assert count == value, link.attrib
            elif name == "booking_rate_of_person":
                [qualified] = [one for one in links if _is(one, "qualified_leads_of_person", link.get("data-person"))]
                assert count == qualified.get("data-value"), "a ratio opens its denominator"

    def test_a_person_leads_to_their_page_with_the_same_numbers(self, as_manager: Client) -> None:
        page = as_manager.get(f"/csr?{PERIOD}&compare=none")
        bea = as_manager.get(page.links["Bea"])

        assert "Bea" in text_of(bea.one(".//h1"))
        [row] = [row for row in page.all(".//div[@id='team-table']//tbody/tr") if "Bea" in text_of(row)]
        told = {one.get("data-metric", ""): one.get("data-value") for one in row.findall(".//td//a[@data-metric]")}
        assert len(told) == 7
        for name, value in told.items():
            assert bea.metrics[name.removesuffix("_of_person")] == value, name

    def test_a_team_is_only_ones_own(self, as_manager: Client, manager: User, make: Factories) -> None:
        member = make.user(_organization(manager), name="Member", manager_id=manager.id)
        make.call(_organization(manager), csr=member, started_at=DAY)

        page = as_manager.get(f"/csr?{PERIOD}&csr=team")

        assert people(page) == ["Member"]
        assert page.metrics["total_leads_spoken_to"] == "1"

    def test_coaching_is_told_or_why_not(self, as_manager: Client) -> None:
        page = as_manager.get(f"/csr?{PERIOD}")
        told = {
            one.get("data-person"): (one.get("data-value"), text_of(one))
            for one in page.all(".//td[@data-metric='coaching_opportunity']")
        }

        values = sorted(value or "" for value, _text in told.values())
        assert values[:2] == ["", ""]
        assert ("", "not enough calls") in told.values()
        assert told["none"] == ("", "–")
        # Cyd has a score of 70, with 10 of 15 calls missed.
        assert values[-1] == f"{100 * (0.5 * 0.3 + 0.5 * 10 / 15) * 15 / 30:.4f}"

    def test_the_statements_are_few_for_any_number_of_people(
        self,
        as_manager: Client,
        company: Organization,
        make: Factories,
        queries: Callable[[], AbstractContextManager[list[str]]],
    ) -> None:
        as_manager.get(f"/csr?{PERIOD}")
        with queries() as few:
            as_manager.get(f"/csr?{PERIOD}")
        for _ in range(20):
            _call(make, company, make.user(company), booked=False)
        as_manager.get(f"/csr?{PERIOD}")
        with queries() as many:
            as_manager.get(f"/csr?{PERIOD}")

        # 3 for all numbers of all people, names, weeks, volume, days before, objections twice, follow-ups, reasons,
        # options, first call, saved views; the user, and contexts.
        assert len(many) == len(few) <= 22

    def test_a_csr_sees_no_team(self, client: Client, company: Organization, make: Factories) -> None:
        csr = make.user(company, name="Dee")
        make.analysis(
            make.call(company, csr=csr, started_at=DAY), objections=[{"category": "price", "severity": "low"}]
        )

        page = client.sign_in(csr).get(f"/csr?{PERIOD}")

        assert page.all(".//div[@id='team-table']") == []
        assert "Everyone" not in page.text
        assert "Ada" not in page.text


def _is(link: Element, metric: str, person: str | None) -> bool:
    return (link.get("data-metric"), link.get("data-person")) == (metric, person)


def _organization(user: User) -> Organization:
    return Organization(id=user.organization_id)


class TestCharts:
    def test_days_stand_beside_those_of_the_period_before(
        self, as_manager: Client, company: Organization, make: Factories
    ) -> None:
        make.call(company, started_at=DAY - timedelta(days=31))
        compared, alone = (as_manager.get(f"/csr?{PERIOD}&compare={what}") for what in ("previous", "none"))

        assert [text_of(one) for one in compared.all(".//ul[@class='legend']/li")] == ["This period", "Previous period"]
        assert alone.all(".//ul[@class='legend']") == []

    def test_each_hour_of_the_map_opens_its_calls(self, as_manager: Client) -> None:
        page = as_manager.get(f"/csr?{PERIOD}")
        cells = page.all(".//table[@class='heat heat--low']//td/a")

        assert cells
        for cell in cells:
            listed = as_manager.get(cell.get("href", "")).one(".//*[@data-count]")
            assert listed.get("data-count") == cell.get("data-value")

    def test_objections_stand_beside_their_share_before(
        self, as_manager: Client, company: Organization, make: Factories
    ) -> None:
        for at, categories in ((DAY, ["price"]), (DAY, ["price"]), (DAY - timedelta(days=31), ["price", "trust"])):
            objections = [{"category": one, "severity": "low"} for one in categories]
            make.analysis(make.call(company, started_at=at), objections=objections)

        page = as_manager.get(f"/csr?{PERIOD}")

        [row] = page.all(".//section[@aria-labelledby='objections']//tbody/tr")
        # Three more calls are analyzed without an objection.
        assert [text_of(cell) for cell in row if text_of(cell)] == ["Price", "2", "40.0%", "100.0%"]

    def test_on_the_page_of_a_person_everybodys_share_stands_beside_theirs(
        self, as_manager: Client, company: Organization, make: Factories, admin_engine: Engine
    ) -> None:
        ada = _user(admin_engine, company, "Ada")
        make.analysis(
            make.call(company, started_at=DAY, csr_id=ada), objections=[{"category": "price", "severity": "high"}]
        )

        page = as_manager.get(f"/csr?{PERIOD}&csr={ada}")

        [row] = page.all(".//section[@aria-labelledby='objections']//tbody/tr")
        assert [text_of(cell) for cell in row if text_of(cell)] == ["Price", "1", "50%", "25%", "High"]


def _user(engine: Engine, company: Organization, name: str) -> object:
    with engine.connect() as connection:
        return connection.scalar(
            text("SELECT id FROM users WHERE organization_id = :organization AND name = :name"),
            {"organization": company.id, "name": name},
        )


class TestFollowUp:
    @pytest.fixture
    def call(self, make: Factories, company: Organization) -> Call:
        """A CSR's call that is newer than all others."""
        csr = make.user(company, name="Wes")
        call = _call(make, company, csr, booked=False, at=DAY + timedelta(days=2))
        make.analysis(
            call,
            objections=[{"category": "price", "severity": "low"}, {"category": "decision_maker", "severity": "high"}],
        )
        return call

    def test_calls_are_there_with_why_they_did_not_book_and_whose_they_are(
        self, as_manager: Client, call: Call
    ) -> None:
        page = as_manager.get(f"/csr?{PERIOD}")

        rows = [text_of(row) for row in page.all(".//div[@id='unbooked-table']//tbody/tr")]
        assert len(rows) == 4
        assert "Decision maker" in rows[0]
        assert "Wes" in rows[0]
        assert page.metrics["unbooked_without_follow_up"] == "8"

    def test_one_click_gives_its_csr_a_task_for_tomorrow_morning_and_tells_them(
        self, as_manager: Client, client: Client, call: Call, company: Organization, admin_engine: Engine
    ) -> None:
        page = as_manager.get(f"/csr?{PERIOD}")
        address = f"/calls/{call.id}/follow-up"

        after = _press(as_manager, address, page)

        [task] = _tasks(admin_engine, company, call)
        tomorrow = datetime.now(UTC).astimezone(ZoneInfo(company.timezone)) + timedelta(days=1)
        due = task["due_at"].astimezone(ZoneInfo(company.timezone))
        assert (due.date(), due.hour, due.minute) == (tomorrow.date(), 9, 0)
        assert (task["assigned_to_user_id"], task["contact_card_id"]) == (call.csr_id, call.contact_card_id)
        assert "Follow-up task added, due tomorrow morning." in after.text
        assert after.metrics["unbooked_without_follow_up"] == "7"
        assert _told(admin_engine, call.csr_id) == ["task_assigned"]

    def test_pressed_twice_it_is_one_task(
        self, as_manager: Client, call: Call, company: Organization, admin_engine: Engine
    ) -> None:
        address = f"/calls/{call.id}/follow-up"
        page = as_manager.get(f"/csr?{PERIOD}")
        other = as_manager.get(f"/csr?{PERIOD}")

        for shown in (page, page, other):
            after = _press(as_manager, address, shown)

        assert len(_tasks(admin_engine, company, call)) == 1
        assert "Someone is already following up on this call." in after.text

    def test_of_two_who_press_it_at_once_one_is_told(
        self, app: Flask, manager: User, call: Call, company: Organization, make: Factories, admin_engine: Engine
    ) -> None:
        address, together = f"/calls/{call.id}/follow-up", Barrier(2, timeout=20)
        shown = []
        for who in (manager, make.user(company, role=Role.ADMIN)):
            browser = Client(app).sign_in(who)
            shown.append((browser, browser.get(f"/csr?{PERIOD}")))

        def press(one: tuple[Client, Page]) -> Page:
            browser, page = one
            together.wait()
            return _press(browser, address, page)

        with ThreadPoolExecutor(2) as pool:
            pages = list(pool.map(press, shown))

        assert len(_tasks(admin_engine, company, call)) == 1
        assert sum("Someone is already following up on this call." in page.text for page in pages) == 1
        assert _told(admin_engine, call.csr_id) == ["task_assigned"]

    def test_a_call_that_was_booked_meanwhile_is_followed_up_by_nobody(
        self, as_manager: Client, call: Call, company: Organization, admin_engine: Engine
    ) -> None:
        page = as_manager.get(f"/csr?{PERIOD}")
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE calls SET booking_status = 'booked' WHERE id = :id"), {"id": call.id})

        after = _press(as_manager, f"/calls/{call.id}/follow-up", page)

        assert "This call’s booking status has changed, so it no longer needs follow-up." in after.text
        assert _tasks(admin_engine, company, call) == []

    def test_a_button_whose_task_was_taken_back_says_so(
        self, as_manager: Client, call: Call, company: Organization, admin_engine: Engine
    ) -> None:
        address, page = f"/calls/{call.id}/follow-up", as_manager.get(f"/csr?{PERIOD}")
        after = _press(as_manager, address, page)
        [task] = _tasks(admin_engine, company, call)
        as_manager.post(f"/tasks/{task['id']}/cancel", after.fields(f"/tasks/{task['id']}/cancel"))

        again = _press(as_manager, address, page)

        assert "The follow-up task you added is no longer open." in again.text
        assert [one["status"] for one in _tasks(admin_engine, company, call)] == ["cancelled"]

    def test_undo_takes_the_task_back(
        self, as_manager: Client, call: Call, company: Organization, admin_engine: Engine
    ) -> None:
        address = f"/calls/{call.id}/follow-up"
        after = _press(as_manager, address, as_manager.get(f"/csr?{PERIOD}"))
        [task] = _tasks(admin_engine, company, call)

        as_manager.post(f"/tasks/{task['id']}/cancel", after.fields(f"/tasks/{task['id']}/cancel"))

        assert as_manager.get(f"/csr?{PERIOD}").metrics["unbooked_without_follow_up"] == "8"

    @pytest.mark.parametrize("gone", [True, False])
    def test_where_no_csr_is_here_it_is_ones_own(
        self,
        as_manager: Client,
        manager: User,
        company: Organization,
        make: Factories,
        admin_engine: Engine,
        gone: bool,
    ) -> None:
        csr = make.user(company, status="inactive", deactivated_at=DAY) if gone else None
        call = _call(make, company, csr, booked=False, at=DAY + timedelta(days=2))
        address = f"/calls/{call.id}/follow-up"

        as_manager.post(address, as_manager.get(f"/csr?{PERIOD}").fields(address))

        [task] = _tasks(admin_engine, company, call)
        assert task["assigned_to_user_id"] == manager.id

    def test_who_may_not_give_tasks_has_no_button(
        self, client: Client, call: Call, make: Factories, company: Organization
    ) -> None:
        page = client.sign_in(make.user(company, role=Role.EXEC)).get(f"/csr?{PERIOD}")

        assert page.all(".//div[@id='unbooked-table']//button") == []
        assert "Decision maker" in page.text


def _press(client: Client, address: str, page: Page) -> Page:
    """Press a button on the team's page, and return the page that it leads back to."""
    here = f"/csr?{PERIOD}"
    answer = client.post(address, page.fields(address), headers={"Referer": f"http://localhost{here}"})
    assert answer.response.headers["Location"] == here
    return client.get(here)


def _tasks(engine: Engine, company: Organization, call: Call) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT * FROM tasks WHERE call_id = :call"), {"call": call.id})
        return [dict(row) for row in found.mappings()]


def _told(engine: Engine, user_id: object) -> list[str]:
    with engine.connect() as connection:
        kinds = connection.scalars(text("SELECT kind FROM notifications WHERE user_id = :user"), {"user": user_id})
        return list(kinds)
