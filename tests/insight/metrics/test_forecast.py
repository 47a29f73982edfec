"""Monthly forecast: its method, and its inputs compared with plain loops over all appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.db.context import Context, use_context
from app.db.ids import uuid7
from app.extensions import db
from app.insight.dashboards.filters import ExecSalesFilters
from app.insight.dashboards.forecast_page import forecast_panel
from app.insight.dashboards.request_page import EXEC_SALES, read_request
from app.insight.metrics.forecast_queries import forecast_of_revenue, last_day_of_month
from app.insight.metrics.forecast_rules import MIN_MONTHS, Forecast, Month, forecast
from app.models import Appointment, Organization, Role, User
from app.security.actor import Actor
from tests.insight.metrics.company import RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.support.cached_rows import restored_by_copy
from tests.support.client import Client
from tests.support.factories import Factories

ZONE = ZoneInfo("America/New_York")
#: Contains two daylight saving changes: 2 November 2025 and 8 March 2026.
FIRST, NOW = datetime(2025, 9, 1, tzinfo=ZONE), datetime(2026, 4, 20, 15, tzinfo=ZONE)
DAYS = 242
MONTHS = [date(2025, 9, 1), date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1)] + [
    date(2026, month, 1) for month in range(1, 5)
]


def month(number: int, won: int, so_far: int, *, visits: int = 10, worth: int = 1000, scheduled: int = 5) -> Month:
    return Month(date(2026, number, 1), Decimal(won), Decimal(so_far), visits, Decimal(worth), scheduled)


def test_it_is_what_is_won_what_stands_and_what_usually_comes() -> None:
    # In each month, five appointments worth 100 each were open (500); 100, 200 and 600 were won in addition.
    months = [month(1, 9, 9), month(2, 900, 300), month(3, 1000, 300), month(4, 1400, 300), month(5, 250, 250)]

    found = forecast(months)

    assert found == Forecast(
        date(2026, 5, 1), Decimal(250), 5, Decimal(100), later=Decimal(300), error=Decimal(300), months=3
    )
    # Each month compared with the mean of the others: 100 with 400, 200 with 350, 600 with 150.
    assert found.expected == 250 + 500 + 300


def test_a_month_does_not_end_with_less_than_it_has() -> None:
    found = forecast([month(1, 9, 9), *(month(number, 80, 90) for number in (2, 3, 4)), month(5, 250, 250)])

    assert found is not None
    assert found.later == -found.by_visits
    assert found.expected == 250


@pytest.mark.parametrize("count", [1, 2, MIN_MONTHS, MIN_MONTHS + 1])
def test_too_few_months_say_nothing(count: int) -> None:
    assert forecast([month(number, 100, 50) for number in range(1, count + 1)]) is None


def test_the_last_month_must_be_known() -> None:
    months = [month(number, 100, 50, visits=0 if number == 5 else 10) for number in range(1, 8)]

    assert forecast(months[:6]) is None
    assert forecast(months) is not None


@dataclass
class Sales:
    organization: Organization
    manager: User
    rep: User
    visits: Sequence[Appointment]

    def forecast_of(self, app: Flask, now: datetime, rep: User | None) -> Forecast | None:
        actor = Actor(
            organization_id=self.organization.id,
            user_id=self.manager.id,
            name=self.manager.name,
            email=self.manager.email,
            role=Role.MANAGER,
            timezone=ZONE.key,
        )
        with app.test_request_context(), use_context(Context(organization_id=self.organization.id)):
            found = forecast_of_revenue(actor, rep=rep.id if rep else None, now=now)
            db.session.rollback()
            return found


@pytest.fixture
@restored_by_copy
def sales(make: Factories) -> Sales:
    """Eight months of appointments, some canceled or deleted, and an appointment of another company."""
    company = make.organization(timezone=ZONE.key)
    rep, random = make.user(company, Role.SALES_REP), Random(3)  # noqa: S311 - reproducible, not secret
    contact = make.contact(company)

    def visit(number: int) -> Appointment:
        start = FIRST + timedelta(minutes=random.randrange(DAYS * 24 * 60))
        is_over = start < NOW
        status = random.choice(
            ("completed", "completed", "completed", "no_show", "cancelled") if is_over else ("scheduled", "cancelled")
        )
        is_won = status == "completed" and random.random() < 0.5
        return Appointment(
            id=uuid7(),
            organization_id=company.id,
            contact_card_id=contact.id,
            external_source="crm",
            external_id=f"visit-{number}",
            sales_rep_id=random.choice((rep.id, None)),
            service_type="Furnace repair",
            scheduled_start_at=start,
            scheduled_end_at=start + timedelta(hours=1),
            timezone=ZONE.key,
            booked_at=start - timedelta(hours=random.randrange(1, 500)),
            status=status,
            cancelled_reason="Sold elsewhere" if status == "cancelled" else None,
            completed_at=start if status == "completed" else None,
            outcome="closed_won" if is_won else "open",
            outcome_at=min(start + timedelta(days=random.randrange(9)), NOW) if is_won else None,
            deal_value=Decimal(random.randrange(10_000, 500_000)) / 100 if is_won and random.random() < 0.9 else None,
            deleted_at=NOW if random.random() < 0.05 else None,
        )  # fmt: skip

    visits = [visit(number) for number in range(900)]
    stranger = make.organization(timezone=ZONE.key)
    make.appointment(stranger, status="completed", completed_at=FIRST, outcome="closed_won", outcome_at=NOW)
    with Session(make.engine, expire_on_commit=False) as session, session.begin():
        session.add_all(visits)
    return Sales(company, make.user(company, role=Role.MANAGER), rep, visits)


def by_hand(visits: Sequence[Appointment], first: date, now: datetime) -> Month:
    """Compute a month of the forecast's input with plain loops."""
    day = now.astimezone(ZONE).day
    is_this = first == now.date().replace(day=1)
    beginning = datetime(first.year, first.month, 1, tzinfo=ZONE).date() + timedelta(days=day - 1)
    that_day = datetime(beginning.year, beginning.month, beginning.day, tzinfo=ZONE)

    def local(moment: datetime) -> datetime:
        return moment.astimezone(ZONE)

    def is_within(moment: datetime | None) -> bool:
        return moment is not None and local(moment).date().replace(day=1) == first

    won = [one for one in visits if one.outcome == "closed_won" and is_within(one.outcome_at)]
    earlier = [one for one in won if one.outcome_at and local(one.outcome_at).day < day]
    there = [one for one in visits if one.status != "cancelled" and is_within(one.scheduled_start_at)]
    later = [one for one in there if local(one.scheduled_start_at).day >= day]
    stood = [one for one in later if (one.status == "scheduled" if is_this else one.booked_at < that_day)]
    worth = [one for one in there if one.outcome == "closed_won"]
    return Month(
        first, value(won), value(won if is_this else earlier), len(there), value(worth), len(stood)
    )  # fmt: skip


