"""The page `/calendar/calendars`: management of calendars, and the cascade of a deletion."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.errors import Conflict, DomainError, Forbidden, ValidationFailed
from app.models import Calendar, CalendarColor, DeletionBatch, Event, Organization, Role, User
from app.trust.trash.delete_service import delete
from app.trust.trash.restore_service import restore
from app.work.calendar import event_service
from app.work.calendar.event_rules import EventValues
from app.work.calendars import service
from app.work.calendars.service import CalendarValues
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.work import at_work, both_at_once
from tests.work.conftest import ActorOf

NEW = "/calendar/calendars/new"
TYPED = {"name": "Coaching", "color": "violet", "owner": ""}
SOON = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


@pytest.fixture
def shared(make: Factories, organization: Organization) -> Calendar:
    return make.calendar(organization, name="Office")


def page_of(calendar: Calendar, action: str = "") -> str:
    return f"/calendar/calendars/{calendar.id}" + (f"/{action}" if action else "")


def names(page: Page) -> list[str]:
    return [text_of(link) for link in page.all(".//tbody//th/a")]


def values(who: User, calendar_id: UUID | None = None, hour: int = 0) -> EventValues:
    start = SOON + timedelta(hours=hour)
    return EventValues(
        type="meeting",
        title="Weekly review",
        start=start,
        end=start + timedelta(hours=1),
        organizer_id=who.id,
        calendar_id=calendar_id,
    )


class TestSeeing:
    def test_everybodys_and_ones_own_stand_by_name(
        self, client: Client, csr: User, colleague: User, make: Factories, organization: Organization
    ) -> None:
        make.calendar(organization, name="office", color="teal")
        make.calendar(organization, name="Mine", owner_user_id=csr.id)
        make.calendar(organization, name="Theirs", owner_user_id=colleague.id)
        make.calendar(make.organization(), name="Somebody else’s")
        client.sign_in(csr)

        page = client.get("/calendar/calendars")

        assert names(page) == ["Mine", "office"]
        assert [text_of(cell) for cell in page.all(".//tbody/tr[1]/td")][:3] == ["Blue", "No", "Maya Torres"]
        assert [text_of(cell) for cell in page.all(".//tbody/tr[2]/td")][:2] == ["Teal", "Yes"]
        assert names(client.get("/calendar/calendars?sort=-name")) == ["office", "Mine"]
        assert names(client.get("/calendar/calendars?shared=no")) == ["Mine"]
        assert names(client.get("/calendar/calendars?shared=yes")) == ["office"]
        assert names(client.get("/calendar/calendars?color=teal,red")) == ["office"]
        assert names(client.get("/calendar/calendars?q=OFF")) == ["office"]

    def test_managers_see_all_of_them(
        self, client: Client, manager: User, csr: User, make: Factories, organization: Organization, shared: Calendar
    ) -> None:
        make.calendar(organization, name="Maya’s", owner_user_id=csr.id)

        client.sign_in(manager)

        assert names(client.get("/calendar/calendars")) == ["Maya’s", "Office"]
        lines = client.get("/calendar/calendars.csv").html.splitlines()
        assert lines == [
            "\ufeffName,Color,Shared with everyone,Owner",
            "Maya’s,Blue,No,Maya Torres",
            "Office,Blue,Yes,",
        ]

    def test_a_page_counts_the_events_that_its_link_lists(
        self, client: Client, csr: User, colleague: User, make: Factories, organization: Organization, shared: Calendar
    ) -> None:
        for who in (csr, csr, colleague):
            make.event(organization, who, calendar_id=shared.id, start_at=SOON + timedelta(hours=make.next_number()))
        client.sign_in(csr)

        page = client.get(page_of(shared))
        link = page.one(".//dd/a")

        assert text_of(link) == "2 events"
        assert len(names(client.get(str(link.get("href"))))) == 2

    def test_what_is_somebody_elses_is_not_there(
        self, client: Client, csr: User, colleague: User, make: Factories, organization: Organization, behind: Behind
    ) -> None:
        client.sign_in(csr)
        elsewhere = make.calendar(make.organization(), name="Elsewhere")
        for row in (elsewhere, make.calendar(organization, name="Theirs", owner_user_id=colleague.id)):
            client.get(page_of(row), status=404)
            client.get(page_of(row, "edit"), status=404)
            client.post(page_of(row, "edit"), {**TYPED, "version": "1"}, status=404)

        assert {row.version for row in behind.rows(Calendar)} == {1}

    def test_an_event_stands_in_the_colour_of_its_calendar(
        self, client: Client, csr: User, make: Factories, organization: Organization
    ) -> None:
        coaching = make.calendar(organization, name="Coaching", color="violet")
        make.event(organization, csr, calendar_id=coaching.id, title="One to one", start_at=SOON)
        client.sign_in(csr)

        page = client.get(f"/calendar?view=day&day={SOON.astimezone(ZoneInfo(organization.timezone)).date()}")
        name = page.one(".//a[@class='ev ev--plain']/b")

        assert (text_of(name), name.get("class")) == ("One to one", "cal-color cal-color--violet")
        assert "Coaching" in page.text


class TestWriting:
    def test_one_is_added_once(self, client: Client, manager: User, organization: Organization, behind: Behind) -> None:
        client.sign_in(manager)
        form = {**client.get(NEW).fields(NEW), **TYPED}

        page = client.follow(client.post(NEW, form))
        client.post(NEW, form)

        row = behind.one(Calendar, organization_id=organization.id)
        assert (page.heading, row.color, row.owner_user_id) == ("Coaching", "violet", None)
        assert [told.action for told in behind.trail(organization.id, "calendar")] == ["calendar.created"]
        assert "This form was already submitted." in client.post(NEW, {**form, "name": "Other"}, status=409).text

    def test_who_keeps_ones_own_only_is_offered_nothing_else(
        self, client: Client, csr: User, colleague: User, behind: Behind
    ) -> None:
        client.sign_in(csr)
        page = client.get(NEW)
        form = {**page.fields(NEW), **TYPED}

        assert [text_of(one) for one in page.all(".//select[@name='owner']/option")] == ["Mine"]
        for owner in ("", str(colleague.id), str(uuid4()), "x"):
            client.post(NEW, {**form, "owner": owner}, status=400)
        client.post(NEW, {**form, "owner": str(csr.id)})

        assert behind.one(Calendar).owner_user_id == csr.id

    def test_the_service_refuses_what_no_form_offers(
        self, app: Flask, actor_of: ActorOf, csr: User, colleague: User, shared: Calendar, organization: Organization
    ) -> None:
        def refused(work: Callable[[], object]) -> type[DomainError]:
            with pytest.raises(DomainError) as raised, at_work(app, organization.id):
                work()
            return type(raised.value)

        actor = actor_of(csr)
        everybodys, theirs, mine = (
            CalendarValues("Mine", CalendarColor.RED, owner) for owner in (None, colleague.id, csr.id)
        )
        assert refused(lambda: service.add(actor, uuid4(), everybodys)) is ValidationFailed
        assert refused(lambda: service.add(actor, uuid4(), theirs)) is ValidationFailed
        assert refused(lambda: service.edit(actor, shared.id, mine, version=1)) is Forbidden

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"name": ""}, "Enter a name."),
            ({"name": "n"}, "Use 2 to 60 characters."),
            ({"name": "n" * 61}, "Use 2 to 60 characters."),
            ({"name": "a\0b"}, "This contains a character that can’t be used."),
            ({"color": "pink"}, "Choose one of the options."),
        ],
    )
    def test_what_is_wrong_is_said(
        self, client: Client, manager: User, behind: Behind, wrong: dict[str, str], said: str
    ) -> None:
        client.sign_in(manager)

        page = client.post(NEW, {**client.get(NEW).fields(NEW), **TYPED, **wrong}, status=400)

        assert said in page.text
        assert behind.rows(Calendar) == []

    def test_who_saves_late_is_shown_both(
        self, client: Client, manager: User, shared: Calendar, behind: Behind
    ) -> None:
        client.sign_in(manager)
        form = client.get(page_of(shared, "edit")).fields(page_of(shared, "edit"))
        client.post(page_of(shared, "edit"), {**form, "name": "House"})

        page = client.post(page_of(shared, "edit"), {**form, "name": "Building"}, status=409)

        assert "House" in text_of(page.one(".//*[@id='calendar-conflict']"))
        assert behind.one(Calendar).name == "House"
        shown = client.get(page_of(shared))
        assert "Office → House" in shown.text

    def test_everybodys_are_not_changed_by_who_keeps_ones_own_only(
        self, client: Client, csr: User, shared: Calendar, behind: Behind
    ) -> None:
        client.sign_in(csr)

        page = client.get(page_of(shared))

        assert page_of(shared, "edit") not in {link.get("href") for link in page.all(".//a")}
        client.get(page_of(shared, "edit"), status=403)
        client.post(page_of(shared, "edit"), {**TYPED, "owner": str(csr.id), "version": "1"}, status=403)
        client.post(page_of(shared, "delete"), {"version": "1"}, status=403)
        assert (behind.one(Calendar).version, behind.one(Calendar).deleted_at) == (1, None)

    def test_who_manages_keeps_somebody_elses_where_it_is(
        self, client: Client, manager: User, csr: User, make: Factories, organization: Organization, behind: Behind
    ) -> None:
        row = make.calendar(organization, name="Maya’s", owner_user_id=csr.id)
        client.sign_in(manager)
        form = client.get(page_of(row, "edit")).fields(page_of(row, "edit"))

        client.post(page_of(row, "edit"), {**form, "color": "green"})

        assert (behind.one(Calendar).color, behind.one(Calendar).owner_user_id) == ("green", csr.id)

    @pytest.mark.parametrize("role", [Role.EXEC])
    def test_who_only_reads_adds_none(
        self, client: Client, make: Factories, organization: Organization, shared: Calendar, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role=role))

        assert client.get(page_of(shared)).heading == "Office"
        client.get(NEW, status=403)
        client.post(NEW, TYPED, status=403)


class TestDeleting:
    def test_its_events_go_with_it_and_exactly_they_come_back(
        self, client: Client, manager: User, csr: User, make: Factories, organization: Organization, shared: Calendar,
        behind: Behind,
    ) -> None:  # fmt: skip
        along, earlier = (
            make.event(organization, csr, calendar_id=shared.id, start_at=SOON + timedelta(hours=hour), title=title)
            for hour, title in ((0, "Goes along"), (2, "Went before"))
        )
        stays = make.event(organization, csr, start_at=SOON + timedelta(hours=4), title="Stays")
        client.sign_in(manager)
        client.post(f"/calendar/events/{earlier.id}/delete", {"version": "1"})
        page = client.get(page_of(shared))
        assert "This calendar has 1 event." in page.text

        gone = client.follow(client.post(page_of(shared, "delete"), page.fields(page_of(shared, "delete"))))

        assert "Calendar deleted, along with its 1 event." in gone.text
        assert names(gone) == ["Team"]
        batch = behind.one(Calendar, id=shared.id).deletion_batch_id
        assert behind.one(Event, id=along.id).deletion_batch_id == batch
        assert behind.one(Event, id=earlier.id).deletion_batch_id not in (None, batch)
        assert behind.one(Event, id=stays.id).deleted_at is None
        assert behind.one(DeletionBatch, id=batch).counts == {"calendar": 1, "event": 1}

        client.post(f"/trash/{batch}/undo", gone.fields(f"/trash/{batch}/undo"))

        assert behind.one(Calendar, id=shared.id).deleted_at is None
        assert behind.one(Event, id=along.id).deleted_at is None
        assert behind.one(Event, id=earlier.id).deleted_at is not None

    def test_an_event_does_not_come_back_into_a_calendar_in_the_trash(
        self, app: Flask, actor_of: ActorOf, manager: User, csr: User, make: Factories, organization: Organization,
        shared: Calendar, behind: Behind,
    ) -> None:  # fmt: skip
        event = make.event(organization, csr, calendar_id=shared.id, start_at=SOON)
        actor = actor_of(manager)
        with at_work(app, organization.id):
            alone = delete(actor, "event", [event.id]).id
            delete(actor, "calendar", [shared.id])

        with pytest.raises(Conflict), at_work(app, organization.id):
            restore(actor, alone)

        assert behind.one(Event, id=event.id).deleted_at is not None

    def test_nothing_is_planned_in_one_that_is_deleted(
        self, app: Flask, actor_of: ActorOf, manager: User, organization: Organization, shared: Calendar,
        behind: Behind,
    ) -> None:  # fmt: skip
        actor = actor_of(manager)
        with at_work(app, organization.id):
            delete(actor, "calendar", [shared.id])

        with pytest.raises(ValidationFailed), at_work(app, organization.id):
            event_service.create(actor, uuid4(), values(manager, shared.id))
        with at_work(app, organization.id):
            made = event_service.create(actor, uuid4(), values(manager)).calendar_id

        assert behind.one(Calendar, id=made).deleted_at is None

    @pytest.mark.parametrize("attempt", range(5))
    def test_what_is_planned_while_it_is_deleted_goes_along_or_is_refused(
        self, app: Flask, actor_of: ActorOf, manager: User, organization: Organization, shared: Calendar,
        behind: Behind, attempt: int,
    ) -> None:  # fmt: skip
        actor = actor_of(manager)
        works: list[Callable[[], Any]] = [
            lambda: event_service.create(actor, uuid4(), values(manager, shared.id, attempt)),
            lambda: delete(actor, "calendar", [shared.id]),
        ]

        refused = both_at_once(app, organization.id, *works)

        batch = behind.one(Calendar, id=shared.id).deletion_batch_id
        assert batch is not None
        assert all(row.deletion_batch_id == batch for row in behind.rows(Event, organization_id=organization.id))
        assert [type(one) for one in refused] in ([], [ValidationFailed])

    def test_the_database_refuses_what_comes_another_way(
        self, make: Factories, csr: User, organization: Organization
    ) -> None:
        gone = make.calendar(organization, name="Gone", deleted_at=SOON)

        with pytest.raises(Exception, match="the calendar is in the trash"):
            make.event(organization, csr, calendar_id=gone.id)
