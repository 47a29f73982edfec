"""Agreement of each number on a dashboard with its list, all pages of the list, and its file.

The company has decoys: another organization, rows in the trash, other people's rows, rows at the edges of the period,
and daylight saving changes.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.missed_queries import CALLER_METRICS, missed_call_numbers
from app.models import Role, User
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.support.client import Client
from tests.support.pages import Page, text_of

PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
#: Roles on whose pages counts link to their rows.
WHO_WORKS = (Role.CSR, Role.MANAGER)


def viewer(company: RandomCompany, role: Role) -> User:
    return company.csrs[0] if role is Role.CSR else company.staff[role]


def counted_links(page: Page) -> Iterator[tuple[str, int, str]]:
    """Yield the name, value and address of every count that is in a link or on a tile with a link."""
    for link in page.all(".//a"):
        for number in link.iter():
            if number.get("data-value", "").isdigit():
                yield number.get("data-metric", ""), int(number.get("data-value", "")), link.get("href", "")
    for tile in page.all(".//div[@class='stat']"):
        way, [number] = tile.find(".//a"), tile.findall("./span[@data-metric]")
        if way is not None and number.get("data-value", "").isdigit():
            yield number.get("data-metric", ""), int(number.get("data-value", "")), way.get("href", "")


def rows_on_all_pages(client: Client, page: Page) -> list[str]:
    """Return the IDs of the rows on `page` and all pages of the list after it."""
    found: list[str] = []
    while True:
        rows = [row for row in page.all(".//main//tbody/tr") if row.get("class") != "group"]
        found += [row.get("id") or text_of(row) for row in rows]
        older = next((one.get("href", "") for one in page.all(".//a[@rel='next']")), None)
        if older is None:
            return found
        page = client.get(older)


def rows_in_file(client: Client, address: str) -> list[dict[str, str]]:
    parts = urlsplit(address)
    file = client.get(f"{parts.path}.csv?{parts.query}")
    return list(csv.DictReader(io.StringIO(file.html.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize(
    ("role", "dashboard"),
    [
        (Role.CSR, "/csr?"),
        (Role.MANAGER, "/csr?"),
        (Role.EXEC, "/csr?"),
        (Role.MANAGER, "/exec/csr?csr=team&"),
        (Role.EXEC, "/exec/csr?"),
        (Role.MANAGER, "/exec/sales?rep=team&"),
        (Role.EXEC, "/exec/sales?"),
        (Role.MANAGER, "/exec/missed-calls?csr=team&"),
        (Role.EXEC, "/exec/missed-calls?"),
    ],
)
def test_every_number_of_a_dashboard_is_its_list_its_pages_and_its_file(
    company: RandomCompany, client: Client, role: Role, dashboard: str
) -> None:
    page = client.sign_in(viewer(company, role)).get(f"{dashboard}{PERIOD}")
    counted = {(name, urlsplit(address).path): (count, address) for name, count, address in counted_links(page)}

    for count, address in dict.fromkeys(counted.values()):  # some numbers count the same rows
        listed = client.get(address)
        assert listed.one(".//*[@data-count]").get("data-count") == str(count), address
        assert len(rows_on_all_pages(client, listed)) == count, address
        assert len(rows_in_file(client, address)) == count, address
    assert len(counted) > 8
    is_narrow = role is Role.CSR or "team" in dashboard
    assert any(count > 50 for count, _address in counted.values()) or is_narrow, "more than one page"


@pytest.mark.parametrize("role", [Role.CSR, Role.MANAGER, Role.EXEC])
def test_what_the_dashboard_shows_is_what_the_numbers_are(
    company: RandomCompany, client: Client, asking: Asking, role: Role
) -> None:
    user, now = viewer(company, role), datetime.now(UTC)
    shown = client.sign_in(user).get(f"/csr?{PERIOD}").metrics
    with asking(company, user) as actor:
        numbers = missed_call_numbers(actor, company.period, csr=None, now=now, only=CALLER_METRICS)
        numbers |= csr_numbers(actor, company.period, csr=None, now=now)

    both = shown.keys() & numbers.keys()
    assert len(both) > 12
    for name in both:
        value = numbers[name].value
        assert float(shown[name] or "nan") == pytest.approx(float("nan") if value is None else value, nan_ok=True), name


@pytest.mark.parametrize("role", WHO_WORKS)
def test_every_tab_of_the_queue_and_of_tasks_counts_its_rows(
    company: RandomCompany, client: Client, role: Role
) -> None:
    client.sign_in(viewer(company, role))

    tabs = [link for path in ("/missed-calls", "/tasks") for link in client.get(path).all(".//nav[@class='tabs']/a")]

    counted = [(link.get("href", ""), count.text) for link in tabs for count in link.findall("./span[@class='sub']")]
    assert counted
    for address, count in counted:
        assert client.get(f"{address}&count=exact").one(".//*[@data-count]").get("data-count") == count, address
        assert str(len(rows_in_file(client, address))) == count, address


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.MANAGER])
def test_every_column_of_the_board_counts_the_leads_of_its_list(
    company: RandomCompany, client: Client, role: Role
) -> None:
    client.sign_in(company.reps[0] if role is Role.SALES_REP else viewer(company, role))

    columns = client.get("/leads/board").all(".//section[@class='board-stage']")

    assert len(columns) > 3
    for column in columns:
        stage, (count, *_cards) = column.get("data-stage"), column.findall(".//*[@data-count]")
        more = column.find(".//a[@class='board-more']")
        if more is not None:
            listed = client.get(f"{more.get('href', '')}&count=exact").one(".//*[@data-count]")
            assert listed.get("data-count") == count.get("data-count"), stage
        else:
            assert len(column.findall(".//ol/li")) == int(count.get("data-count", "")), stage
