"""The page `/calendar/events`: events are listed, found by name, exported, deleted and restored."""

from collections.abc import Callable
from datetime import datetime

from app.models import CalendarColor, Event, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.calendar.conftest import Plan

LIST = "/calendar/events"
At = Callable[..., datetime]


def names(page: Page) -> list[str]:
    return [text_of(link) for link in page.all(".//tbody//th/a")]


def test_it_opens_with_what_comes_next_and_without_filters_has_all(
    client: Client, plan: Plan, csr: User, at: At
) -> None:
    plan(csr, title="Quarterly review", start=at(9, days=3), end=at(10, days=3))
    plan(csr, title="Ride-along", start=at(9), end=at(10))
    plan(csr, title="Last week", start=at(9, days=-8), end=at(10, days=-8))
    client.sign_in(csr)

    assert names(client.get(LIST)) == ["Ride-along", "Quarterly review"]
    assert names(client.get(f"{LIST}?sort=-startTime")) == ["Quarterly review", "Ride-along", "Last week"]


def test_it_is_found_by_any_part_of_its_name_and_narrowed(
    client: Client, plan: Plan, make: Factories, organization: Organization, manager: User, rep: User, at: At
) -> None:
    plan(manager, title="Quarterly review")
    plan(rep, title="Holiday", type="time_off", start=at(11), end=at(12))
    calendar = make.calendar(organization, name="Trainings", color=CalendarColor.GREEN)
    plan(manager, title="Van safety", type="training", start=at(13), end=at(14), calendar_id=calendar.id)
    plan(manager, title="Called off", status="cancelled", start=at(15), end=at(16))
    elsewhere = make.organization()
    make.event(elsewhere, make.user(elsewhere), title="Quarterly review of others", start_at=at(9))
    client.sign_in(manager)

    assert names(client.get(f"{LIST}?q=arterl")) == ["Quarterly review"]
    assert names(client.get(f"{LIST}?q=rev+quart")) == ["Quarterly review"]
    assert names(client.get(f"{LIST}?type=time_off")) == ["Holiday"]
    assert names(client.get(f"{LIST}?organizer={rep.id}")) == ["Holiday"]
    assert names(client.get(f"{LIST}?calendar={calendar.id}")) == ["Van safety"]
    assert names(client.get(f"{LIST}?status=cancelled")) == ["Called off"]
    assert "Training,Confirmed,Marcus Bell,,Trainings" in client.get(f"{LIST}.csv?type=training").html


def test_one_sees_what_one_organizes_or_attends(
    client: Client, plan: Plan, csr: User, rep: User, other_rep: User, at: At
) -> None:
    plan(rep, title="With you", attendee_ids=frozenset({csr.id}))
    plan(other_rep, title="Among others")
    client.sign_in(csr)

    for address in (LIST, f"{LIST}.csv"):
        text = client.get(address).html
        assert "With you" in text
        assert "Among others" not in text


def test_its_filters_are_kept_under_a_name(client: Client, plan: Plan, csr: User) -> None:
    plan(csr)
    form = client.sign_in(csr).get(f"{LIST}?type=meeting").fields("/saved-views")
    client.post("/saved-views", {**form, "name": "Meetings"}, status=303)

    assert client.get(LIST).links["Meetings"] == f"{LIST}?type=meeting"


def test_a_deleted_one_comes_back(client: Client, plan: Plan, manager: User, csr: User) -> None:
    event_id = plan(csr)
    form = client.sign_in(manager).get(LIST).fields(f"{LIST}/{event_id}/delete")
    deleted = client.post(f"{LIST}/{event_id}/delete", form, headers={"Referer": LIST})
    page = client.follow(deleted)
    [undo] = [one.get("action") or "" for one in page.all(".//form") if "/undo" in (one.get("action") or "")]

    assert deleted.headers["Location"] == LIST
    assert names(page) == []
    client.post(undo)
    assert names(client.get(LIST)) == ["Weekly review"]


def test_who_deletes_none_has_no_button(client: Client, plan: Plan, csr: User) -> None:
    event_id = plan(csr)
    page = client.sign_in(csr).get(LIST)

    assert [one for one in page.all(".//form") if one.get("action") == f"{LIST}/{event_id}/delete"] == []


def test_the_calendar_leads_to_it(client: Client, csr: User) -> None:
    assert client.sign_in(csr).get("/calendar").links["List"] == LIST


def test_support_sees_none(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization, Role.SUPPORT)).get(LIST, status=403)


def test_a_zone_that_is_another_is_said_in_its_row(
    client: Client, plan: Plan, csr: User, at: At, make: Factories, organization: Organization
) -> None:
    plan(csr, title="Here")
    plan(csr, title="There", start=at(15), end=at(16), timezone="Europe/Berlin")
    here, there = client.sign_in(csr).get(LIST).all(".//tbody/tr")

    assert "Europe/Berlin" in text_of(there)
    assert "America/New_York" not in text_of(here)


def test_events_of_before_keep_their_calendars_name(
    client: Client, make: Factories, organization: Organization, csr: User, at: At
) -> None:
    calendar = make.calendar(organization, name="Trainings")
    event: Event = make.event(organization, csr, calendar_id=calendar.id, start_at=at(9), end_at=at(10))

    [row] = client.sign_in(csr).get(LIST).all(".//tbody/tr")
    assert "Trainings" in text_of(row)
    assert text_of(row).startswith(event.title) or event.title in text_of(row)
