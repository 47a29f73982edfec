"""Events: planned by a form, changed by who organizes them, and never in two places at once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.errors import DomainError, EventTimeConflict, Forbidden, UserNotAvailable, ValidationFailed, VersionConflict
from app.models import Event, EventAttendee, Organization, Role, User
from app.work.appointments.free_times_queries import get_company, list_reps, list_times_on
from app.work.calendar import event_service
from app.work.calendar.event_rules import EventValues
from tests.support.behind import Behind
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.work import both_at_once
from tests.work.calendar.conftest import Plan, Working
from tests.work.conftest import ActorOf

NEW = "/calendar/events/new"


@pytest.fixture
def typed(tomorrow: date) -> dict[str, Any]:
    """What a form of a meeting tomorrow at nine holds beside what it is opened with."""
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
            ({"title": ""}, "Say what it is."),
            ({"end_time": "08:00"}, "The end must be after the start."),
            ({"start_time": ""}, "Say when it begins."),
            ({"kind": "party"}, "Choose one of the values offered."),
            ({"attendees": ["0198c0de-0000-7000-8000-000000000000"]}, "Choose people of the list."),
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

    def test_nobody_plans_in_the_name_of_others_but_a_manager(
        self, plan: Plan, csr: User, rep: User, manager: User
    ) -> None:
        with pytest.raises(ValidationFailed):
            plan(csr, organizer_id=rep.id)
        plan(manager, organizer_id=rep.id, type="time_off")

    def test_support_plans_nothing(self, client: Client, make: Factories, organization: Organization) -> None:
        client.sign_in(make.user(organization, Role.SUPPORT))

        client.get(NEW, status=403)


class TestTwoPlaces:
    def test_whoever_is_taken_is_named_and_other_times_are_offered(
        self, client: Client, plan: Plan, rep: User, csr: User, typed: dict[str, Any], behind: Behind
    ) -> None:
        plan(rep, title="Secret interview")
        client.sign_in(csr)

        page = client.post(NEW, {**client.get(NEW).fields(NEW), **typed, "attendees": [str(rep.id)]}, status=409)

        assert "Carl Jensen is taken at that time." in page.text
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
        assert "Move" not in page.links
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
        assert behind.one(Event, id=event_id).title == "Weekly review"
        client.post(address, {**page.fields(address), "title": "Monthly review"})
        assert behind.one(Event, id=event_id).title == "Monthly review"

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

        moved = client.post(f"/appointments/{visit.id}/move", sent)

        assert moved.headers["Location"] == "/calendar/team"
        now = behind.one(type(visit), id=visit.id)
        assert (now.scheduled_start_at, now.sales_rep_id) == (at(13), other_rep.id)
        page = client.follow(moved)
        [undo] = [
            one.get("action") or ""
            for one in page.all(".//form")
            if f"/appointments/{visit.id}/move?" in (one.get("action") or "")
        ]
        client.post(undo)
        now = behind.one(type(visit), id=visit.id)
        assert (now.scheduled_start_at, now.sales_rep_id) == (at(9), rep.id)

    def test_a_visit_of_somebody_elses_is_not_moved(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, rep: User,
        tomorrow: date, at: Callable[..., datetime],
    ) -> None:  # fmt: skip
        visit = make.appointment(organization, csr_id=colleague.id, sales_rep_id=rep.id, scheduled_start_at=at(9))
        client.sign_in(csr)

        sent = {"version": "1", "day": str(tomorrow), "time": "13:00", "rep": "", "back": ""}
        client.post(f"/appointments/{visit.id}/move", sent, status=404)


def test_the_id_of_another_event_is_refused(plan: Plan, csr: User, at: Callable[..., datetime]) -> None:
    event_id: UUID = plan(csr)

    with pytest.raises(DomainError):
        plan(csr, id_=event_id, title="Another", start=at(15), end=at(16))
