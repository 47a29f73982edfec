"""Won, lost, win rate and value of a thousand deals on the sales performance page.

The numbers of all deals and of each rep, by month, are compared with plain loops over the created rows.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import Appointment, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

ZONE = ZoneInfo("America/New_York")
DEALS = 1_000
#: Across a daylight saving change, to the edge of a month in New York.
_BEGIN, _DAYS = datetime(2025, 9, 1, tzinfo=ZONE), 92
MONTHS = ((2025, 9), (2025, 10), (2025, 11))


@dataclass
class Sales:
    """The viewer, the reps, and all created deals."""

    exec: User
    reps: Sequence[User]
    deals: Sequence[Appointment]


@pytest.fixture
def sales(make: Factories, admin_engine: Engine) -> Sales:
    """Deals of two reps, deals without a rep, some deleted ones, and a deal of another company."""
    company = make.organization(timezone=ZONE.key)
    reps = [make.user(company, Role.SALES_REP, name=name) for name in ("Ann", "Bob")]
    contact, random = make.contact(company), Random(7)  # noqa: S311 - reproducible, not secret

    def moment() -> datetime:
        if random.random() < 0.2:
            return datetime(2025, random.choice((10, 11)), 1, tzinfo=ZONE) - timedelta(seconds=random.randrange(2))
        return _BEGIN + timedelta(seconds=random.randrange(_DAYS * 86_400))

    def deal(number: int) -> Appointment:
        completed, rep = moment(), random.choice((*reps, None))
        outcome = random.choice(("open", "closed_won", "closed_won", "closed_lost"))
        return Appointment(
            id=uuid7(),
            organization_id=company.id,
            contact_card_id=contact.id,
            # Imported ones can overlap.
            external_source="crm",
            external_id=f"visit-{number}",
            sales_rep_id=rep.id if rep else None,
            service_type="Furnace repair",
            scheduled_start_at=completed - timedelta(hours=1),
            scheduled_end_at=completed,
            timezone=ZONE.key,
            booked_at=completed - timedelta(days=3),
            status="completed",
            completed_at=completed,
            outcome=outcome,
            outcome_at=None if outcome == "open" else completed + timedelta(days=random.randrange(20)),
            deal_value=Decimal(random.randrange(10_000, 2_000_000)) / 100 if random.random() < 0.6 else None,
            deleted_at=datetime(2025, 12, 1, tzinfo=UTC) if random.random() < 0.2 else None,
        )

    deals = [deal(number) for number in range(DEALS)]
    stranger = make.organization(timezone=ZONE.key)
    make.appointment(stranger, status="completed", completed_at=_BEGIN, outcome="closed_won", outcome_at=_BEGIN)
    with Session(admin_engine, expire_on_commit=False) as session, session.begin():
        session.add_all(deals)
    return Sales(make.user(company, role=Role.EXEC), reps, deals)


def expected(deals: Sequence[Appointment], first: date, last: date) -> dict[str, str]:
    """Return the four numbers expected for a range of days, formatted as in the page's `data-value`."""

    def is_within(moment: datetime | None) -> bool:
        return moment is not None and first <= moment.astimezone(ZONE).date() <= last

    kept = [one for one in deals if one.deleted_at is None]
    completed = [one for one in kept if is_within(one.completed_at)]
    won = sum(one.outcome == "closed_won" for one in completed)
    lost = sum(one.outcome == "closed_lost" for one in completed)
    decided = [one for one in kept if one.outcome == "closed_won" and is_within(one.outcome_at)]
    revenue = sum((one.deal_value or Decimal() for one in decided), Decimal())
    return {
        "visits_won": str(won),
        "visits_lost": str(lost),
        "win_rate": f"{Decimal(won) / len(completed):.4f}",
        "revenue_won": f"{revenue:.4f}",
    }


def of_person(page: Page, person: str) -> dict[str, str]:
    found = page.all(f".//div[@id='team-table']/table/tbody//a[@data-person='{person}']")
    return {link.get("data-metric", "").removesuffix("_of_person"): link.get("data-value", "") for link in found}


def test_the_page_of_sales_says_what_the_deals_say(client: Client, sales: Sales) -> None:
    client.sign_in(sales.exec)
    for months in (MONTHS, *((month,) for month in MONTHS)):
        first, last = date(*months[0], 1), date(*months[-1], monthrange(*months[-1])[1])
        page = client.get(f"/exec/sales?period=custom&from={first}&to={last}")

        whole = expected(sales.deals, first, last)
        assert {name: page.metrics[name] for name in whole} == whole
        for rep in (*sales.reps, None):
            own = [one for one in sales.deals if one.sales_rep_id == (rep.id if rep else None)]
            told = of_person(page, str(rep.id) if rep else "none")
            wanted = expected(own, first, last)
            assert {name: told[name] for name in wanted} == wanted, rep
