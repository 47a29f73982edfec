"""Steps that can't be compared with the others: hollow in the charts, and named in legend, tooltip and table."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from app.models import Organization, Role
from app.web.formatting import short_date
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

ZONE = ZoneInfo("America/New_York")
ENGLISH = Locale("en")
#: The pages with a chart of days, and the section that contains it.
CHARTS = [("/csr", "volume"), ("/csr?csr=none", "volume"), ("/exec/csr?show=total_leads_spoken_to", "trend")]


@pytest.fixture
def company(make: Factories) -> Organization:
    return make.organization(timezone=ZONE.key)


@pytest.fixture
def as_exec(client: Client, make: Factories, company: Organization) -> Client:
    return client.sign_in(make.user(company, role=Role.EXEC))


def legend_of(page: Page, section: str) -> list[str]:
    return [text_of(item) for item in page.all(f".//section[@aria-labelledby='{section}']//ul[@class='legend']/li")]


def table_of(page: Page, section: str) -> list[list[str]]:
    """Return the cells of the chart's table, row by row."""
    rows = page.all(f".//section[@aria-labelledby='{section}']//figure//tbody/tr")
    return [[text_of(cell) for cell in row] for row in rows]


def written(day: date) -> str:
    return short_date(day, ENGLISH, day)


@pytest.mark.parametrize(("address", "section"), CHARTS)
def test_today_is_hollow_and_named(
    as_exec: Client, make: Factories, company: Organization, address: str, section: str
) -> None:
    now = datetime.now(UTC)
    for back in (0, 1, 8):
        make.call(company, started_at=now - timedelta(days=back), call_type="csr_call", status="completed")

    page = as_exec.get(f"{address}{'&' if '?' in address else '?'}period=last_7")

    name = f"{written(now.astimezone(ZONE).date())}, so far"
    assert name in legend_of(page, section)
    assert table_of(page, section)[-1][0] == name
    tooltips = page.all(f".//section[@aria-labelledby='{section}']//*[@class='hollow-1']/title")
    assert {text_of(tooltip) for tooltip in tooltips} == {name}


@pytest.mark.parametrize(("address", "section"), [CHARTS[0], CHARTS[2]])
def test_the_day_on_which_the_comparison_ends_early_is_named(
    as_exec: Client, make: Factories, company: Organization, address: str, section: str
) -> None:
    before = datetime.now(UTC)
    make.call(company, started_at=before, call_type="csr_call", status="completed")

    page = as_exec.get(f"{address}{'&' if '?' in address else '?'}period=last_7")

    day = written(before.astimezone(ZONE).date() - timedelta(days=7))
    name = f"{day}, up to the same time of day"
    assert name in legend_of(page, section)
    assert table_of(page, section)[-1][-1].endswith(name)


def test_a_week_of_fewer_days_is_named_with_their_number(as_exec: Client) -> None:
    page = as_exec.get(
        "/exec/csr?show=total_leads_spoken_to&from=2026-03-01&to=2026-04-07&compare_from=2026-01-01&compare_to=2026-02-06"
    )

    assert [row[0] for row in table_of(page, "trend")][-1] == "Apr 5 – 7, 3 days"
    assert table_of(page, "trend")[-1][-1] == "0 Feb 5 – 6, 2 days"


def test_a_comparison_without_a_value_is_left_out(as_exec: Client) -> None:
    page = as_exec.get("/exec/csr?show=booking_rate&from=2026-03-01&to=2026-03-02")

    assert legend_of(page, "trend") == []
    assert table_of(page, "trend") == [["Mar 1", "–"], ["Mar 2", "–"]]


def test_a_longer_comparison_keeps_its_days_in_the_table(
    as_exec: Client, make: Factories, company: Organization
) -> None:
    for day in (date(2026, 1, 5), date(2026, 1, 12), date(2026, 3, 2)):
        make.call(company, started_at=datetime(day.year, day.month, day.day, 12, tzinfo=ZONE))
    days = "from=2026-03-01&to=2026-03-03&compare_from=2026-01-05&compare_to=2026-01-12"

    rows = table_of(as_exec.get(f"/csr?{days}"), "volume")

    assert rows == [
        ["Mar 1", "0", "1"],
        ["Mar 2", "1", "0"],
        ["Mar 3", "0", "0"],
        *(["Jan " + str(day), "", "0"] for day in range(8, 12)),
        ["Jan 12", "", "1"],
    ]


def test_amounts_add_up_to_the_tile_and_have_cents_as_it_has(
    as_exec: Client, make: Factories, company: Organization
) -> None:
    for day, amount in ((2, "14000.40"), (3, "974.40"), (5, "1.40")):
        moment = datetime(2026, 3, day, 12, tzinfo=ZONE)
        make.appointment(
            company,
            status="completed",
            outcome="closed_won",
            deal_value=Decimal(amount),
            scheduled_start_at=moment,
            scheduled_end_at=moment + timedelta(hours=1),
            completed_at=moment,
            outcome_at=moment,
        )

    page = as_exec.get("/exec/sales?from=2026-03-01&to=2026-03-05&show=revenue_won&compare=none")

    assert "$14,976" in {text_of(tile) for tile in page.all(".//a[@data-metric='revenue_won']")}
    assert [row[1] for row in table_of(page, "trend")] == ["$0", "$14,001", "$974", "$0", "$1"]
