"""The day on which an outcome counts if the rep entered it offline and sent it later."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from app.audit.occurred_rules import counted_moment
from app.models import Appointment, ContactCard, Lead, Organization, Role, User
from app.periods import midnight
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of

ZONE = ZoneInfo("America/New_York")
RECEIVED = "It was sent too late to count toward that day, so it counts toward the day it was received."
NOW = datetime(2026, 3, 19, 4, 10, tzinfo=UTC)


def hours_before(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.fixture
def today() -> date:
    """Today in the organization's time zone."""
    return datetime.now(ZONE).date()


@pytest.fixture
def evening(today: date) -> datetime:
    """The time ten minutes before the last midnight in the organization's time zone."""
    return midnight(today, ZONE) - timedelta(minutes=10)


@pytest.fixture
def lead(make: Factories, organization: Organization, contact: ContactCard, rep: User) -> Lead:
    """A booked lead that is assigned to the rep."""
    return make.lead(organization, contact=contact, stage="booked", assigned_rep_id=rep.id)


@pytest.fixture
def visit(
    make: Factories, organization: Organization, rep: User, contact: ContactCard, lead: Lead, evening: datetime
) -> Appointment:
    """The rep's appointment for the lead, ending at `evening`."""
    return make.appointment(
        organization,
        contact=contact,
        lead_id=lead.id,
        sales_rep_id=rep.id,
        scheduled_start_at=evening - timedelta(hours=2),
        scheduled_end_at=evening,
    )


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    """The owner, who views the numbers."""
    return make.user(organization, Role.OWNER)


def send(client: Client, visit: Appointment, step: str, happened: datetime, **typed: str) -> None:
    """Submit a form of the appointment's page that was filled in at the earlier time `happened`."""
    action = f"/appointments/{visit.id}/{step}"
    fields = client.get(f"/appointments/{visit.id}").fields(action)
    client.post(action, {**fields, **typed, "occurred_at": happened.isoformat()})


def stored(admin_engine: Engine, visit: Appointment) -> Mapping[str, Any]:
    """Return the times of an appointment and of its lead."""
    query = text(
        "SELECT completed_at, outcome_at, won_at, closed_at FROM appointments LEFT JOIN leads ON leads.id = lead_id"
        " WHERE appointments.id = :id"
    )
    with admin_engine.connect() as connection:
        return dict(connection.execute(query, {"id": visit.id}).mappings().one())


def of_day(client: Client, rep: User, day: date) -> Mapping[str, str]:
    """Return the rep's line in the exported sales numbers of a day."""
    file = client.get(f"/exec/sales.csv?period=custom&from={day}&to={day}").html
    [line] = [row for row in csv.DictReader(io.StringIO(file.lstrip("\ufeff"))) if rep.name in row.values()]
    return line


def test_an_outcome_of_late_evening_counts_on_that_day(
    new_client: Callable[[], Client],
    rep: User,
    owner: User,
    visit: Appointment,
    today: date,
    evening: datetime,
    admin_engine: Engine,
) -> None:
    send(new_client().sign_in(rep), visit, "won", evening, deal_value="4200")

    assert set(stored(admin_engine, visit).values()) == {evening.astimezone(UTC)}
    client = new_client().sign_in(owner)
    yesterday = today - timedelta(days=1)
    first, next_ = of_day(client, rep, yesterday), of_day(client, rep, today)
    assert (first["Appointments completed"], first["Appointments won"], first["Revenue won"]) == ("1", "1", "4200.0000")
    assert (next_["Appointments completed"], next_["Appointments won"], next_["Revenue won"]) == ("0", "0", "0.0000")
    for day, is_counted in ((yesterday, True), (today, False)):
        page = client.get(f"/exec/sales?period=custom&from={day}&to={day}")
        # The value of this day alone: the comparison covers the day before up to this time, which can be past 11:50 PM.
        won = page.all(f".//a[@data-metric='revenue_won_of_person'][@data-person='{rep.id}']")
        assert {text_of(cell) for cell in won} == {"$4,200" if is_counted else "$0"}


@pytest.mark.parametrize(
    ("step", "typed", "moments"),
    [
        ("complete", {}, {"completed_at"}),
        ("lost", {"lost_reason": "Too dear"}, {"completed_at", "outcome_at", "closed_at"}),
    ],
)
def test_each_outcome_counts_when_it_happened(
    client: Client,
    rep: User,
    visit: Appointment,
    evening: datetime,
    admin_engine: Engine,
    step: str,
    typed: dict[str, str],
    moments: set[str],
) -> None:
    send(client.sign_in(rep), visit, step, evening, **typed)

    assert {name: at for name, at in stored(admin_engine, visit).items() if at} == dict.fromkeys(moments, evening)
    history = text_of(client.get(f"/appointments/{visit.id}").one(".//ol[@class='timeline']"))
    assert "Entered offline on" in history
    assert "11:50 PM" in history
    assert RECEIVED not in history


def test_an_outcome_of_too_long_ago_counts_when_it_arrives_and_the_page_says_so(
    client: Client, make: Factories, organization: Organization, rep: User, contact: ContactCard, admin_engine: Engine
) -> None:
    happened = datetime.now(UTC) - timedelta(days=7, hours=1)
    visit = make.appointment(
        organization,
        contact=contact,
        sales_rep_id=rep.id,
        scheduled_start_at=happened - timedelta(minutes=1),
        scheduled_end_at=happened,
    )
    send(client.sign_in(rep), visit, "won", happened, deal_value="4200")

    moments = stored(admin_engine, visit)
    assert moments["completed_at"] == moments["outcome_at"] > happened + timedelta(days=7)
    page = client.get(f"/appointments/{visit.id}")
    assert "Deal won. It happened more than 7 days ago, so it counts toward today." in page.text
    history = text_of(page.one(".//ol[@class='timeline']"))
    assert RECEIVED in history


def test_no_outcome_counts_before_the_one_that_was_there(
    client: Client, rep: User, visit: Appointment, evening: datetime, admin_engine: Engine
) -> None:
    send(client.sign_in(rep), visit, "complete", evening)
    send(client, visit, "lost", evening - timedelta(hours=1), lost_reason="Too dear")

    assert stored(admin_engine, visit)["outcome_at"] == evening


@pytest.mark.parametrize(
    ("told", "earliest", "counted"),
    [
        (None, 24, 0),
        (0.5, 24, 0.5),
        (100, 200, 100),  # a holiday weekend
        (168, 200, 168),
        (168.001, 200, 0),
        (5, 2, 2),
        (-0.01, 24, 0),  # a clock that is a little fast
    ],
)
def test_when_it_counts(told: float | None, earliest: float, counted: float) -> None:
    happened = None if told is None else hours_before(told)

    assert counted_moment(happened, NOW, hours_before(earliest)) == hours_before(counted)