def value(visits: Sequence[Appointment]) -> Decimal:
    return sum((one.deal_value or Decimal() for one in visits), Decimal())


@pytest.mark.parametrize("whose", ["all", "rep"])
@pytest.mark.parametrize("now", [NOW, datetime(2026, 4, 1, 0, 30, tzinfo=ZONE), datetime(2026, 3, 31, 12, tzinfo=ZONE)])
def test_the_months_are_read_as_plain_loops_do(app: Flask, sales: Sales, whose: str, now: datetime) -> None:
    rep = sales.rep if whose == "rep" else None
    visits = [one for one in sales.visits if one.deleted_at is None and (rep is None or one.sales_rep_id == rep.id)]
    months = [first for first in MONTHS if first <= now.date()]

    found = sales.forecast_of(app, now.astimezone(UTC), rep)

    assert found == forecast([by_hand(visits, first, now) for first in months])
    assert found is not None
    assert found.scheduled or now != NOW
    assert found.months >= MIN_MONTHS


def test_months_end_on_their_last_day() -> None:
    lasts = [last_day_of_month(first) for first in MONTHS]

    assert all((last + timedelta(days=1)).day == 1 for last in lasts)
    assert [(one + timedelta(days=1)) for one in lasts[:-1]] == [later for _first, later in pairwise(MONTHS)]


def test_the_page_says_what_to_expect_or_that_too_little_is_known(
    client: Client, make: Factories, company: RandomCompany
) -> None:
    page = client.sign_in(company.staff[Role.EXEC]).get("/exec/sales")
    assert "Not enough data yet" in page.text

    now = datetime.now(UTC)
    first = now.astimezone(ZoneInfo(company.organization.timezone)).replace(day=1, hour=0, minute=0, second=0)
    with make.batch():
        for _month in range(5):
            make.appointment(
                company.organization,
                scheduled_start_at=first,
                status="completed",
                completed_at=first,
                outcome="closed_won",
                outcome_at=first,
                deal_value=Decimal(1000),
            )
            first = (first - timedelta(days=1)).replace(day=1)
        make.appointment(company.organization, scheduled_start_at=now)

    page = client.get("/exec/sales")

    # All deals are won on the first of a month: nothing comes later, and an appointment is worth one of last month's.
    so_far, standing = (page.one(f".//a[@data-metric='forecast_rows_{line}']") for line in (1, 2))
    assert (so_far.get("data-value"), standing.get("data-value")) == ("1000.0000", "1")
    assert [count_of(client, one.get("href", "")) for one in (so_far, standing)] == ["1", "1"]
    assert page.metrics["forecast_revenue_won"] == "2000.0000"


@pytest.mark.parametrize(
    ("later", "label", "amount"),
    [
        ("-2954", "Expected change", "−$2,954"),
        ("-0.4", "Expected additional revenue", "$0"),
        ("310", "Expected additional revenue", "$310"),
    ],
)
def test_only_a_forecast_that_rises_expects_additional_revenue(
    company: RandomCompany, asking: Asking, later: str, label: str, amount: str
) -> None:
    forecast = Forecast(
        date(2026, 4, 1), Decimal(9000), 4, Decimal(1000), later=Decimal(later), error=Decimal(500), months=6
    )
    with asking(company, company.staff[Role.EXEC]) as actor:
        request = read_request(actor, EXEC_SALES, ExecSalesFilters(), now=NOW.astimezone(UTC))
        panel = forecast_panel(request, forecast, {})

    assert panel is not None
    assert (panel.lines[-1].label, panel.lines[-1].amount) == (label, amount)
    assert panel.lines[-1].length == float(later)
    assert ("additional" in panel.method) is ("additional" in label)


def count_of(client: Client, address: str) -> str | None:
    return client.get(address).one(".//*[@data-count]").get("data-count")
