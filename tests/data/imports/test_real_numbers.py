"""A real call log, imported on the pages: the manager's dashboard compared with figures computed elsewhere."""

import json
from calendar import monthrange
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.models import Organization, Role
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_pages import ImportPages
from tests.support.pages import Page, text_of

pytestmark = pytest.mark.real_data

AS_TEXT, AS_WORKBOOK = "call-center.csv", "call-center-original.xlsx"

#: Names of the numbers on the dashboard and in the facts: of an agent's month, and in total.
OF_A_MONTH = {
    "calls": "calls",
    "calls_answered": "answered",
    "missed_calls_total": "abandoned",
    "calls_resolved": "resolved",
    "average_speed_of_answer": "avg_speed_of_answer_s",
    "average_talk_time": "avg_talk_s",
    "satisfaction": "avg_satisfaction",
}
IN_ALL = {
    "calls": "rows",
    "calls_answered": "answered",
    "missed_calls_total": "abandoned",
    "calls_resolved": "resolved_Y",
    "average_speed_of_answer": "avg_speed_of_answer_s_answered_only",
    "average_talk_time": "avg_talk_s_answered_only",
    "satisfaction": "avg_satisfaction_rated_only",
}


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "calls-pwc"


@pytest.fixture
def facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "FACTS.json").read_text())
    return found


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization in a non-default time zone, next to another one with calls of its own."""
    next_door = make.organization()
    make.call(next_door, csr=make.user(next_door))
    return make.organization(timezone="America/Chicago")


@pytest.fixture
def pages(client: Client, make: Factories, organization: Organization) -> ImportPages:
    """Pages of an import, as a manager sees them."""
    return ImportPages(client.sign_in(make.user(organization, role=Role.MANAGER)))


def dashboard(client: Client, first_day: str, last_day: str, csr: str = "") -> Page:
    """Return the dashboard for a period, of one CSR or of all."""
    return client.get(f"/csr?period=custom&from={first_day}&to={last_day}" + (f"&csr={csr}" if csr else ""))


def numbers(page: Page) -> dict[str, float]:
    """Return the page's numbers that FACTS.json also contains, unrounded."""
    return {name: float(page.metrics[name]) for name in IN_ALL}


def by_part(page: Page, metric: str, part: str) -> dict[str, int]:
    """Return a metric by topic or hour."""
    found = page.all(f".//*[@data-metric='{metric}_by_{part}']")
    return {one.get(f"data-{part}", ""): int(one.get("data-value", "")) for one in found}


def csrs(page: Page) -> dict[str, str]:
    """Return the IDs of the CSRs that can be selected, by name."""
    return {text_of(option): option.get("value", "") for option in page.all(".//select[@id='person-choice']/option")}


def check_all_calls(done: Page, page: Page, facts: dict[str, Any]) -> None:
    """Check the numbers of all calls: in total, by topic and by hour."""
    assert (done.metrics["rows_created"], done.metrics["rows_rejected"]) == (str(facts["rows"]), "0")
    assert numbers(page) == {shown: facts[fact] for shown, fact in IN_ALL.items()}
    for shown, fact in (("calls", "calls"), ("calls_answered", "answered"), ("missed_calls", "abandoned")):
        assert by_part(page, shown, "topic") == {one["topic"]: one[fact] for one in facts["per_topic"]}
    for shown, fact in (("calls", "calls"), ("missed_calls", "abandoned")):
        assert by_part(page, shown, "hour") == {str(one["hour"]): one[fact] for one in facts["per_hour_of_day"]}


def check_months_of_agents(client: Client, facts: dict[str, Any]) -> None:
    """Check the numbers of each agent's months."""
    picker = csrs(client.get("/csr"))
    assert set(facts["agents"]) <= set(picker)
    assert len(facts["per_agent_per_month"]) == 24
    for fact in facts["per_agent_per_month"]:
        year, month = map(int, fact["month"].split("-"))
        last_day = f"{fact['month']}-{monthrange(year, month)[1]}"
        page = dashboard(client, f"{fact['month']}-01", last_day, picker[fact["agent"]])
        assert numbers(page) == {shown: fact[name] for shown, name in OF_A_MONTH.items()}, fact


def test_the_numbers_of_the_workbook_are_as_counted(
    app: Flask, pages: ImportPages, folder: Path, facts: dict[str, Any]
) -> None:
    done = pages.run(app, folder / AS_WORKBOOK, AS_WORKBOOK, create_users="y")

    check_all_calls(done, dashboard(pages.client, facts["first_date"], facts["last_date"]), facts)


def test_the_numbers_of_the_text_are_as_counted_and_neither_file_changes_anything_after_it(
    app: Flask, pages: ImportPages, folder: Path, facts: dict[str, Any]
) -> None:
    done = pages.run(app, folder / AS_TEXT, AS_TEXT, create_users="y")
    before = dashboard(pages.client, facts["first_date"], facts["last_date"])
    check_all_calls(done, before, facts)
    check_months_of_agents(pages.client, facts)

    for name in (AS_TEXT, AS_WORKBOOK):
        again = pages.run(app, folder / name, name, create_users="y")
        assert {count: int(value) for count, value in again.metrics.items() if value != "0"} == {
            "rows_total": facts["rows"],
            "rows_unchanged": facts["rows"],
        }
    after = dashboard(pages.client, facts["first_date"], facts["last_date"])
    assert after.metrics == before.metrics
    assert csrs(after) == csrs(before)
