"""The pipeline of a real sales team, imported unmodified, and the resulting sales performance page."""

import csv
import json
from calendar import monthrange
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.models import Appointment, ContactCard, Lead, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.importing import Importer
from tests.support.pages import Page

pytestmark = pytest.mark.real_data

_FIRST, _LAST = date(2017, 3, 1), date(2017, 12, 31)


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "crm"


@pytest.fixture
def facts(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "FACTS.json").read_text())  # type: ignore[no-any-return]


def test_deals_come_in_and_the_page_of_sales_says_what_was_counted_elsewhere(
    importer: Importer, client: Client, make: Factories, organization: Organization, facts: dict[str, Any], folder: Path
) -> None:
    # Each file is imported twice: the second time changes nothing.
    assert importer.people(folder / "sales_teams.csv").counts == {"total": 35, "created": 35}
    assert importer.people(folder / "sales_teams.csv").counts == {"total": 35, "unchanged": 35}
    assert importer.contacts(folder / "accounts.csv").counts == {"total": 85, "created": 85}
    deals = importer.deals(folder / "sales_pipeline.csv")
    assert deals.counts == {"total": facts["rows"], "created": facts["rows"]}
    assert deals.outcome.users_created == ()
    again = importer.deals(folder / "sales_pipeline.csv")
    assert again.counts == {"total": facts["rows"], "unchanged": facts["rows"]}

    _check_records(importer, folder, facts)
    _check_page(importer, client.sign_in(make.user(organization, role=Role.EXEC)), folder, facts)


def _check_records(importer: Importer, folder: Path, facts: dict[str, Any]) -> None:
    """Check that deals became appointments and leads of the people and companies that they name."""
    leads, visits = importer.stored(Lead), importer.stored(Appointment)
    stages = Counter(lead.stage for lead in leads)
    count = facts["stage_counts"]
    assert stages == {
        "booked": count["Won"], "dead": count["Lost"], "qualified": count["Engaging"], "new": count["Prospecting"]
    }  # fmt: skip
    assert Counter(visit.outcome for visit in visits) == {"closed_won": count["Won"], "closed_lost": count["Lost"]}
    assert sum(lead.contact_card_id is None for lead in leads) == facts["blank_account"]
    assert len(importer.stored(ContactCard)) == 85

    with (folder / "sales_teams.csv").open() as file:
        teams = {row["sales_agent"]: row["manager"] for row in csv.DictReader(file)}
    people = {user.id: user for user in importer.stored(User) if user.status == "inactive"}
    names = {user.name for user in people.values()}
    assert names == {*teams, *teams.values()}
    assert {user.role for user in people.values()} == {"sales_rep"}
    led = {user.name: people[user.manager_id].name for user in people.values() if user.manager_id}
    assert led == teams
    assert {people[visit.sales_rep_id].name for visit in visits if visit.sales_rep_id} == {
        one["sales_agent"] for one in facts["per_agent"]
    }


def _check_page(importer: Importer, client: Client, folder: Path, facts: dict[str, Any]) -> None:
    """Check won, lost, win rate and won value: in total, by rep, and by month."""
    ids = {user.name: str(user.id) for user in importer.stored(User)}

    page = client.get(f"/exec/sales?period=custom&from={_FIRST}&to={_LAST}")
    assert _told(page.metrics) == (
        facts["stage_counts"]["Won"],
        facts["stage_counts"]["Lost"],
        facts["win_rate_overall_pct"],
        facts["won_value_total"],
    )
    for one in facts["per_agent"]:
        wanted = (one["won"], one["lost"], one["win_rate_pct"], one["won_value"])
        assert _told(_of_person(page, ids[one["sales_agent"]])) == wanted, one["sales_agent"]

    with (folder / "sales_pipeline.csv").open() as file:
        closed = [row for row in csv.DictReader(file) if row["close_date"]]
    for month in range(_FIRST.month, _LAST.month + 1):
        last = monthrange(2017, month)[1]
        told = client.get(f"/exec/sales?period=custom&from=2017-{month:02}-01&to=2017-{month:02}-{last}")
        rows = [row for row in closed if row["close_date"].endswith(f"-{month:02}-2017")]
        won = [row for row in rows if row["deal_stage"] == "Won"]
        value = sum(int(row["close_value"]) for row in won)
        rate = round(len(won) / len(rows) * 100, 4)
        assert _told(told.metrics) == (len(won), len(rows) - len(won), pytest.approx(rate, abs=0.01), value), month


def _told(metrics: dict[str, str]) -> tuple[int, int, Any, int]:
    """Return won, lost, win rate in percent, and value."""
    rate = pytest.approx(float(Decimal(metrics["win_rate"]) * 100), abs=0.01)
    return int(metrics["visits_won"]), int(metrics["visits_lost"]), rate, int(Decimal(metrics["revenue_won"]))


def _of_person(page: Page, person: str) -> dict[str, str]:
    found = page.all(f".//div[@id='team-table']/table/tbody//a[@data-person='{person}']")
    return {link.get("data-metric", "").removesuffix("_of_person"): link.get("data-value", "") for link in found}
