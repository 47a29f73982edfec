"""The page `/calendar`: a user's day or week, as far as the viewer can see it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest

from app.models import Organization, Role, User
from app.security.permissions import Permission
from app.work.calendar import people_queries
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

AT_DAY = "/calendar?day=2026-03-18"


def entries(page: Page) -> list[str]:
    """Return the texts of all calendar entries."""
    return [text_of(one) for one in page.all(".//*[@class]") if (one.get("class") or "").split()[:1] == ["ev"]]


def tones(page: Page) -> list[str]:
    return [
        (one.get("class") or "") for one in page.all(".//*[@class]") if (one.get("class") or "").startswith("ev ev--")
    ]


def test_visits_and_events_stand_together(
    client: Client, make: Factories, organization: Organization, rep: User, other_rep: User
) -> None:
    make.appointment(
        organization, sales_rep_id=rep.id, contact=make.contact(organization, first_name="Ruth", last_name="Delgado")
    )
    make.event(organization, rep, title="Van service", start_at=DAY + timedelta(hours=3))
    make.event(organization, rep, title="Next week", start_at=DAY + timedelta(days=7))
    make.event(organization, rep, title="Called off", status="cancelled", start_at=DAY + timedelta(hours=5))
    make.appointment(organization, sales_rep_id=other_rep.id)
    make.event(organization, other_rep, title="Somebody else’s", start_at=DAY + timedelta(hours=4))

    page = client.sign_in(rep).get(AT_DAY)

    assert entries(page) == [
        "12:00 PM to 2:00 PM Ruth Delgado Furnace repair",
        "3:00 PM to 4:00 PM Van service",
    ]


def test_a_manager_opens_anybodys_and_the_address_says_whose(
    client: Client, make: Factories, organization: Organization, rep: User, manager: User
) -> None:
    make.event(organization, rep, title="Van service")
    client.sign_in(manager)

    assert entries(client.get(AT_DAY)) == []
    page = client.get(f"{AT_DAY}&person={rep.id}")

    assert page.heading == "Carl Jensen"
    assert entries(page) == ["12:00 PM to 1:00 PM Van service"]
    for label in ("Previous week", "Next week"):
        [link] = [one.get("href") or "" for one in page.all(f".//a[@aria-label='{label}']")]
        assert f"person={rep.id}" in link


def test_a_csr_sees_when_a_rep_is_taken_and_only_of_their_own_by_what(
    client: Client, make: Factories, organization: Organization, csr: User, colleague: User, rep: User
) -> None:
    own = make.contact(organization, first_name="Ruth", last_name="Delgado")
    strange = make.contact(organization, first_name="Dan", last_name="Pruitt")
    make.appointment(organization, sales_rep_id=rep.id, csr_id=csr.id, contact=own)
    make.appointment(
        organization,
        sales_rep_id=rep.id,
        csr_id=colleague.id,
        contact=strange,
        scheduled_start_at=DAY + timedelta(hours=3),
    )
    make.event(organization, rep, title="At the doctor’s", type="time_off", start_at=DAY + timedelta(hours=6))
    client.sign_in(csr)

    page = client.get(f"{AT_DAY}&person={rep.id}")

    assert entries(page) == [
        "12:00 PM to 2:00 PM Ruth Delgado Furnace repair",
        "3:00 PM to 5:00 PM Busy",
        "6:00 PM to 7:00 PM Time off",
    ]
    assert "Pruitt" not in page.html
    assert "doctor" not in page.html


def test_who_sees_all_events_still_sees_when_a_rep_is_taken_by_others_visits(
    client: Client, make: Factories, organization: Organization, csr: User, colleague: User, rep: User
) -> None:
    make.grant(csr, Permission.EVENTS_READ)
    make.appointment(organization, sales_rep_id=rep.id, csr_id=colleague.id)
    make.event(organization, rep, title="Van service", start_at=DAY + timedelta(hours=6))
    client.sign_in(csr)

    page = client.get(f"{AT_DAY}&person={rep.id}")

    assert entries(page) == ["12:00 PM to 2:00 PM Busy", "6:00 PM to 7:00 PM Van service"]
    client.get(f"{AT_DAY}&person={colleague.id}")


def test_a_manager_opens_the_calendar_of_somebody_behind_the_list_of_people(
    client: Client, make: Factories, organization: Organization, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_queries, "_MAX_PEOPLE", 1)
    last = make.user(organization, name="Zoe Young")
    gone = make.user(organization, name="Yan", status="inactive")
    stranger = make.user(make.organization())
    client.sign_in(manager)

    page = client.get(f"/calendar?person={last.id}")

    assert page.heading == "Zoe Young"
    assert page.one(".//select[@name='person']/option[@selected]").get("value") == str(last.id)
    client.get(f"/calendar?person={gone.id}", status=404)
    client.get(f"/calendar?person={stranger.id}", status=404)


def test_nobody_opens_what_is_not_theirs(
    client: Client, make: Factories, organization: Organization, csr: User, colleague: User, rep: User
) -> None:
    stranger = make.user(make.organization(), Role.SALES_REP)
    client.sign_in(csr)

    client.get(f"/calendar?person={colleague.id}", status=404)
    client.get(f"/calendar?person={stranger.id}", status=404)
    client.get(f"/calendar?person={rep.id}")


def test_a_rep_opens_their_own_only(client: Client, rep: User, other_rep: User) -> None:
    client.sign_in(rep).get(f"/calendar?person={other_rep.id}", status=404)


def test_support_has_no_calendar(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization, Role.SUPPORT))

    client.get("/calendar", status=403)
    client.get("/calendar/team", status=403)


def test_time_off_of_several_days_stands_in_each_of_them(
    client: Client, make: Factories, organization: Organization, rep: User
) -> None:
    midnight = datetime(2026, 3, 17, 4, tzinfo=UTC)
    make.event(
        organization, rep, title="Holiday", type="time_off", start_at=midnight, end_at=midnight + timedelta(days=3)
    )
    make.event(
        organization,
        rep,
        title="Long over",
        start_at=midnight - timedelta(days=40),
        end_at=midnight - timedelta(days=30),
    )

    page = client.sign_in(rep).get(AT_DAY)

    assert entries(page) == ["All day to Fri 12:00 AM Holiday"] * 3
    assert tones(page) == ["ev ev--off"] * 3


def test_two_that_meet_are_named(client: Client, make: Factories, organization: Organization, rep: User) -> None:
    contact = make.contact(organization, first_name="Dan", last_name="Pruitt")
    imported = {"external_id": "a1", "external_source": "otto"}
    make.event(organization, rep, title="Ride-along")
    make.appointment(organization, sales_rep_id=rep.id, contact=contact, **imported)
    make.event(organization, rep, title="Perhaps", status="tentative")

    page = client.sign_in(rep).get(AT_DAY)

    words = text_of(page.one(".//main//*[@class='banner banner--bad']"))
    assert "12:00 PM" in words
    assert "Dan Pruitt" in words
    assert "Ride-along" in words
    assert tones(page).count("ev ev--clash") == 2


@pytest.mark.parametrize(
    ("day", "start", "words"),
    [
        # 23 hours: 1:30 is before the clocks go forward, and 90 minutes later it is 4.
        (date(2026, 3, 8), datetime(2026, 3, 8, 6, 30, tzinfo=UTC), "1:30 AM EST to 4:00 AM EDT Early"),
        # 25 hours: 1:30 occurs twice; this is from the first to the second.
        (date(2026, 11, 1), datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "1:30 AM EDT to 2:00 AM EST Early"),
    ],
)
def test_where_the_clocks_change_times_say_which(
    client: Client, make: Factories, organization: Organization, rep: User, day: date, start: datetime, words: str
) -> None:
    make.event(organization, rep, title="Early", start_at=start, end_at=start + timedelta(minutes=90))

    page = client.sign_in(rep).get(f"/calendar?view=day&day={day}")

    assert entries(page) == [words]


def test_a_time_elsewhere_is_said_beside(
    client: Client, make: Factories, organization: Organization, rep: User
) -> None:
    make.appointment(organization, sales_rep_id=rep.id, timezone="America/Los_Angeles", service_type="Remote visit")

    [words] = entries(client.sign_in(rep).get(AT_DAY))

    assert words.endswith("9:00 AM PDT in the event’s time zone")


def test_a_day_has_no_other_days(client: Client, make: Factories, organization: Organization, rep: User) -> None:
    make.event(organization, rep, title="Today")
    make.event(organization, rep, title="The day after", start_at=DAY + timedelta(days=1))

    page = client.sign_in(rep).get("/calendar?view=day&day=2026-03-18")

    assert entries(page) == ["12:00 PM to 1:00 PM Today"]
    [after] = [one.get("href") for one in page.all(".//a[@aria-label='Next day']")]
    assert after == "/calendar?day=2026-03-19&view=day"


@pytest.mark.parametrize("address", ["/calendar?", "/calendar?view=day&", "/calendar/team?"])
@pytest.mark.parametrize(("day", "missing"), [("1990-01-01", "Previous"), ("2199-12-31", "Next")])
def test_calendars_end_where_they_reach(
    client: Client, manager: User, rep: User, address: str, day: str, missing: str
) -> None:
    page = client.sign_in(manager).get(f"{address}day={day}")

    steps = [one.get("aria-label") or "" for one in page.all(".//main//a[@aria-label]")]
    assert [one for one in steps if one.startswith(missing)] == []
    assert len([one for one in steps if one.startswith(("Previous ", "Next "))]) == 1
    for link in {one.get("href") or "" for one in page.all(".//main//a[@href]")}:
        if "day=" in link and "/new" not in link:
            client.get(link)


def test_today_is_marked(client: Client, rep: User) -> None:
    page = client.sign_in(rep).get("/calendar")

    [today] = page.all(".//*[@class='day is-today']")
    assert "today" in text_of(today)
    assert "Now, " in text_of(today)


def test_questions_do_not_grow_with_rows(
    client: Client,
    make: Factories,
    organization: Organization,
    rep: User,
    csr: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client.sign_in(csr)
    addresses = (f"{AT_DAY}&person={rep.id}", "/calendar/team?day=2026-03-18")
    few = []
    for address in addresses:
        client.get(address)
        with queries() as sent:
            client.get(address)
        few.append(len(sent))
    with make.batch():
        for hour in range(12):
            made = make.event(organization, rep, title=f"Event {hour}", start_at=DAY + timedelta(hours=2 * hour))
            make.attendee(made, csr)
            make.appointment(
                organization, sales_rep_id=rep.id, scheduled_start_at=DAY + timedelta(days=2, hours=3 * hour)
            )

    for address, before in zip(addresses, few, strict=True):
        with queries() as sent:
            page = client.get(address)
        assert len(entries(page)) >= 12
        assert len(sent) <= before + 1, sent
        assert len(sent) <= 14
