"""The performance pages: access, agreement with the metrics, and the downloaded files."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.models import Role
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
PAGES = ("/exec/csr", "/exec/sales", "/exec/missed-calls")


def lines_of(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).html.removeprefix("\ufeff"), newline="")))


def names(page: Page) -> list[str]:
    return [text_of(link) for link in page.all(".//div[@id='team-table']/table/tbody/tr/th//a")]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_see_the_company_see_its_pages(
    client: Client, company: RandomCompany, role: Role, page: str
) -> None:
    may = role in (Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER)
    client.sign_in({**company.staff, Role.CSR: company.csrs[0], Role.SALES_REP: company.reps[0]}[role])

    for address in (page, f"{page}.csv"):
        client.get(address, status=200 if may else 403)


@pytest.mark.parametrize("whose", ["", "team", "none"])
def test_what_is_shown_is_what_the_numbers_are(
    company: RandomCompany, client: Client, asking: Asking, whose: str
) -> None:
    manager, now = company.staff[Role.MANAGER], datetime.now(UTC)
    client.sign_in(manager)
    with asking(company, manager) as actor:
        person: Any = whose or None
        expected = (
            executive_csr(actor, company.period, csr=person, now=now).team.together,
            executive_sales(actor, company.period, rep=person, now=now).team.together,
            executive_missed_calls(actor, company.period, csr=person, now=now).numbers,
        )

    for page, numbers in zip(PAGES, expected, strict=True):
        who = {"/exec/sales": "rep"}.get(page, "csr")
        shown = client.get(f"{page}?{PERIOD}" + (f"&{who}={whose}" if whose else "")).metrics
        both = shown.keys() & numbers.keys()
        assert len(both) >= 8, page
        for name in both:
            value = numbers[name].value
            assert shown[name] == ("" if value is None else raw(value)), name


def raw(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4f}"


def test_booked_hours_stand_beside_working_hours(random_company: RandomCompany, client: Client, behind: Behind) -> None:
    """Booked hours are shown as a share of the working hours, including weekend shifts and clock changes.

    The six weeks contain clock changes on Sundays, on which one rep works.
    """
    weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday")
    behind.change(random_company.organization, business_hours={day: [["09:00", "17:00"]] for day in weekdays})
    first, *others = random_company.reps
    for rep in random_company.reps:
        behind.change(rep, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    behind.change(first, working_hours={"saturday": [["10:00", "12:30"]], "sunday": [["00:00", "06:00"]]})
    client.sign_in(random_company.staff[Role.EXEC])
    sundays = {"America/New_York": 6 * 6 - 1, "Australia/Lord_Howe": 6 * 6 + 0.5}[random_company.organization.timezone]
    own = 6 * 2.5 + sundays

    unassigned = float(client.get(f"/exec/sales?{PERIOD}&rep=none").metrics["hours_booked"])
    for whose, working, omitted in (("", own + len(others) * 6 * 5 * 8, unassigned), (f"&rep={first.id}", own, 0)):
        shown = client.get(f"/exec/sales?{PERIOD}{whose}").metrics
        booked = float(shown["hours_booked"]) - omitted
        assert float(shown["hours_booked_share"]) == pytest.approx(booked / working, abs=5e-5)


def test_without_any_hours_nothing_stands_beside_booked_ones(company: RandomCompany, client: Client) -> None:
    shown = client.sign_in(company.staff[Role.EXEC]).get(f"/exec/sales?{PERIOD}").metrics

    assert "hours_booked" in shown
    assert "hours_booked_share" not in shown


@pytest.mark.parametrize(("page", "person"), [("/exec/csr", "Maya"), ("/exec/sales", "Ann")])
def test_the_file_tells_of_everybody_what_the_table_does(
    random_company: RandomCompany, client: Client, page: str, person: str
) -> None:
    client.sign_in(random_company.staff[Role.EXEC])
    table = client.get(f"{page}?{PERIOD}")

    lines = lines_of(client, f"{page}.csv?{PERIOD}")

    assert sorted(line["Person"] for line in lines[:-1]) == sorted(names(table))
    assert lines[-1]["Person"] == "Everyone"
    [row] = [row for row in table.all(".//div[@id='team-table']/table/tbody/tr") if person in text_of(row)]
    told = [link.get("data-value") for link in row.iter("a") if link.get("data-metric")]
    [line] = [line for line in lines if line["Person"] == person]
    assert told == [value for name, value in line.items() if name != "Person"]


def test_a_head_sorts_and_the_number_over_time_stays(random_company: RandomCompany, client: Client) -> None:
    page = client.sign_in(random_company.staff[Role.EXEC]).get(f"/exec/sales?{PERIOD}&show=win_rate")

    by_name = client.get(page.links["Person"])

    *people, nobody = names(by_name)
    assert (people, nobody) == (sorted(people), "No sales rep")
    assert "show=win_rate" in page.links["Person"]
    assert by_name.one(".//section[@aria-labelledby='trend']//*[@aria-current]").text == "Win rate"


@pytest.mark.parametrize(("page", "show"), [("sales", "visits_completed"), ("csr", "appointments_booked")])
def test_the_points_over_time_lead_to_the_rows_of_their_days_and_add_up(
    random_company: RandomCompany, client: Client, page: str, show: str
) -> None:
    shown = client.sign_in(random_company.staff[Role.EXEC]).get(f"/exec/{page}?{PERIOD}&show={show}")

    rows = shown.all(".//section[@aria-labelledby='trend']//table/tbody/tr")
    counts = [int(text_of(row.findall("./td")[0])) for row in rows]

    assert str(sum(counts)) == shown.metrics[show]
    assert len(rows) == 6
    for row, count in zip(rows, counts, strict=True):
        link = row.find("./th/a")
        assert link is not None
        listed = client.get(link.get("href", ""))
        assert listed.one(".//*[@data-count]").get("data-count") == str(count)


def test_coaching_names_the_greatest_opportunity_first_and_leads_to_all(
    random_company: RandomCompany, client: Client
) -> None:
    page = client.sign_in(random_company.staff[Role.MANAGER]).get(f"/exec/csr?{PERIOD}")

    found = [text_of(link) for link in page.all(".//div[@id='coaching-table']//tbody/tr/th/a")]
    all_of_them = client.get(
        page.one(".//section[@aria-labelledby='coaching']/div[@class='panel-head']//a").get("href", "")
    )

    assert found
    assert found == names(all_of_them)[: len(found)]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_known_is_refused_in_words(client: Client, random_company: RandomCompany, page: str) -> None:
    client.sign_in(random_company.staff[Role.EXEC])

    for query in ("show=colour", "period=someday", "csr=x", "rep=x", "from=2026-13-01&to=2026-01-01"):
        assert "traceback" not in client.get(f"{page}?{query}", status=400).text.lower()


def test_what_is_planned_is_no_course_yet(client: Client, make: Factories) -> None:
    company = make.organization(timezone="America/New_York")
    now = datetime.now(UTC)
    make.appointment(
        company, scheduled_start_at=now + timedelta(days=3), scheduled_end_at=now + timedelta(days=3, hours=1)
    )
    first, last = (now + timedelta(days=days) for days in (-3, 5))

    page = client.sign_in(make.user(company, role=Role.EXEC)).get(
        f"/exec/sales?period=custom&from={first:%Y-%m-%d}&to={last:%Y-%m-%d}"
    )

    assert len(page.all(".//section[@aria-labelledby='trend']//table/tbody/tr")) in (3, 4)
