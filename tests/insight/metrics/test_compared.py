"""Comparisons on the performance pages: between arbitrary periods, and between people."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from lxml.html import HtmlElement

from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.models import Role, User
from app.periods import compared_with, resolve_period
from tests.insight.metrics.company import RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.support.client import Client
from tests.support.pages import Page, text_of

#: Two weeks, and three weeks some time before; both contain a daylight saving change.
NOW, THEN = (date(2026, 3, 30), date(2026, 4, 12)), (date(2026, 3, 2), date(2026, 3, 22))
PERIOD = f"period=custom&from={NOW[0]}&to={NOW[1]}"
COMPARED = f"{PERIOD}&compare_from={THEN[0]}&compare_to={THEN[1]}"
#: Pages that compare people, and the parameter that names one.
PAGES = [("/exec/csr", "csr"), ("/exec/sales", "rep")]


def lines_of(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).html.removeprefix("\ufeff"), newline="")))


def beside(page: Page) -> list[list[HtmlElement]]:
    """Return the cells of each row in the comparison of people, without the row header."""
    return [row.findall("./td") for row in page.all(".//div[@id='beside-table']/table/tbody/tr")]


def people_of(company: RandomCompany, page: str) -> list[User]:
    return company.csrs[:2] if page == "/exec/csr" else company.reps[:2]


@pytest.mark.parametrize("whose", [None, "team"])
def test_what_a_number_was_then_is_what_it_is_of_those_days(
    random_company: RandomCompany, asking: Asking, whose: Any
) -> None:
    manager, at = random_company.staff[Role.MANAGER], datetime.now(UTC)
    zone = random_company.organization.timezone
    now, then = (
        resolve_period("custom", now=at, timezone=zone, first_day=first, last_day=last) for first, last in (NOW, THEN)
    )
    both = compared_with(now, *THEN, at)
    told = 0
    with asking(random_company, manager) as actor:
        asked = [
            [executive_csr(actor, period, csr=whose, now=at).team for period in (both, then)],
            [executive_sales(actor, period, rep=whose, now=at).team for period in (both, then)],
        ]
        for compared, alone in asked:
            pairs = [(compared.together, alone.together)]
            of_then = {one.id: one.numbers for one in alone.people}
            pairs += [(one.numbers, of_then[one.id]) for one in compared.people if one.id in of_then]
            for numbers, expected in pairs:
                known = {name: one.before for name, one in numbers.items() if one.before is not None}
                assert known == {name: expected[name].current for name in known}
                told += sum(bool(one.value) for one in known.values())
        missed, missed_then = (
            executive_missed_calls(actor, period, csr=whose, now=at).numbers for period in (both, then)
        )
    assert told > 40
    known = {name: one.before for name, one in missed.items() if one.before is not None}
    assert known == {name: missed_then[name].current for name in known}


@pytest.mark.parametrize(
    ("page", "show"), [("/exec/csr", "total_leads_spoken_to"), ("/exec/sales", "visits_completed")]
)
def test_who_moved_it_leads_to_the_rows_of_both(
    random_company: RandomCompany, client: Client, page: str, show: str
) -> None:
    client.sign_in(random_company.staff[Role.EXEC])

    shown = client.get(f"{page}?{COMPARED}&show={show}")

    links = shown.all(".//*[@data-metric='moved_before']")
    assert any(link.get("data-value") not in ("", "0") for link in links)
    for link in links:
        counted = client.get(link.get("href", "")).one(".//*[@data-count]").get("data-count")
        assert counted == link.get("data-value")
    assert "These periods have 14 and 21 days." in shown.text
    assert [text_of(one) for one in shown.all(".//ul[@class='legend']/li")] == ["This period", "Custom dates"]


def test_a_year_earlier_is_said_and_stays_in_the_links(random_company: RandomCompany, client: Client) -> None:
    page = client.sign_in(random_company.staff[Role.EXEC]).get(f"/exec/sales?{PERIOD}&compare=year")

    assert "Mar 30 – Apr 12, 2025" in page.text
    assert "compare=year" in page.links["Person"]
    assert "compare=year" in page.links["30 days"]


def test_other_days_stay_where_the_period_does(random_company: RandomCompany, client: Client) -> None:
    page = client.sign_in(random_company.staff[Role.EXEC]).get(f"/exec/sales?{COMPARED}")

    assert f"compare_from={THEN[0]}" in page.links["Person"]
    assert "compare" not in page.links["30 days"]
    field = page.one(".//input[@type='date'][@name='compare_from']")
    assert field.get("value") == THEN[0].isoformat()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("compare=custom", "needs a start date (compare_from) and an end date (compare_to)"),
        (f"compare_from={THEN[0]}&compare_to={NOW[0]}", "must end before the period starts on Mar 30, 2026"),
        ("compare_from=then&compare_to=now", "compare_from"),
        ("compare=decade", "compare"),
    ],
)
def test_days_that_cannot_be_compared_are_refused_in_words(
    company: RandomCompany, client: Client, given: str, words: str
) -> None:
    page = client.sign_in(company.staff[Role.EXEC]).get(f"/exec/sales?{PERIOD}&{given}", status=400)

    assert words in page.text


@pytest.mark.parametrize(("page", "whose"), PAGES)
def test_people_beside_each_other_have_the_numbers_of_their_pages_and_their_rows(
    random_company: RandomCompany, client: Client, page: str, whose: str
) -> None:
    people = people_of(random_company, page)
    client.sign_in(random_company.staff[Role.EXEC])
    chosen = "&".join(f"beside={one.id}" for one in people)

    shown = client.get(f"{page}?{COMPARED}&{chosen}")

    lines, in_order = beside(shown), sorted(people, key=lambda one: one.name)
    assert len(lines) > 7
    for place, person in enumerate((*in_order, None)):
        alone = client.get(f"{page}?{COMPARED}" + (f"&{whose}={person.id}" if person else "")).metrics
        for cells in lines[:-1]:
            link = cells[place].find("./a")
            name, value = link.get("data-metric"), link.get("data-value")
            assert value == alone[name.removesuffix("_of_person")], (person, name)
            if value.isdigit():
                counted = client.get(link.get("href")).one(".//*[@data-count]").get("data-count")
                assert counted == value, (person, name)
    [file] = {str(link.get("href")) for link in shown.all(".//section[@aria-labelledby='beside']//a[@download]")}
    told = lines_of(client, file)
    assert [line["Person"] for line in told] == [*(one.name for one in in_order), "Everyone"]
    heads = [text_of(one) for one in shown.all(".//div[@id='beside-table']/table/tbody/tr/th")][:-1]
    for place, line in enumerate(told):
        assert [line[head] for head in heads] == [cells[place].find("./a").get("data-value") for cells in lines[:-1]]
    then = client.get(f"{page}?period=custom&from={THEN[0]}&to={THEN[1]}&{chosen}")
    for place, line in enumerate(told):
        for head, cells in zip(heads, beside(then)[:-1], strict=True):
            if line[f"{head}: comparison"]:  # what is of now was not before
                assert line[f"{head}: comparison"] == cells[place].find("./a").get("data-value"), head
    ticked = {one.get("value") for one in shown.all(".//input[@name='beside'][@checked]")}
    assert ticked == {str(one.id) for one in people}
    assert "beside" not in shown.links["Exit comparison"]


def test_the_form_asks_for_those_who_are_ticked(company: RandomCompany, client: Client) -> None:
    page = client.sign_in(company.staff[Role.EXEC]).get(f"/exec/sales?{COMPARED}&show=win_rate")

    kept = {one.get("name"): one.get("value") for one in page.all(".//form[@id='set-beside']/input")}

    assert kept == {
        "period": "custom",
        "from": NOW[0].isoformat(),
        "to": NOW[1].isoformat(),
        "compare": "custom",
        "compare_from": THEN[0].isoformat(),
        "compare_to": THEN[1].isoformat(),
        "show": "win_rate",
    }
    assert {one.get("value") for one in page.all(".//input[@name='beside']")} >= {
        str(one.id) for one in company.reps[:2]
    }
    assert beside(page) == []


def test_who_has_no_line_stands_beside_nobody(company: RandomCompany, client: Client) -> None:
    client.sign_in(company.staff[Role.EXEC])

    client.get(f"/exec/sales?{PERIOD}&beside={uuid4()}", status=404)
    client.get(f"/exec/csr?{PERIOD}&beside={company.staff[Role.SUPPORT].id}", status=404)


def test_who_narrows_to_their_team_sets_nobody_else_beside(company: RandomCompany, client: Client) -> None:
    client.sign_in(company.staff[Role.MANAGER])
    stranger, member = (next(one for one in company.csrs if (one in company.team) is is_in) for is_in in (False, True))

    client.get(f"/exec/csr?{PERIOD}&csr=team&beside={stranger.id}", status=404)
    assert len(beside(client.get(f"/exec/csr?{PERIOD}&csr=team&beside={member.id}"))) > 7


@pytest.mark.parametrize("given", ["&".join(f"beside={uuid4()}" for _one in range(5)), "beside=everybody"])
def test_more_than_fit_and_what_is_nobody_are_refused(company: RandomCompany, client: Client, given: str) -> None:
    page = client.sign_in(company.staff[Role.EXEC]).get(f"/exec/sales?{PERIOD}&{given}", status=400)

    assert "Compare up to 4 people." in page.text or "beside" in page.text


def test_a_comparison_asks_no_more_of_the_database(
    company: RandomCompany, client: Client, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    client.sign_in(company.staff[Role.EXEC])
    counts = []
    for more in ("", "&" + "&".join(f"beside={one.id}" for one in company.reps[:2])):
        client.get(f"/exec/sales?{COMPARED}{more}")
        with queries() as sent:
            client.get(f"/exec/sales?{COMPARED}{more}")
        counts.append(len(sent))

    assert counts[0] == counts[1]
