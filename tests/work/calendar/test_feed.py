"""The calendar feed for other programs: its owner, its contents, and the revocation of its URL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

ADDRESS = "/calendar/address"

Subscribe = Callable[[User], str]


@pytest.fixture
def subscribe(app: Flask) -> Subscribe:
    """Function that creates a new feed address for this user and returns its path."""

    def do(user: User) -> str:
        page = Client(app).sign_in(user).post(ADDRESS, status=200)
        return (page.one(".//input[@id='feed-address']").get("value") or "").partition("localhost")[2]

    return do


@pytest.fixture
def stranger(app: Flask) -> Client:
    """A client without any cookie."""
    return Client(app)


def unfolded(page: Page) -> list[str]:
    return page.html.replace("\r\n ", "").split("\r\n")


def test_it_is_shown_once(client: Client, rep: User, behind: Behind) -> None:
    client.sign_in(rep)
    assert "You don’t have a feed URL yet." in client.get(ADDRESS).text

    made = client.post(ADDRESS, status=200)

    address = made.one(".//input[@id='feed-address']").get("value") or ""
    assert address.endswith(".ics")
    assert made.headers["Cache-Control"] == "no-store"
    assert address not in client.get(ADDRESS).html
    stored = behind.one(User, id=rep.id).calendar_feed_hash
    assert stored is not None
    assert len(stored) == 32
    told = behind.trail(rep.organization_id, "user")
    assert [row.action for row in told] == ["user.calendar_feed.renewed"]
    assert stored.hex() not in str(told[0].after)


def test_it_holds_ones_own_visits_and_events(
    make: Factories, organization: Organization, rep: User, other_rep: User, subscribe: Subscribe, stranger: Client
) -> None:
    soon = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
    visit = make.appointment(organization, sales_rep_id=rep.id, contact=contact, scheduled_start_at=soon, city="Austin")
    event = make.event(organization, rep, title="Van; service, yearly", start_at=soon + timedelta(hours=4))
    make.event(organization, rep, title="Called off", status="cancelled", start_at=soon + timedelta(hours=6))
    make.event(organization, other_rep, title="Not mine", start_at=soon)
    make.event(organization, rep, title="Long ago", start_at=soon - timedelta(days=200))

    page = stranger.get(subscribe(rep))

    assert page.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(page)
    assert f"UID:appointment-{visit.id}@localhost" in lines
    assert f"UID:event-{event.id}@localhost" in lines
    assert f"DTSTART:{soon:%Y%m%dT%H%M%SZ}" in lines
    assert [line for line in lines if line.startswith("SUMMARY:")] == [
        "SUMMARY:Furnace repair: Ruth Delgado",
        "SUMMARY:Van\\; service\\, yearly",
        "SUMMARY:Called off",
    ]
    assert lines.count("STATUS:CANCELLED") == 1
    assert lines.count("LOCATION:Austin") == 1
    assert "Set-Cookie" not in page.headers


def test_a_visit_that_does_not_take_place_takes_no_time(
    make: Factories, organization: Organization, rep: User, subscribe: Subscribe, stranger: Client,
    at: Callable[..., datetime],
) -> None:  # fmt: skip
    make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=at(9))
    off: dict[str, Any] = {"status": "cancelled", "cancelled_reason": "Sold the house"}
    make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=at(13), **off)

    lines = unfolded(stranger.get(subscribe(rep)))

    told = [line for line in lines if line.startswith(("STATUS:", "TRANSP:"))]
    assert told == ["STATUS:CONFIRMED", "TRANSP:OPAQUE", "STATUS:CANCELLED", "TRANSP:TRANSPARENT"]


def test_whole_days_are_days(
    make: Factories, organization: Organization, rep: User, subscribe: Subscribe, stranger: Client,
    at: Callable[..., datetime],
) -> None:  # fmt: skip
    make.event(organization, rep, title="Holiday", type="time_off", start_at=at(0), end_at=at(0, days=2))

    lines = unfolded(stranger.get(subscribe(rep)))

    first = at(12).date()
    assert f"DTSTART;VALUE=DATE:{first:%Y%m%d}" in lines
    assert f"DTEND;VALUE=DATE:{first + timedelta(days=2):%Y%m%d}" in lines


def test_what_has_not_changed_is_not_sent_again(
    make: Factories, organization: Organization, rep: User, subscribe: Subscribe, stranger: Client,
    at: Callable[..., datetime],
) -> None:  # fmt: skip
    make.event(organization, rep, start_at=at(9))
    path = subscribe(rep)
    tag = stranger.get(path).headers["ETag"]

    stranger.get(path, status=304, headers={"If-None-Match": tag})

    make.event(organization, rep, title="One more", start_at=at(11))
    assert "One more" in stranger.get(path, headers={"If-None-Match": tag}).html


def test_a_csr_does_not_read_there_what_they_do_not_see(
    make: Factories, organization: Organization, csr: User, rep: User, subscribe: Subscribe, stranger: Client,
    at: Callable[..., datetime],
) -> None:  # fmt: skip
    event = make.event(organization, rep, title="With the CSR", start_at=at(9))
    make.attendee(event, csr)
    make.event(organization, rep, title="Without them", start_at=at(11))

    text = stranger.get(subscribe(csr)).html

    assert "With the CSR" in text
    assert "Without them" not in text


class TestClosed:
    def test_a_new_one_ends_the_one_before(self, rep: User, subscribe: Subscribe, stranger: Client) -> None:
        before, now = subscribe(rep), subscribe(rep)

        stranger.get(before, status=404)
        stranger.get(now)

    def test_taken_away(self, client: Client, rep: User, subscribe: Subscribe, stranger: Client) -> None:
        path = subscribe(rep)

        client.sign_in(rep).post(f"{ADDRESS}/remove")

        stranger.get(path, status=404)

    @pytest.mark.parametrize("values", [{"status": "inactive"}, {"status": "suspended"}, {"role": Role.SUPPORT}])
    def test_of_somebody_who_may_not_any_more(
        self, rep: User, subscribe: Subscribe, stranger: Client, behind: Behind, values: dict[str, Any]
    ) -> None:
        path = subscribe(rep)
        behind.change(rep, **values)

        stranger.get(path, status=404)

    def test_of_an_organization_that_is_suspended(
        self, organization: Organization, rep: User, subscribe: Subscribe, stranger: Client, behind: Behind
    ) -> None:
        path = subscribe(rep)
        behind.change(organization, status="suspended")

        stranger.get(path, status=404)

    def test_with_the_organization_of_another(
        self, make: Factories, rep: User, subscribe: Subscribe, stranger: Client
    ) -> None:
        other = make.user(make.organization(), Role.SALES_REP)
        mine, theirs = subscribe(rep), subscribe(other)
        folder, _slash, name = mine.rpartition("/")
        swapped = f"{folder}/{theirs.rpartition('/')[2].partition('.')[0]}.{name.partition('.')[2]}"

        stranger.get(swapped, status=404)
        stranger.get("/calendar/guessed.ics", status=404)


def test_support_makes_none(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization, Role.SUPPORT))

    assert text_of(client.get(ADDRESS, status=403).one(".//h1"))
    client.post(ADDRESS, status=403)
