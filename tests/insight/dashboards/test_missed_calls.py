"""The funnel from missed to booked: each number equals that of the list behind it, and of the file."""

import csv
import io
from datetime import UTC, datetime

import pytest

from app.models import AttemptResult, Organization, Role
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.work.calls.reading import shown

PERIOD = "period=custom&from=2026-11-02&to=2026-11-15"
PAGE = f"/missed-calls/funnel?{PERIOD}"

#: Time (UTC), number of attempts, whether reached, result: Mondays at 14 and 15 in New York, a Sunday at 20.
ENTRIES = (
    (datetime(2026, 11, 2, 19, 10, tzinfo=UTC), 0, False, "lost"),
    (datetime(2026, 11, 9, 19, 50, tzinfo=UTC), 2, True, "rescued"),
    (datetime(2026, 11, 9, 20, 5, tzinfo=UTC), 1, False, "open"),
    (datetime(2026, 11, 16, 1, 0, tzinfo=UTC), 1, True, "open"),
    (datetime(2026, 11, 16, 19, 0, tzinfo=UTC), 1, True, "open"),
)


@pytest.fixture
def company(make: Factories) -> Organization:
    """A company with callers missed within the period and one after it, next to another company with one."""
    company = make.organization(timezone="America/New_York")
    for missed, attempts, is_reached, status in ENTRIES:
        ended = {"resolved_at": missed} if status != "open" else {}
        credit = {"rescued_by": "human"} if status == "rescued" else {}
        call = make.call(company, status="missed", started_at=missed)
        entry = make.missed_entry(
            company, call=call, first_missed_at=missed, attempts=attempts, status=status, **ended, **credit
        )
        for number in range(attempts):
            result = AttemptResult.REACHED if is_reached and number == 0 else AttemptResult.NO_ANSWER
            make.attempt(entry, at=missed, result=result)
    stranger = make.organization(timezone="America/New_York")
    make.missed_entry(stranger, call=make.call(stranger, status="missed", started_at=ENTRIES[0][0]))
    return company


def figures(page: Page) -> dict[str, list[tuple[int, str]]]:
    """Return the numbers of the page with their addresses, by metric."""
    found: dict[str, list[tuple[int, str]]] = {}
    for link in page.all(".//main//a[@data-metric]"):
        found.setdefault(link.get("data-metric") or "", []).append(
            (int(link.get("data-value") or ""), link.get("href") or "")
        )
    return found


def test_the_steps_are_counted_in_the_zone_of_the_organization(
    client: Client, make: Factories, company: Organization
) -> None:
    found = figures(client.sign_in(make.user(company, role=Role.MANAGER)).get(PAGE))

    assert [
        found[name][0][0]
        for name in ("missed_entries_total", "missed_calls_attempted", "missed_calls_reached", "missed_calls_booked")
    ] == [4, 3, 2, 1]
    assert [count for count, _href in found["missed_entries_total_by_hour"]] == [2, 1, 1]
    assert [count for count, _href in found["missed_entries_total_by_weekday"]] == [3, 1]
    assert [count for count, _href in found["missed_entries_total_by_hour_and_weekday"]] == [2, 1, 1]


@pytest.mark.parametrize("show", ["missed", "attempted", "reached", "booked"])
def test_every_number_is_a_link_to_as_many_rows(
    client: Client, make: Factories, company: Organization, show: str
) -> None:
    page = client.sign_in(make.user(company)).get(f"{PAGE}&show={show}")

    links = {href: count for found in figures(page).values() for count, href in found}
    assert len(links) > 20
    for href, count in links.items():
        listed = client.get(href)
        assert listed.one(".//*[@data-count]").get("data-count") == str(count), href
        assert len(listed.all(".//tbody[@data-entry]")) == count, href


def test_the_file_has_the_map_and_a_list_behind_it_the_same_rows(
    client: Client, make: Factories, company: Organization
) -> None:
    page = client.sign_in(make.user(company, role=Role.MANAGER)).get(PAGE)
    [file] = [link.get("href") for link in page.all(".//main//a[@download]")]
    lines = list(csv.reader(io.StringIO(client.get(file or "").html.removeprefix("\ufeff"))))

    assert lines[0] == ["Day of week", "Hour", "Missed callers", "Attempted", "Reached", "Booked"]
    assert [[int(cell) for cell in line[2:]] for line in lines[1:]] == [[2, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 0]]
    [(count, href)] = figures(page)["missed_calls_reached"]
    rows = list(csv.reader(io.StringIO(client.get(href.replace("/missed-calls?", "/missed-calls.csv?")).html)))
    assert len(rows) - 1 == count


def test_the_average_wait_before_hanging_up_opens_the_calls_behind_it(
    client: Client, make: Factories, company: Organization
) -> None:
    started = ENTRIES[0][0]
    for waited in (40, 61):
        make.call(company, status="missed", started_at=started, waited_seconds=waited)
    make.call(company, status="voicemail", started_at=started, waited_seconds=200)
    make.call(company, status="missed", direction="outbound", started_at=started, waited_seconds=200)
    make.call(company, status="missed", started_at=ENTRIES[-1][0], waited_seconds=200)

    page = client.sign_in(make.user(company, role=Role.MANAGER)).get(f"/exec/missed-calls?{PERIOD}")

    assert page.metrics["abandoned_wait"] == "50.5000"
    [href] = {address for one in page.all(".//a") if "hung_up" in (address := one.get("href") or "")}
    calls = client.get(href)
    assert len(shown(calls)) == 2
    assert "Hang-up time known Yes" in calls.text


@pytest.mark.parametrize("page", ["/missed-calls/funnel", "/exec/missed-calls"])
def test_words_in_the_file_have_the_space_that_programs_know(
    client: Client, make: Factories, company: Organization, page: str
) -> None:
    file = client.sign_in(make.user(company, role=Role.MANAGER)).get(f"{page}.csv?{PERIOD}").html

    words = [line[:2] for line in csv.reader(io.StringIO(file))][1:]
    assert words == [["Monday", "2:00 PM"], ["Monday", "3:00 PM"], ["Sunday", "8:00 PM"]]


def test_an_hour_is_written_as_other_times_are(client: Client, make: Factories, company: Organization) -> None:
    page = client.sign_in(make.user(company, role=Role.MANAGER)).get(PAGE)

    assert "2:00\N{NO-BREAK SPACE}PM" in page.html
    assert "\N{NARROW NO-BREAK SPACE}" not in page.html


def test_nobody_missed_is_said(client: Client, make: Factories, company: Organization) -> None:
    page = client.sign_in(make.user(company)).get("/missed-calls/funnel?period=custom&from=2026-01-01&to=2026-01-02")

    assert "No missed callers in this period" in page.text


@pytest.mark.parametrize(("role", "status"), [(Role.SALES_REP, 403), (Role.SUPPORT, 403), (Role.EXEC, 200)])
def test_who_may_see_it(client: Client, make: Factories, company: Organization, role: Role, status: int) -> None:
    client.sign_in(make.user(company, role=role))

    client.get(PAGE, status=status)
    client.get(f"/missed-calls/funnel.csv?{PERIOD}", status=status)
