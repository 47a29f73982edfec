"""Display of dashboards: rounding, time zones, periods, the parts of a ratio, and the person shown."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from flask import Flask

from app.db.filters import NAMES_PERSON
from app.declarations.registry import registry
from app.insight.dashboards.csr_people_page import CSR_COLUMNS
from app.insight.dashboards.tiles_page import Links, tile
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.metric import Unit
from app.insight.metrics.numbers import Measured, Number, ratio
from app.insight.metrics.rep_definitions import PROCESS_GRADE
from app.models import Organization, Role
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

MARCH = "period=custom&from=2026-03-01&to=2026-03-31"


@pytest.fixture
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.fixture
def company(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def as_manager(client: Client, make: Factories, company: Organization) -> Client:
    return client.sign_in(make.user(company, role=Role.MANAGER))


class TestRounding:
    """Rounding in a single step, half away from zero."""

    @pytest.mark.parametrize(
        ("numerator", "denominator", "shown"),
        # 0.12345 rounded in two steps would be 0.1235, then 12.4%; 1 of 16 is 6.25%.
        [(2469, 20_000, "12.3%"), (1, 16, "6.3%"), (2, 3, "66.7%")],
    )
    @pytest.mark.usefixtures("_request")
    def test_a_rate_is_rounded_once(self, numerator: int, denominator: int, shown: str) -> None:
        number = Number(d.MISS_RATE, ratio(numerator, denominator), None)

        assert tile(number, Links.of({}), of_person=False).value == shown

    @pytest.mark.usefixtures("_request")
    def test_a_difference_is_that_of_the_rates_before_any_rounding(self) -> None:
        # The rates differ by 3.493 points, shown as 3.5; rounded first, 12.3% and 8.9% would differ by 3.4.
        number = Number(d.MISS_RATE, ratio(12_344, 100_000), ratio(8_851, 100_000))
        change = tile(number, Links.of({}), of_person=False).change

        assert number.change == Decimal("0.03493")
        assert change is not None
        assert change[0] == "+3.5 pts"

    def test_a_point_over_time_is_rounded_once(
        self, as_manager: Client, make: Factories, company: Organization
    ) -> None:
        # 6 of 11 is 0.54545…; rounded in two steps it would be 0.5455, then 54.6%.
        a_month_before = DAY - timedelta(days=31)
        for day in (DAY, a_month_before):
            for number in range(11):
                make.call(company, status="completed" if number < 6 else "missed", started_at=day)

        page = as_manager.get(f"/exec/csr?{MARCH}&show=answer_rate")

        rows = page.all(".//section[@aria-labelledby='trend']//details[@class='chart-data']//tbody/tr")
        assert len(rows) == 31
        assert [text_of(cell) for cell in rows[17].findall("./td")] == ["54.5%", "54.5%"]
        assert "54.5%" in [text_of(word) for word in page.all(".//section[@aria-labelledby='trend']//svg/g/text")]

    @pytest.mark.usefixtures("_request")
    def test_an_opportunity_is_rounded_for_programs_as_for_people(self) -> None:
        # Half of 1 of 64 is 0.78125 percent; rounded half to even it would be 0.7812.
        numbers = {
            metric.name: Number(metric, measured, None)
            for metric, measured in (
                (d.CSR_CALLS_TOTAL, Measured(64)),
                (d.MISS_RATE, ratio(1, 64)),
                (d.SOP_COMPLIANCE, Measured(Decimal(100))),
            )
        }

        assert CSR_COLUMNS.coaching(numbers)[1] == "0.7813"

    def test_a_program_gets_four_decimals(self) -> None:
        assert ratio(2469, 20_000).value == 0.1235
        assert Measured(12).value == 12

    @pytest.mark.usefixtures("_request")
    def test_a_grade_is_that_of_the_score_itself(self) -> None:
        number = Number(PROCESS_GRADE, Measured(Decimal("89.99999"), denominator=7), None)

        assert tile(number, Links.of({}), of_person=True).value == "B"


class TestZone:
    @pytest.mark.parametrize("address", ["/csr", "/calls", "/leads", "/appointments", "/missed-calls", "/recordings"])
    @pytest.mark.parametrize(
        ("days", "zone"),
        [
            ("from=2026-07-01&to=2026-07-31", "Times in EDT (UTC−4)"),
            ("from=2026-01-01&to=2026-01-31", "Times in EST (UTC−5)"),
            ("from=2026-03-01&to=2026-03-31", "Times in EST (UTC−5) / EDT (UTC−4)"),
            ("from=2026-03-01&to=2026-03-07", "Times in EST (UTC−5)"),
            ("from=2026-03-08&to=2026-03-08", "Times in EST (UTC−5) / EDT (UTC−4)"),
        ],
    )
    def test_the_note_is_that_of_the_period(self, as_manager: Client, address: str, days: str, zone: str) -> None:
        assert _zone_of(as_manager.get(f"{address}?period=custom&{days}")) == zone

    def test_a_list_of_all_time_names_both_sides_of_the_change(self, as_manager: Client) -> None:
        assert set(_zone_of(as_manager.get("/calls")).removeprefix("Times in ").split(" / ")) == {
            "EST (UTC−5)",
            "EDT (UTC−4)",
        }

    def test_a_list_that_is_swapped_brings_its_note_along(self, as_manager: Client) -> None:
        swapped = as_manager.get("/calls?period=custom&from=2026-07-01&to=2026-07-31", headers={"HX-Request": "true"})

        assert not swapped.is_whole
        (note,) = swapped.all(".//span[@id='zone-note']")
        assert (note.get("hx-swap-oob"), text_of(note)) == ("true", "Times in EDT (UTC−4)")


class TestPeriod:
    @pytest.mark.parametrize("days", ["from=2026-03-01&to=2026-03-31", MARCH])
    def test_days_are_a_period_on_the_dashboard_as_in_a_list(
        self, as_manager: Client, make: Factories, company: Organization, days: str
    ) -> None:
        make.call(company, started_at=DAY)
        make.call(company, started_at=datetime.now(UTC))

        assert as_manager.get(f"/csr?{days}").metrics["calls"] == "1"
        assert _count(as_manager.get(f"/calls?{days}")) == "1"

    @pytest.mark.parametrize("address", ["/csr", "/calls", "/calls.csv", "/leads", "/audit"])
    def test_two_periods_at_once_are_refused_and_said(
        self, client: Client, make: Factories, company: Organization, address: str
    ) -> None:
        client.sign_in(make.user(company, role=Role.ADMIN))

        page = client.get(f"{address}?period=last_7&from=2026-03-01&to=2026-03-31", status=400)

        assert "You asked for two periods: “7 days” and custom dates (from, to)." in page.text

    @pytest.mark.parametrize("address", ["/csr", "/calls", "/leads", "/missed-calls"])
    @pytest.mark.parametrize(
        ("days", "said"),
        [
            ("from=2026-03-01", "needs a start date (from) and an end date (to)"),
            ("from=2026-03-02&to=2026-03-01", "The last day, Mar 1, 2026, is before the first one, Mar 2, 2026."),
            ("from=1989-03-01&to=1990-03-01", "Choose a period between Jan 1, 1990 and Dec 31, 2199."),
            ("from=2000-01-01&to=2020-01-01", "up to 3,660 days (ten years). This one has 7,306 days."),
        ],
    )
    def test_the_limits_are_told_where_they_are_passed(
        self, as_manager: Client, address: str, days: str, said: str
    ) -> None:
        assert said in as_manager.get(f"{address}?{days}", status=400).text

    @pytest.mark.parametrize("address", ["/csr", "/calls"])
    def test_the_limits_stand_beside_the_days(self, as_manager: Client, address: str) -> None:
        page = as_manager.get(address)

        for name in ("from", "to"):
            field = page.one(f".//input[@name='{name}']")
            assert (field.get("min"), field.get("max")) == ("1990-01-01", "2199-12-31")
            assert field.get("aria-describedby") == "period-limits"
        assert "Up to 3,660 days, on or after Jan 1, 1990" in text_of(page.one(".//p[@id='period-limits']"))

    def test_the_dashboard_says_since_when_there_are_calls(
        self, as_manager: Client, make: Factories, company: Organization
    ) -> None:
        make.call(company, started_at=datetime(2019, 5, 3, 15, tzinfo=UTC))
        make.call(make.organization(), started_at=datetime(2018, 5, 3, 15, tzinfo=UTC))

        assert "Your first call was on May 3, 2019" in as_manager.get("/csr").text

    def test_half_a_day_is_not_compared_with_a_whole_one(
        self, as_manager: Client, make: Factories, company: Organization
    ) -> None:
        now = datetime.now(UTC)
        make.call(company, started_at=now - timedelta(days=7, minutes=1))
        make.call(company, started_at=now - timedelta(days=7) + timedelta(seconds=30))  # later in the day than now

        page = as_manager.get("/csr?period=last_7&csr=none")

        (calls,) = [one for one in page.all(".//dl[@class='kv kv--row']/div") if "Calls" in text_of(one)[:5]]
        assert calls is not None
        assert "up to the same time of day" in text_of(page.one(".//p[@class='lede']"))

    def test_a_period_that_is_over_is_compared_with_whole_days(self, as_manager: Client) -> None:
        assert "up to the same time" not in as_manager.get(f"/csr?{MARCH}").text


class TestBehindARatio:
    def test_every_ratio_links_the_rows_of_its_numerator(
        self, as_manager: Client, make: Factories, company: Organization
    ) -> None:
        _fill(make, company)

        page = as_manager.get(f"/csr?{MARCH}")

        ratios = {metric.name for metric in vars(d).values() if getattr(metric, "unit", None) is Unit.RATIO}
        shown = {number.get("data-metric", "") for number in page.all(".//*[@data-metric]")}
        assert {"booking_rate", "answer_rate", "resolution_rate", "miss_rate", "csr_objections"} <= ratios & shown
        for name in ratios & shown:
            links = page.all(f".//a[@data-metric='{name}_numerator']")
            assert links, f"{name} does not say what it is made of"
            for link in links:
                assert _count(as_manager.get(link.get("href", ""))) == link.get("data-value"), name

    def test_every_day_of_the_chart_opens_its_calls(
        self, as_manager: Client, make: Factories, company: Organization
    ) -> None:
        _fill(make, company)

        page = as_manager.get(f"/csr?{MARCH}")

        days = [row for row in page.all(".//details[@class='chart-data']//tr") if row.find("./th/a") is not None]
        assert len(days) == 31
        for row in days[17:19]:
            link, value = row.find("./th/a"), row.find("./td")
            assert link is not None
            assert value is not None
            assert _count(as_manager.get(link.get("href", ""))) == text_of(value)


class TestUnknownPerson:
    """Identical response for an unknown person in any address."""

    ADDRESSES = (
        "/csr?csr={}",
        "/calls?csr={}",
        "/calls?rep={}",
        "/calls.csv?csr={}",
        "/leads?csr={}",
        "/leads?rep={}",
        "/appointments?csr={}",
        "/appointments?rep={}",
        "/missed-calls?csr={}",
        "/disputes?csr={}",
        "/recordings?rep={}",
        "/tasks?assignee={}",
        "/targets?person={}",
        "/calendar/events?organizer={}",
        "/users?manager={}",
        "/audit?actor={}",
        "/audit.csv?actor={}",
        "/trash?by={}",
        "/users/{}",
    )

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_is_not_found(self, client: Client, make: Factories, company: Organization, address: str) -> None:
        stranger = make.user(make.organization())
        client.sign_in(make.user(company, role=Role.ADMIN))

        for person in (uuid4(), stranger.id):
            client.get(address.format(person), status=404)

    @pytest.mark.parametrize("address", ADDRESSES[:-3])
    def test_somebody_who_was_deleted_is_known(
        self, client: Client, make: Factories, company: Organization, address: str
    ) -> None:
        gone = make.user(company, name="Gone", deleted_at=datetime.now(UTC))
        client.sign_in(make.user(company, role=Role.ADMIN))

        client.get(address.format(gone.id))

    def test_a_name_that_is_typed_means_the_same_on_the_dashboard_as_in_a_list(
        self, as_manager: Client, make: Factories, company: Organization
    ) -> None:
        maya = make.user(company, name="Maya Torres")
        make.call(company, csr=maya)
        make.call(company)

        assert as_manager.get(f"/csr?{MARCH}&csr=maya").metrics["calls"] == "1"
        assert _count(as_manager.get(f"/calls?{MARCH}&csr=maya")) == "1"


def test_every_list_that_takes_a_person_is_among_those_tried(app: Flask) -> None:
    with app.app_context():
        lists = [one.listed for one in registry().resources.values() if one.listed is not None]
        taken = {
            f"{listed.endpoint.split('.')[0]}?{name}"
            for listed in lists
            for name, field in listed.filters.model_fields.items()
            if NAMES_PERSON in field.metadata
        }
    tried = {re.sub(r"/[^?]*|=.*", "", address[1:].replace("-", "_")) for address in TestUnknownPerson.ADDRESSES}

    assert taken
    assert taken <= tried


def _fill(make: Factories, company: Organization) -> None:
    csr = make.user(company)
    lead = make.lead(company, qualification_status="hot")
    make.call(company, csr=csr, lead_id=lead.id, outcome="resolved")
    make.call(company, csr=csr, status="missed")
    objected = make.call(company, csr=csr, outcome="follow_up", started_at=DAY + timedelta(days=1))
    make.analysis(objected, objections=[{"category": "price", "severity": "low"}], sop_compliance_score=70)
    make.analysis(make.call(company, csr=csr), sop_compliance_score=90)
    make.appointment(company, csr_id=csr.id, booked_at=DAY)


def _zone_of(page: Page) -> str:
    return text_of(page.one(".//span[@id='zone-note']"))


def _count(page: Page) -> str | None:
    return page.one(".//*[@data-count]").get("data-count")
