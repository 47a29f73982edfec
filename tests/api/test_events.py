"""Events with their attendees in the JSON API."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.models import Calendar, Event, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories


@pytest.fixture
def calendar(make: Factories, organization: Organization) -> Calendar:
    return make.calendar(organization)


def new_event(calendar: Calendar, **values: Any) -> dict[str, Any]:
    return {
        "type": "meeting",
        "title": "Morning briefing",
        "startTime": "2027-03-03T14:00:00Z",
        "endTime": "2027-03-03T15:00:00Z",
        "timezone": "America/New_York",
        "attendees": [],
        "calendarId": str(calendar.id),
        **values,
    }


def test_an_event_has_its_people_and_its_calendar(
    as_manager: ApiClient, manager: User, csr: User, calendar: Calendar
) -> None:
    sent = new_event(calendar, attendees=[str(csr.id)], description="", location="Room 2")
    event = data_of(as_manager.post("/events", sent), "event", status=201)

    assert event.keys() == {
        "id", "type", "title", "description", "startTime", "endTime", "timezone", "location", "attendees",
        "organizerId", "organizerName", "calendarId", "calendarName", "status", "createdAt", "updatedAt", "version",
    }  # fmt: skip
    assert sent.items() <= event.items()
    assert (event["organizerId"], event["status"]) == (str(manager.id), "confirmed")
    assert data_of(as_manager.get(f"/events/{event['id']}"), "event") == event


def test_a_change_leaves_the_attendees_unless_they_are_sent(
    as_manager: ApiClient, csr: User, calendar: Calendar, behind: Behind
) -> None:
    created = data_of(as_manager.post("/events", new_event(calendar, attendees=[str(csr.id)])), "event", status=201)
    path = f"/events/{created['id']}"

    assert data_of(as_manager.patch(path, {"title": "Briefing"}), "event")["attendees"] == [str(csr.id)]
    assert data_of(as_manager.patch(path, {"attendees": []}), "event")["attendees"] == []
    moved = {"startTime": "2027-03-04T14:00:00Z", "endTime": "2027-03-04T15:00:00Z"}
    assert moved.items() <= data_of(as_manager.patch(path, moved), "event").items()
    assert data_of(as_manager.delete(path), "deletion")["id"] == str(behind.one(Event).deletion_batch_id)


def test_nobody_is_in_two_places(as_manager: ApiClient, csr: User, calendar: Calendar, behind: Behind) -> None:
    as_manager.post("/events", new_event(calendar, attendees=[str(csr.id)]))
    second = new_event(calendar, title="Another", organizerId=str(csr.id))

    error = error_of(as_manager.post("/events", second), status=409)
    assert error["code"] == "EVENT_TIME_CONFLICT"
    assert error["otherParty"]["start"] == "2027-03-03T14:00:00Z"
    assert error["otherParty"]["person"] == {"id": str(csr.id), "name": "Carla Csr"}
    away = new_event(calendar, type="time_off", startTime="2027-03-05T14:00:00Z", endTime="2027-03-05T15:00:00Z")
    data_of(as_manager.post("/events", {**away, "organizerId": str(csr.id)}), status=201)
    refused = as_manager.post("/events", {**away, "type": "meeting", "organizerId": str(csr.id)})
    assert error_of(refused, status=409)["code"] == "USER_NOT_AVAILABLE"
    assert len(behind.rows(Event)) == 2


def test_wrong_values_are_all_named(as_manager: ApiClient, make: Factories, calendar: Calendar, behind: Behind) -> None:
    elsewhere = make.organization(name="Elsewhere")
    stranger, other = make.user(elsewhere, role=Role.CSR), make.user(elsewhere, role=Role.CSR)
    reads = {"title": "", "startTime": "2027-03-03T14:00:00", "attendees": "all", "calendarId": "1", "type": 1}
    assert wrong_fields(as_manager.post("/events", new_event(calendar, **reads))) == set(reads)
    means = {"endTime": "2027-03-03T13:00:00Z", "organizerId": str(stranger.id), "attendees": [str(other.id)]}
    assert wrong_fields(as_manager.post("/events", new_event(calendar, **means))) == set(means)
    theirs = make.calendar(elsewhere)
    assert wrong_fields(as_manager.post("/events", new_event(theirs))) == {"calendarId"}
    assert behind.rows(Event) == []


def test_a_range_selects_the_events_that_overlap_it(
    as_manager: ApiClient, make: Factories, organization: Organization, manager: User, csr: User
) -> None:
    first, second = make.calendar(organization), make.calendar(organization)
    over_midnight = datetime.fromisoformat("2026-03-19T03:00:00Z")  # 11 PM in New York
    events = [
        make.event(organization, manager, start_at=DAY + timedelta(days=day), calendar_id=first.id) for day in (-5, 0)
    ]
    events.append(
        make.event(
            organization, csr, start_at=over_midnight, end_at=over_midnight + timedelta(hours=2), calendar_id=second.id
        )
    )
    early, middle, late = (str(event.id) for event in events)

    def ids(query: str) -> list[str]:
        return [event["id"] for event in data_of(as_manager.get(f"/events?{query}"), "events")]

    assert ids("") == [early, middle, late]
    assert ids("startDate=2026-03-18&endDate=2026-03-18") == [middle, late]
    assert ids("startDate=2026-03-19") == [late]
    assert ids("startDate=2026-03-18T16:30:00Z&endDate=2026-03-19T03:00:00Z") == [middle]
    assert ids(f"calendarIds={second.id}") == [late]
    assert ids(f"attendeeIds={csr.id},{manager.id}&status=confirmed") == [early, middle, late]
    assert ids("status=cancelled") == []


def test_an_offset_leads_on_and_reaches_ten_thousand(
    as_manager: ApiClient, make: Factories, organization: Organization, manager: User
) -> None:
    made = [make.event(organization, manager, start_at=DAY + timedelta(days=day)) for day in range(3)]

    place = data_of(as_manager.get("/events?limit=2"), "pagination")
    assert place == {"total": 3, "limit": 2, "offset": 0, "hasMore": True}
    last = data_of(as_manager.get("/events?limit=2&offset=2"))
    assert [event["id"] for event in last["events"]] == [str(made[2].id)]
    assert last["pagination"]["hasMore"] is False
    assert wrong_fields(as_manager.get("/events?limit=100&offset=9901")) == {"offset"}
    assert wrong_fields(as_manager.get("/events?limit=101&offset=-1&page=1&startDate=x")) == {
        "limit", "offset", "page", "startDate",
    }  # fmt: skip


def test_people_see_the_events_they_organize_or_attend(
    as_csr: ApiClient, new_api: NewApi, make: Factories, organization: Organization, csr: User, manager: User
) -> None:
    own = make.event(organization, csr)
    attended = make.event(organization, manager, start_at=DAY + timedelta(days=1))
    make.attendee(attended, csr)
    hidden = make.event(organization, manager, start_at=DAY + timedelta(days=2))

    assert {event["id"] for event in data_of(as_csr.get("/events"), "events")} == {str(own.id), str(attended.id)}
    assert error_of(as_csr.get(f"/events/{hidden.id}"), status=404)["resourceType"] == "event"
    assert error_of(as_csr.patch(f"/events/{attended.id}", {"title": "Mine"}), status=403)["requiredRole"] == "manager"
    stranger = new_api(make.user(make.organization(name="Elsewhere"), role=Role.OWNER))
    assert data_of(stranger.get("/events"), "events") == []


def test_ids_of_calendars_and_people_out_of_sight_are_not_found(
    as_manager: ApiClient, make: Factories, organization: Organization, calendar: Calendar, csr: User
) -> None:
    elsewhere = make.organization(name="Elsewhere")
    theirs = make.calendar(elsewhere)
    stranger = make.user(elsewhere, role=Role.CSR)
    event = make.event(organization, csr, calendar_id=calendar.id)

    for name, own, foreign, kind in (
        ("calendarIds", calendar.id, theirs.id, "calendar"),
        ("attendeeIds", csr.id, stranger.id, "user"),
    ):
        assert [one["id"] for one in data_of(as_manager.get(f"/events?{name}={own}"), "events")] == [str(event.id)]
        error = error_of(as_manager.get(f"/events?{name}={own},{foreign}"), status=404)
        assert (error["resourceType"], error["resourceId"]) == (kind, str(foreign))
