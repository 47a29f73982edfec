"""The page `/calendar/team`: the reps' week, with the first free time of each half-day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of


def cell(page: Page, day: date, rep: User) -> list[str]:
    """Return the texts of a rep's entries on a day."""
    [found] = page.all(f".//*[@data-day='{day}'][@data-rep='{rep.id}']")
    return [text_of(one) for one in found.findall("./ol/li/*[@class]")]


def test_visits_stand_in_order_with_the_free_times_around_them(
    client: Client, make: Factories, organization: Organization, csr: User, rep: User, other_rep: User, tomorrow: date,
    at: Callable[..., datetime],
) -> None:  # fmt: skip
    contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
    make.appointment(organization, csr_id=csr.id, sales_rep_id=rep.id, contact=contact, scheduled_start_at=at(8))
    make.event(organization, other_rep, type="time_off", title="Sick", start_at=at(0), end_at=at(0, days=1))
    make.user(organization, Role.SALES_REP, name="Gone", status="inactive")
    make.user(make.organization(), Role.SALES_REP, name="Neighbour")
    client.sign_in(csr)

    page = client.get(f"/calendar/team?day={tomorrow}")

    assert cell(page, tomorrow, rep) == [
        "8:00 AM to 10:00 AM Ruth Delgado Furnace repair",
        "10:30 AM available with Carl Jensen",
        "12:00 PM available with Carl Jensen",
    ]
    assert cell(page, tomorrow, other_rep) == ["All day Time off"]
    assert "Sick" not in page.html
    assert "Gone" not in page.text
    assert "Neighbour" not in page.text


def test_a_free_time_leads_to_its_booking(
    client: Client, csr: User, rep: User, tomorrow: date, at: Callable[..., datetime]
) -> None:
    client.sign_in(csr)
    page = client.get(f"/calendar/team?day={tomorrow}")

    [first, *_more] = page.all(f".//*[@data-day='{tomorrow}'][@data-rep='{rep.id}']//a[@class='gap']")
    form = client.get(first.get("href") or "")

    [chosen] = [one.get("value") or "" for one in form.all(".//input[@name='slot']") if one.get("checked") is not None]
    assert chosen == f"{rep.id}/{at(8):%Y-%m-%dT%H:%MZ}"


def test_who_books_nothing_is_offered_no_time(
    client: Client, make: Factories, organization: Organization, rep: User, tomorrow: date
) -> None:
    client.sign_in(make.user(organization, Role.EXEC))

    page = client.get(f"/calendar/team?day={tomorrow}")

    assert cell(page, tomorrow, rep) == []
    assert page.all(".//a[@class='gap']") == []


def test_a_rep_sees_themselves_only(client: Client, rep: User, other_rep: User, tomorrow: date) -> None:
    page = client.sign_in(rep).get(f"/calendar/team?day={tomorrow}")

    assert "Carl Jensen" in page.text
    assert "Nia Brooks" not in page.text


def test_many_reps_have_pages(
    client: Client, make: Factories, organization: Organization, manager: User, tomorrow: date
) -> None:
    with make.batch():
        for number in range(8):
            make.user(organization, Role.SALES_REP, name=f"Rep {number}")
    client.sign_in(manager)

    first = client.get(f"/calendar/team?day={tomorrow}")
    second = client.get(first.links["7–8"])

    assert "Rep 5" in first.text
    assert "Rep 6" not in first.text
    assert "Rep 7" in second.text


def test_days_and_weeks_follow_the_address(client: Client, manager: User, rep: User) -> None:
    client.sign_in(manager)
    page = client.get("/calendar/team?day=2026-03-18")

    assert "Mar 16 – 22, 2026" in page.text
    [after] = [one.get("href") for one in page.all(".//a[@aria-label='Next week']")]
    assert after == f"/calendar/team?day={date(2026, 3, 18) + timedelta(days=7)}"
