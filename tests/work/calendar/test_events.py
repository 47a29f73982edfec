"""Events: creation with a form, changes by their organizer, and conflicts."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.errors import DomainError, EventTimeConflict, Forbidden, UserNotAvailable, ValidationFailed, VersionConflict
from app.models import Calendar, Event, EventAttendee, Organization, Role, User
from app.web.templating import MAX_OPTIONS
from app.work.appointments import service as visit_service
from app.work.appointments.free_times_queries import get_company, list_reps, list_times_on
from app.work.calendar import event_service, people_queries
from app.work.calendar.event_rules import EventValues
from app.work.calendars.queries import list_calendars
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.work import both_at_once
from tests.work.calendar.conftest import NEW_YORK, Plan, Working
from tests.work.conftest import ActorOf

NEW = "/calendar/events/new"


def shown(moment: datetime) -> str:
    """Format a time like `Nov 24, 2026, 1:00 PM EST`."""
    here = moment.astimezone(NEW_YORK)
    return f"{shown_day(here.date())}, {here.hour % 12 or 12}:{here:%M %p %Z}"


def shown_day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def differences_of(page: Page) -> list[str]:
    return [" ".join(text_of(row).split()) for row in page.all(".//*[@class='conflict']//tbody/tr")]


def listed(page: Page) -> dict[str, bool]:
    """Return whether each person who can be invited is selected, by label."""
    boxes = ((label, label.find("input[@name='attendees']")) for label in page.all(".//label"))
    return {text_of(label): box.get("checked") is not None for label, box in boxes if box is not None}


@pytest.fixture
def typed(tomorrow: date) -> dict[str, Any]:
    """Fields of a form for a meeting tomorrow at nine, in addition to the preset ones."""
    return {
        "title": "Weekly review",
        "kind": "meeting",
        "start_day": str(tomorrow),
        "start_time": "09:00",
        "end_day": "",
        "end_time": "10:00",
    }


class TestPlanning:
    def test_a_form_sent_twice_plans_once(
        self, client: Client, rep: User, csr: User, typed: dict[str, Any], behind: Behind, at: Callable[..., datetime]
    ) -> None:
        client.sign_in(csr)
        form = {**client.get(NEW).fields(NEW), **typed, "attendees": [str(rep.id)], "location": "Office"}

        page = client.follow(client.post(NEW, form))
        client.post(NEW, form)

        event = behind.one(Event, organization_id=csr.organization_id)
        assert (event.start_at, event.end_at, event.organizer_id) == (at(9), at(10), csr.id)
        assert behind.one(EventAttendee, event_id=event.id).user_id == rep.id
        assert page.heading == "Weekly review"
        assert "Carl Jensen" in page.text
        assert [row.action for row in behind.trail(csr.organization_id, "event")] == ["event.created"]

    def test_of_many_people_those_who_come_are_typed_and_added_one_at_a_time(
        self, client: Client, csr: User, rep: User, make: Factories, organization: Organization, behind: Behind,
        typed: dict[str, Any],
    ) -> None:  # fmt: skip
        ann, other_ann = (make.user(organization, name=name) for name in ("Ann Lee", "Ann Leeds"))
        for number in range(MAX_OPTIONS):
            make.user(organization, name=f"Colleague {number:02}")
        form = {**client.sign_in(csr).get(NEW).fields(NEW), **typed}
        assert "attendees" not in form

        page = client.post(NEW, {**form, "person": rep.name, "add": "1"}, status=200)
        assert listed(page) == {rep.name: True}
        assert page.fields(NEW)["person"] == ""
        page = client.post(NEW, {**page.fields(NEW), "person": "lee", "add": "1"}, status=400)
        assert "matches several people" in page.text
        assert listed(page) == {"Ann Lee": False, "Ann Leeds": False, rep.name: True}
        page = client.post(NEW, {**page.fields(NEW), "person": "Nobody Else"}, status=400)
        assert "No one matches “Nobody Else”." in page.text
        assert behind.rows(Event) == []

        client.post(NEW, {**page.fields(NEW), "person": "ann lee"}, status=303)
        assert {one.user_id for one in behind.rows(EventAttendee)} == {rep.id, ann.id}
        address = f"/calendar/events/{behind.one(Event).id}/edit"
        page = client.get(address)
        assert listed(page) == {"Ann Lee": True, rep.name: True}
        client.post(address, {**page.fields(address), "attendees": [str(ann.id)], "person": "leeds"}, status=303)
        assert {one.user_id for one in behind.rows(EventAttendee)} == {ann.id, other_ann.id}

    def test_whole_days_begin_and_end_at_midnight(
        self,
        client: Client,
        rep: User,
        typed: dict[str, Any],
        behind: Behind,
        tomorrow: date,
        at: Callable[..., datetime],
    ) -> None:
        client.sign_in(rep)
        days = {"all_day": "y", "end_day": str(tomorrow + timedelta(days=1)), "kind": "time_off"}

        client.post(NEW, {**client.get(NEW).fields(NEW), **typed, **days})

        event = behind.one(Event, organization_id=rep.organization_id)
        assert (event.start_at, event.end_at, event.type) == (at(0), at(0, days=2), "time_off")

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"title": ""}, "Enter a title."),
            ({"end_time": "08:00"}, "The end must be after the start."),
            ({"start_time": ""}, "Enter when the event starts."),
            ({"kind": "party"}, "Choose one of the options."),
            ({"attendees": ["0198c0de-0000-7000-8000-000000000000"]}, "Choose people from the list."),
        ],
    )
    def test_what_is_wrong_is_said(
        self, client: Client, csr: User, typed: dict[str, Any], behind: Behind, wrong: dict[str, Any], said: str
    ) -> None:
        client.sign_in(csr)

        page = client.post(NEW, {**client.get(NEW).fields(NEW), **typed, **wrong}, status=400)

        assert said in page.text
        assert behind.rows(Event, organization_id=csr.organization_id) == []

    def test_somebody_of_another_organization_does_not_come(
        self, plan: Plan, csr: User, make: Factories, behind: Behind
    ) -> None:
        stranger = make.user(make.organization())

        with pytest.raises(ValidationFailed):
            plan(csr, attendee_ids=frozenset({stranger.id}))

    def test_whoever_stands_behind_the_list_of_people_plans_and_comes_too(
        self, client: Client, make: Factories, organization: Organization, plan: Plan, typed: dict[str, Any],
        behind: Behind, monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(people_queries, "_MAX_PEOPLE", 1)
        make.user(organization, name="Aaron")
        last, before_last = make.user(organization, name="Zoe"), make.user(organization, name="Yan")

        form = client.sign_in(last).get(NEW).fields(NEW)
        client.post(NEW, {**form, **typed, "attendees": [str(before_last.id)]})

        event = behind.one(Event, organizer_id=last.id)
        assert behind.one(EventAttendee, event_id=event.id).user_id == before_last.id

    def test_nobody_plans_in_the_name_of_others_but_a_manager(
        self, plan: Plan, csr: User, rep: User, manager: User
    ) -> None:
        with pytest.raises(ValidationFailed):
            plan(csr, organizer_id=rep.id)
        plan(manager, organizer_id=rep.id, type="time_off")

    def test_support_plans_nothing(self, client: Client, make: Factories, organization: Organization) -> None:
        client.sign_in(make.user(organization, Role.SUPPORT))

        client.get(NEW, status=403)


class TestItsZone:
    def test_it_is_the_organizations_unless_another_is_chosen(
        self, client: Client, csr: User, typed: dict[str, Any], behind: Behind, tomorrow: date
    ) -> None:
        form = client.sign_in(csr).get(NEW).fields(NEW)
        assert form["timezone"] == "America/New_York"

        page = client.follow(client.post(NEW, {**form, **typed, "timezone": "Europe/Berlin"}))

        event = behind.one(Event, organization_id=csr.organization_id)
        assert event.timezone == "Europe/Berlin"
        assert event.start_at == datetime.combine(tomorrow, time(9), ZoneInfo("Europe/Berlin"))
        assert "Europe/Berlin" in page.text

    def test_its_form_is_on_its_own_clocks_and_can_change_them(
        self, client: Client, plan: Plan, csr: User, behind: Behind, at: Callable[..., datetime]
    ) -> None:
        event_id = plan(csr, timezone="America/Chicago", start=at(9), end=at(10))
        address = f"/calendar/events/{event_id}/edit"
        form = client.sign_in(csr).get(address).fields(address)
        assert (form["timezone"], form["start_time"]) == ("America/Chicago", "08:00")

        client.post(address, {**form, "timezone": "America/New_York"})
        event = behind.one(Event, id=event_id)
        assert (event.timezone, event.start_at) == ("America/New_York", at(8))
        assert "Time zone" in client.get(f"/calendar/events/{event_id}").text

    def test_what_is_no_zone_is_said(self, client: Client, csr: User, typed: dict[str, Any], behind: Behind) -> None:
        form = client.sign_in(csr).get(NEW).fields(NEW)
        for wrong in ("Mars/Olympus", "", "x" * 300):
            page = client.post(NEW, {**form, **typed, "timezone": wrong}, status=400)
            assert page.all(".//*[@aria-invalid='true'][@name='timezone']") != []

        assert behind.rows(Event, organization_id=csr.organization_id) == []

    def test_a_service_refuses_it_too(self, plan: Plan, csr: User) -> None:
        with pytest.raises(ValidationFailed):
            plan(csr, timezone="Mars/Olympus")


class TestWhenItIs:
    """Invalid days and times, and those that occur twice."""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"start_day": "9999-12-31", "start_time": "23:00", "end_time": "23:30"},
            {"start_day": "9999-12-31", "instead": "2027-03-18T16:00:00+00:00"},
            {"start_day": "0001-01-01", "instead": "2027-03-18T16:00:00+00:00"},
        ],
    )
    def test_a_day_that_no_calendar_reaches_is_said(
        self, client: Client, csr: User, typed: dict[str, Any], behind: Behind, wrong: dict[str, Any]
    ) -> None:
        form = client.sign_in(csr).get(NEW).fields(NEW)

        page = client.post(NEW, {**form, **typed, **wrong}, status=400)

        assert "Choose a day between 1990 and 2199." in page.text
        assert behind.rows(Event, organization_id=csr.organization_id) == []

    @pytest.mark.parametrize("instead", ["9999-12-31T23:59:59-12:00", "9000-01-01T00:00:00+00:00", "0001-01-01T00:00Z"])
    def test_what_was_not_offered_is_not_taken(
        self, client: Client, plan: Plan, csr: User, rep: User, make: Factories, organization: Organization,
        behind: Behind, tomorrow: date, at: Callable[..., datetime], instead: str,
    ) -> None:  # fmt: skip
        event_id = plan(csr)
        visit = make.appointment(organization, csr_id=csr.id, sales_rep_id=rep.id, scheduled_start_at=at(9))
        client.sign_in(csr)
        address = f"/calendar/events/{event_id}/edit"
        sent = {"version": "1", "day": str(tomorrow), "time": "14:00", "rep": "", "back": "", "instead": instead}

        client.post(address, {**client.get(address).fields(address), "instead": instead})
        assert behind.one(Event, id=event_id).start_at == at(9)
        client.post(f"/calendar/events/{event_id}/move", sent)
        assert behind.one(Event, id=event_id).start_at == at(14)
        client.post(f"/appointments/{visit.id}/reschedule", sent)
        assert behind.one(type(visit), id=visit.id).scheduled_start_at == at(14)

    @pytest.mark.parametrize("wrong", [{"day": "9999-12-31", "time": "23:00"}, {"day": "", "time": "x"}])
    def test_nothing_moves_to_a_day_that_no_calendar_reaches(
        self, client: Client, plan: Plan, csr: User, rep: User, make: Factories, organization: Organization,
        behind: Behind, at: Callable[..., datetime], wrong: dict[str, str],
    ) -> None:  # fmt: skip
        event_id = plan(csr)
        visit = make.appointment(organization, csr_id=csr.id, sales_rep_id=rep.id, scheduled_start_at=at(9))
        client.sign_in(csr)

        for address in (f"/calendar/events/{event_id}/move", f"/appointments/{visit.id}/reschedule"):
            client.post(address, {"version": "1", "rep": "", "back": "", **wrong}, status=400)
        assert behind.one(Event, id=event_id).start_at == at(9)

    def test_saved_again_it_stays_in_the_second_of_two_hours(
        self, client: Client, csr: User, make: Factories, organization: Organization, behind: Behind
    ) -> None:
        second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
        event = make.event(organization, csr, start_at=second, end_at=second + timedelta(minutes=15))
        address = f"/calendar/events/{event.id}/edit"
        form = client.sign_in(csr).get(address).fields(address)
        assert (form["start_time"], form["end_time"]) == ("01:30", "01:45")

        client.post(address, {**form, "location": "Office"})

        now = behind.one(Event, id=event.id)
        assert (now.location, now.start_at, now.end_at) == ("Office", event.start_at, event.end_at)

    def test_undo_puts_it_back_into_the_second_of_two_hours(
        self, client: Client, csr: User, make: Factories, organization: Organization, behind: Behind
    ) -> None:
        second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
        event = make.event(organization, csr, start_at=second)
        address = f"/calendar/events/{event.id}/move"
        client.sign_in(csr)
        form = {**client.get(address).fields(address), "day": "2026-11-03", "time": "14:00"}

        page = client.follow(client.post(address, form))

        assert behind.one(Event, id=event.id).start_at == datetime(2026, 11, 3, 19, tzinfo=UTC)
        actions = [one.get("action") or "" for one in page.all(".//form")]
        client.post(next(one for one in actions if one.startswith(f"{address}?")))
        assert behind.one(Event, id=event.id).start_at == second

    def test_its_page_leads_to_the_day_that_it_is_where_the_organization_is(
        self, client: Client, plan: Plan, csr: User, tomorrow: date, at: Callable[..., datetime]
    ) -> None:
        event_id = plan(csr, start=at(21), end=at(22))

        page = client.sign_in(csr).get(f"/calendar/events/{event_id}")

        assert f"/calendar?day={tomorrow}" in {one.get("href") for one in page.all(".//nav//a")}


class TestTwoPlaces:
    def test_whoever_is_taken_is_named_and_other_times_are_offered(
        self, client: Client, plan: Plan, rep: User, csr: User, typed: dict[str, Any], behind: Behind
    ) -> None:
        plan(rep, title="Secret interview")
        client.sign_in(csr)

        page = client.post(NEW, {**client.get(NEW).fields(NEW), **typed, "attendees": [str(rep.id)]}, status=409)

        assert "Carl Jensen is busy then." in page.text
        assert "Secret interview" not in page.html
        offered = [one.get("value") or "" for one in page.all(".//button[@name='instead']")]
        assert len(offered) == 3
        client.post(NEW, {**page.fields(NEW), **typed, "attendees": [str(rep.id)], "instead": offered[0]})
        mine = behind.one(Event, organizer_id=csr.id)
        assert mine.start_at == datetime.fromisoformat(offered[0])
        assert mine.end_at - mine.start_at == timedelta(hours=1)

    def test_a_manager_is_told_by_what(self, plan: Plan, rep: User, manager: User) -> None:
        plan(rep, title="Van service")

        with pytest.raises(EventTimeConflict, match="Van service"):
            plan(manager, title="Ride-along", attendee_ids=frozenset({rep.id}))

    def test_time_off_is_called_so(self, plan: Plan, rep: User, manager: User) -> None:
        plan(rep, type="time_off", title="Holiday")

        with pytest.raises(UserNotAvailable):
            plan(manager, attendee_ids=frozenset({rep.id}))

    def test_what_is_tentative_takes_nobodys_time(self, plan: Plan, rep: User) -> None:
        plan(rep, status="tentative")

        plan(rep, title="For certain")

    def test_of_two_who_plan_with_one_person_the_second_is_refused(
        self, app: Flask, organization: Organization, csr: User, manager: User, rep: User, actor_of: ActorOf,
        at: Callable[..., datetime], behind: Behind,
    ) -> None:  # fmt: skip
        def plans(who: User) -> Callable[[], object]:
            values = EventValues(
                type="meeting", title=f"Of {who.name}", start=at(9), end=at(10), organizer_id=who.id,
                attendee_ids=frozenset({rep.id}),
            )  # fmt: skip
            return lambda: event_service.create(actor_of(who), uuid4(), values)

        refused = both_at_once(app, organization.id, plans(csr), plans(manager))

        assert [type(error) for error in refused] == [EventTimeConflict]
        assert len(behind.rows(Event, organization_id=organization.id)) == 1

    def test_the_first_two_events_of_an_organization_stand_in_one_calendar(
        self, app: Flask, organization: Organization, csr: User, manager: User, actor_of: ActorOf,
        at: Callable[..., datetime], behind: Behind,
    ) -> None:  # fmt: skip
        together = threading.Barrier(2, timeout=10)

        def plans(who: User) -> Callable[[], object]:
            values = EventValues(type="meeting", title=who.name, start=at(9), end=at(10), organizer_id=who.id)

            def do() -> None:
                list_calendars(actor_of(who))
                together.wait()
                event_service.create(actor_of(who), uuid4(), values)

            return do

        assert both_at_once(app, organization.id, plans(csr), plans(manager)) == []

        [calendar] = behind.rows(Calendar, organization_id=organization.id)
        assert {one.calendar_id for one in behind.rows(Event, organization_id=organization.id)} == {calendar.id}
        assert len(behind.rows(Event, organization_id=organization.id)) == 2

    def test_time_off_leaves_no_time_to_book(
        self, plan: Plan, csr: User, rep: User, other_rep: User, working: Working, actor_of: ActorOf, tomorrow: date,
        at: Callable[..., datetime],
    ) -> None:  # fmt: skip
        plan(rep, type="time_off", start=at(0), end=at(0, days=1))

        with working():
            actor = actor_of(csr)
            [day] = list_times_on(actor, get_company(actor), list_reps(actor), [tomorrow], {}, at(0, days=-1))

        assert [one.rep.name for one in day.reps] == [other_rep.name]


class TestChanging:
    def test_who_only_attends_changes_nothing(
        self, client: Client, plan: Plan, rep: User, csr: User, working: Working, actor_of: ActorOf
    ) -> None:
        event_id = plan(csr, attendee_ids=frozenset({rep.id}))

        page = client.sign_in(rep).get(f"/calendar/events/{event_id}")

        assert "Edit" not in page.links
        assert "Reschedule" not in page.links
        client.get(f"/calendar/events/{event_id}/edit", status=403)
        client.get(f"/calendar/events/{event_id}/move", status=403)
        client.post(f"/calendar/events/{event_id}/delete", {"version": "1"}, status=403)
        now = datetime.now().astimezone()
        with working(), pytest.raises(Forbidden):
            event_service.move(actor_of(rep), event_id, now, now + timedelta(hours=1), version=1)

    def test_who_has_nothing_to_do_with_it_does_not_find_it(
        self, client: Client, plan: Plan, csr: User, colleague: User, make: Factories
    ) -> None:
        event_id = plan(csr)
        client.sign_in(colleague)

        client.get(f"/calendar/events/{event_id}", status=404)
        client.get(f"/calendar/events/{event_id}/edit", status=404)

    def test_who_comes_and_when_are_changed_at_once(
        self,
        client: Client,
        plan: Plan,
        csr: User,
        rep: User,
        other_rep: User,
        behind: Behind,
        at: Callable[..., datetime],
    ) -> None:
        event_id = plan(csr, attendee_ids=frozenset({rep.id}))
        plan(rep, title="In the way later", start=at(11), end=at(12))
        client.sign_in(csr)
        address = f"/calendar/events/{event_id}/edit"
        form = client.get(address).fields(address)

        client.post(address, {**form, "start_time": "11:00", "end_time": "12:00", "attendees": [str(other_rep.id)]})

        assert behind.one(EventAttendee, event_id=event_id).user_id == other_rep.id
        assert behind.one(Event, id=event_id).start_at == at(11)

    def test_a_stale_form_shows_both(self, client: Client, plan: Plan, csr: User, working: Working, actor_of: ActorOf,
        at: Callable[..., datetime], behind: Behind,
    ) -> None:  # fmt: skip
        event_id = plan(csr)
        client.sign_in(csr)
        address = f"/calendar/events/{event_id}/edit"
        form = client.get(address).fields(address)
        with working():
            event_service.move(actor_of(csr), event_id, at(13), at(14), version=1)

        page = client.post(address, {**form, "title": "Monthly review"}, status=409)

        assert "Monthly review" in page.text
        assert differences_of(page) == [
            "Title Weekly review Monthly review",
            f"Start {shown(at(13))} {shown(at(9))}",
            f"End {shown(at(14))} {shown(at(10))}",
        ]
        assert behind.one(Event, id=event_id).title == "Weekly review"
        client.post(address, {**page.fields(address), "title": "Monthly review"})
        assert behind.one(Event, id=event_id).title == "Monthly review"

    def test_of_whole_days_a_stale_form_shows_the_days(self, client: Client, plan: Plan, csr: User, working: Working,
        actor_of: ActorOf, at: Callable[..., datetime], tomorrow: date,
    ) -> None:  # fmt: skip
        event_id = plan(csr, start=at(0), end=at(0, days=1))
        client.sign_in(csr)
        address = f"/calendar/events/{event_id}/edit"
        form = client.get(address).fields(address)
        with working():
            event_service.move(actor_of(csr), event_id, at(0, days=2), at(0, days=3), version=1)

        page = client.post(address, {**form, "end_day": ""}, status=409)

        yours, now = (shown_day(tomorrow + timedelta(days=days)) for days in (0, 2))
        assert differences_of(page) == [f"Start {now} {yours}", f"End {now} {yours}"]

    def test_who_comes_is_not_taken_back_by_a_form_from_before(
        self, client: Client, plan: Plan, csr: User, rep: User, other_rep: User, manager: User, behind: Behind,
        new_client: Callable[[], Client],
    ) -> None:  # fmt: skip
        event_id = plan(csr, attendee_ids=frozenset({rep.id}))
        address = f"/calendar/events/{event_id}/edit"
        stale = client.sign_in(csr).get(address).fields(address)
        other = new_client().sign_in(manager)
        other.post(address, {**other.get(address).fields(address), "attendees": [str(rep.id), str(other_rep.id)]})

        page = client.post(address, {**stale, "title": "Monthly review"}, status=409)

        assert {one.user_id for one in behind.rows(EventAttendee, event_id=event_id)} == {rep.id, other_rep.id}
        assert "Other attendees Carl Jensen, Nia Brooks Carl Jensen" in differences_of(page)

    def test_an_imported_visit_over_it_leaves_all_but_its_time_open(
        self, client: Client, plan: Plan, csr: User, rep: User, other_rep: User, make: Factories, behind: Behind,
        organization: Organization, at: Callable[..., datetime],
    ) -> None:  # fmt: skip
        event_id = plan(rep, attendee_ids=frozenset({csr.id}))
        visit: dict[str, Any] = {"external_id": "a1", "external_source": "otto", "scheduled_start_at": at(9)}
        make.appointment(organization, sales_rep_id=rep.id, **visit)
        make.appointment(organization, sales_rep_id=other_rep.id, **{**visit, "external_id": "a2"})
        address = f"/calendar/events/{event_id}/edit"
        form = client.sign_in(rep).get(address).fields(address)

        client.post(address, {**form, "location": "Office", "attendees": []})
        assert behind.one(Event, id=event_id).location == "Office"
        assert behind.rows(EventAttendee, event_id=event_id) == []

        form = client.get(address).fields(address)
        for wrong in ({"end_time": "10:15"}, {"attendees": [str(other_rep.id)]}):
            client.post(address, {**form, **wrong}, status=409)

    def test_a_deleted_one_comes_back_by_undo(
        self, client: Client, plan: Plan, manager: User, csr: User, behind: Behind
    ) -> None:
        event_id = plan(csr)
        client.sign_in(manager)
        page = client.follow(client.post(f"/calendar/events/{event_id}/delete", {"version": "1"}))
        client.get(f"/calendar/events/{event_id}", status=404)

        [undo] = [one.get("action") or "" for one in page.all(".//form") if "/undo" in (one.get("action") or "")]
        client.post(undo)

        client.get(f"/calendar/events/{event_id}")


class TestMoving:
    def test_it_goes_on_as_long_and_undo_puts_it_back(
        self, client: Client, plan: Plan, csr: User, behind: Behind, tomorrow: date, at: Callable[..., datetime]
    ) -> None:
        event_id = plan(csr)
        client.sign_in(csr)
        address = f"/calendar/events/{event_id}/move"
        form = {**client.get(address).fields(address), "day": str(tomorrow), "time": "14:15", "back": "/calendar"}

        moved = client.post(address, form)

        assert moved.headers["Location"] == "/calendar"
        event = behind.one(Event, id=event_id)
        assert (event.start_at, event.end_at) == (at(14, 15), at(15, 15))
        page = client.follow(moved)
        [undo] = [
            one.get("action") or ""
            for one in page.all(".//form")
            if f"/calendar/events/{event_id}/move?" in (one.get("action") or "")
        ]
        client.post(undo)
        assert behind.one(Event, id=event_id).start_at == at(9)
        actions = [row.action for row in behind.trail(csr.organization_id, "event")]
        assert actions == ["event.created", "event.moved", "event.moved"]

    def test_what_was_moved_meanwhile_is_shown_with_both_times(
        self, client: Client, plan: Plan, csr: User, manager: User, rep: User, other_rep: User, make: Factories,
        organization: Organization, working: Working, actor_of: ActorOf, at: Callable[..., datetime], behind: Behind,
        tomorrow: date,
    ) -> None:  # fmt: skip
        event_id = plan(csr)
        visit = make.appointment(organization, csr_id=csr.id, sales_rep_id=rep.id, scheduled_start_at=at(9))
        length = visit.scheduled_end_at - visit.scheduled_start_at
        with working():
            event_service.move(actor_of(csr), event_id, at(13), at(14), version=1)
            visit_service.reschedule(actor_of(manager), visit.id, at(11), other_rep.id, version=1)
        client.sign_in(csr)
        sent = {"version": "1", "day": str(tomorrow), "time": "15:00", "back": "/calendar"}

        for address, before, still, named in (
            (f"/calendar/events/{event_id}/move", at(13), timedelta(hours=1), []),
            (f"/appointments/{visit.id}/reschedule", at(11), length, [f"Sales rep {other_rep.name} {rep.name}"]),
        ):
            page = client.post(address, {**sent, "rep": str(rep.id)}, status=409)
            assert differences_of(page) == [
                f"Start {shown(before)} {shown(at(15))}",
                f"End {shown(before + still)} {shown(at(15) + still)}",
                *named,
            ]
        assert behind.one(Event, id=event_id).start_at == at(13)

    def test_where_something_is_it_does_not_go_and_says_so(
        self, client: Client, plan: Plan, csr: User, behind: Behind, tomorrow: date, at: Callable[..., datetime]
    ) -> None:
        plan(csr, title="Lunch with Ruth", start=at(12), end=at(13))
        event_id = plan(csr)
        client.sign_in(csr)

        page = client.post(
            f"/calendar/events/{event_id}/move",
            {"version": "1", "day": str(tomorrow), "time": "12:30", "rep": "", "back": "/calendar"},
            status=409,
        )

        assert "Lunch with Ruth" in page.text
        assert len(page.all(".//button[@name='instead']")) == 3
        assert behind.one(Event, id=event_id).start_at == at(9)

    def test_of_two_who_move_it_the_second_sees_the_first(
        self, app: Flask, organization: Organization, plan: Plan, csr: User, manager: User, actor_of: ActorOf,
        at: Callable[..., datetime], behind: Behind,
    ) -> None:  # fmt: skip
        event_id = plan(csr)

        def moves(who: User, hour: int) -> Callable[[], object]:
            return lambda: event_service.move(actor_of(who), event_id, at(hour), at(hour + 1), version=1)

        refused: list[DomainError] = both_at_once(app, organization.id, moves(csr, 11), moves(manager, 15))

        assert [type(error) for error in refused] == [VersionConflict]
        assert behind.one(Event, id=event_id).version == 2

    def test_a_visit_is_moved_by_the_same_form(
        self, client: Client, make: Factories, organization: Organization, csr: User, rep: User, other_rep: User,
        behind: Behind, tomorrow: date, at: Callable[..., datetime],
    ) -> None:  # fmt: skip
        visit = make.appointment(organization, csr_id=csr.id, sales_rep_id=rep.id, scheduled_start_at=at(9))
        client.sign_in(csr)
        sent = {
            "version": "1",
            "day": str(tomorrow),
            "time": "13:00",
            "rep": str(other_rep.id),
            "back": "/calendar/team",
        }

        moved = client.post(f"/appointments/{visit.id}/reschedule", sent)

        assert moved.headers["Location"] == "/calendar/team"
        now = behind.one(type(visit), id=visit.id)
        assert (now.scheduled_start_at, now.sales_rep_id) == (at(13), other_rep.id)
        page = client.follow(moved)
        [undo] = [
            one.get("action") or ""
            for one in page.all(".//form")
            if f"/appointments/{visit.id}/reschedule?" in (one.get("action") or "")
        ]
        client.post(undo)
        now = behind.one(type(visit), id=visit.id)
        assert (now.scheduled_start_at, now.sales_rep_id) == (at(9), rep.id)

    def test_a_visit_is_given_to_another_rep_by_who_may(
        self, client: Client, make: Factories, organization: Organization, csr: User, manager: User, rep: User,
        other_rep: User, behind: Behind, tomorrow: date, at: Callable[..., datetime],
    ) -> None:  # fmt: skip
        visit = make.appointment(organization, csr_id=csr.id, sales_rep_id=rep.id, scheduled_start_at=at(9))
        address, week = f"/appointments/{visit.id}/reschedule", f"/calendar/team?day={tomorrow}"
        sent = {"version": "1", "day": str(tomorrow), "time": "", "rep": str(other_rep.id), "back": week}
        client.sign_in(csr)

        page = client.post(address, sent, status=403)

        assert "appointments:assign" in page.text
        assert page.fields(address)["rep"] == str(other_rep.id)
        assert behind.one(type(visit), id=visit.id).sales_rep_id == rep.id
        assert len(client.get(week).all(".//*[@data-part][@data-keeps-rep]")) == 1
        client.sign_in_by_form(manager)
        assert client.get(week).all(".//*[@data-keeps-rep]") == []
        client.post(address, sent)
        assert behind.one(type(visit), id=visit.id).sales_rep_id == other_rep.id

    def test_a_visit_of_somebody_elses_is_not_moved(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, rep: User,
        tomorrow: date, at: Callable[..., datetime],
    ) -> None:  # fmt: skip
        visit = make.appointment(organization, csr_id=colleague.id, sales_rep_id=rep.id, scheduled_start_at=at(9))
        client.sign_in(csr)

        sent = {"version": "1", "day": str(tomorrow), "time": "13:00", "rep": "", "back": ""}
        client.post(f"/appointments/{visit.id}/reschedule", sent, status=404)


def test_the_id_of_another_event_is_refused(plan: Plan, csr: User, at: Callable[..., datetime]) -> None:
    event_id: UUID = plan(csr)

    with pytest.raises(DomainError):
        plan(csr, id_=event_id, title="Another", start=at(15), end=at(16))
