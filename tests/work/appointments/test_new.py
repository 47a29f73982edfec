"""The booking form: its contents, its preserved input, and the response to a concurrent booking."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import Appointment, Call, ContactCard, Organization, Role, User
from app.work.appointments.context_queries import About
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.appointments.conftest import Book

NEW_YORK = ZoneInfo("America/New_York")


def address(**about: Any) -> str:
    return "/appointments/new?" + "&".join(f"{name}={value}" for name, value in about.items())


def slot(rep: User, start: datetime) -> str:
    return f"{rep.id}/{start:%Y-%m-%dT%H:%MZ}"


def slots(page: Page) -> list[str]:
    return [str(radio.get("value")) for radio in page.all(".//input[@name='slot']")]


@pytest.fixture
def booked(admin_engine: Engine, organization: Organization) -> Callable[[], list[Appointment]]:
    """Function that returns the appointments booked so far."""

    def read() -> list[Appointment]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(Appointment).where(Appointment.organization_id == organization.id)))

    return read


class TestWhatItShows:
    def test_what_is_known_of_the_call_is_filled_in(
        self, client: Client, make: Factories, organization: Organization, csr: User, rep: User, contact: ContactCard
    ) -> None:
        call = make.call(organization, csr=csr, contact_card_id=contact.id, topic="No heat")
        make.analysis(call, summary="No heat since this morning.")
        page = client.sign_in(csr).get(address(call=call.id))

        form = page.fields(address(call=call.id))
        assert text_of(page.one(".//h1")) == "Book an appointment for Ruth Delgado"
        assert (form["service"], form["place"]) == ("No heat", "1817 Alder Creek Ln, Austin, TX 78745")
        assert "No heat since this morning." in page.text
        assert slots(page), f"{rep.name} is free"
        assert "slot" not in form, "nobody has chosen a time"

    def test_there_are_six_days_with_their_counts(
        self, client: Client, csr: User, rep: User, other_rep: User, contact: ContactCard, tomorrow: datetime
    ) -> None:
        day = tomorrow.astimezone(NEW_YORK).date()
        page = client.sign_in(csr).get(address(contact=contact.id, day=day))

        days = page.all(".//button[@name='show_day'][@aria-pressed]")
        # Hourly slots around the clock, ninety minutes long: the last one that ends by midnight begins at ten.
        assert len(days) == 6
        assert [text_of(one)[-8:].strip() for one in days[2:]] == ["23 free"] * 4
        assert [one.get("value") for one in days if one.get("aria-pressed") == "true"] == [day.isoformat()]
        assert len(slots(page)) == 23, "each time once, whoever is free then"
        options = [one.get("value") for one in page.all(".//select[@name='rep']/option")]
        assert options == ["", str(rep.id), str(other_rep.id)]

    def test_who_works_at_times_of_their_own_is_free_within_these(
        self,
        client: Client,
        behind: Behind,
        csr: User,
        rep: User,
        other_rep: User,
        contact: ContactCard,
        tomorrow: datetime,
    ) -> None:
        day = tomorrow.astimezone(NEW_YORK).date()
        behind.change(rep, working_hours={f"{day:%A}".lower(): [["13:00", "16:00"]]})
        everyones = client.sign_in(csr).get(address(contact=contact.id, day=day))
        page = client.get(address(contact=contact.id, day=day, rep=rep.id))

        clocks = [datetime.fromisoformat(value.partition("/")[2]).astimezone(NEW_YORK) for value in slots(page)]
        assert [f"{one:%H:%M}" for one in clocks] == ["13:00", "14:00"]
        assert {value.partition("/")[0] for value in slots(page)} == {str(rep.id)}
        assert len(slots(everyones)) > 20, "the other one works round the clock, also on a day of 23 hours"

    def test_a_day_on_which_only_one_of_them_works_is_offered(
        self,
        client: Client,
        make: Factories,
        csr: User,
        rep: User,
        other_rep: User,
        contact: ContactCard,
        organization: Organization,
        behind: Behind,
        tomorrow: datetime,
    ) -> None:
        day = tomorrow.astimezone(NEW_YORK).date()
        of_others = f"{day + timedelta(days=1):%A}".lower()
        behind.change(organization, business_hours={of_others: [["08:00", "10:00"]]})
        behind.change(rep, working_hours={f"{day:%A}".lower(): [["08:00", "10:00"]]})
        page = client.sign_in(csr).get(address(contact=contact.id, day=day))

        assert {value.partition("/")[0] for value in slots(page)} == {str(rep.id)}

    def test_a_time_after_a_stop_in_the_same_zip_is_marked_and_its_address_is_not_told(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        rep: User,
        contact: ContactCard,
        tomorrow: datetime,
    ) -> None:
        make.appointment(
            organization, sales_rep_id=rep.id, scheduled_start_at=tomorrow, zip="78745", city="Sunset Valley"
        )
        day = tomorrow.astimezone(NEW_YORK).date()
        page = client.sign_in(csr).get(address(contact=contact.id, day=day))

        near = [text_of(one) for one in page.all(".//label[@class='slot slot--best']")]
        assert near
        assert all("close to the previous stop" in one for one in near)
        assert "Sunset Valley" not in page.text

    def test_a_rep_is_offered_themselves_alone(
        self, client: Client, make: Factories, organization: Organization, rep: User, other_rep: User
    ) -> None:
        card = make.contact(organization, created_by=rep.id)
        page = client.sign_in(rep).get(address(contact=card.id))

        assert "Carl Jensen" in page.text
        assert other_rep.name not in page.text

    def test_without_a_contact_one_is_found_or_made(
        self, client: Client, csr: User, rep: User, contact: ContactCard
    ) -> None:
        page = client.sign_in(csr).get("/appointments/new?q=delg")

        assert page.links["Ruth Delgado"].endswith(f"/appointments/new?contact={contact.id}")
        assert "number" in page.fields("/appointments/new", "post")
        assert "No matches. Enter name and number below" in client.get("/appointments/new?q=zzzz").text

    def test_where_nobody_ever_works_it_says_so(self, client: Client, make: Factories) -> None:
        company = make.organization()
        me = make.user(company)
        page = client.sign_in(me).get("/appointments/new")

        assert "No one is available on this day" in page.text

    @pytest.mark.parametrize("query", ["contact=1", "day=tomorrow", "colour=blue"])
    def test_an_address_that_means_nothing_is_refused(self, client: Client, csr: User, query: str) -> None:
        client.sign_in(csr).get(f"/appointments/new?{query}", status=400)


class TestBooking:
    def test_no_time_is_booked_until_one_is_chosen(
        self, client: Client, csr: User, rep: User, call: Call, booked: Callable[[], list[Appointment]]
    ) -> None:
        at = address(call=call.id)
        form = client.sign_in(csr).get(at).fields(at)

        page = client.post(at, {**form, "service": "Tune-up", "notes": "Gate code 4471"}, status=400)

        assert "Choose one of the available times." in page.text
        assert page.fields(at)["notes"] == "Gate code 4471"
        assert booked() == []

    def test_the_chosen_rep_replaces_the_one_that_the_time_is_offered_with(
        self,
        client: Client,
        csr: User,
        rep: User,
        other_rep: User,
        contact: ContactCard,
        booked: Callable[[], list[Appointment]],
    ) -> None:
        at = address(contact=contact.id)
        page = client.sign_in(csr).get(at)

        client.post(at, {**page.fields(at), "service": "Boiler", "slot": slots(page)[-1], "rep": str(other_rep.id)})

        assert slots(page)[-1].startswith(str(rep.id))
        assert [one.sales_rep_id for one in booked()] == [other_rep.id]

    def test_who_is_busy_at_the_chosen_time_is_marked(
        self, client: Client, book: Book, csr: User, rep: User, other_rep: User, contact: ContactCard,
        tomorrow: datetime,
    ) -> None:  # fmt: skip
        book(csr, about=About(contact_id=contact.id))
        at = address(contact=contact.id, day=tomorrow.astimezone(NEW_YORK).date())
        page = client.sign_in(csr).get(f"{at}&slot={slot(other_rep, tomorrow)}")

        labels = [text_of(one) for one in page.all(".//select[@name='rep']/option")]
        assert labels == ["Anyone available", f"{rep.name} (busy then)", other_rep.name]

    def test_a_time_that_the_chosen_rep_does_not_have_is_no_longer_chosen_and_it_says_so(
        self, client: Client, book: Book, csr: User, rep: User, other_rep: User, contact: ContactCard,
        tomorrow: datetime,
    ) -> None:  # fmt: skip
        book(csr, about=About(contact_id=contact.id))
        at, day = address(contact=contact.id), tomorrow.astimezone(NEW_YORK).date()
        form = client.sign_in(csr).get(at).fields(at)
        chosen = {**form, "shown_on": str(day), "slot": slot(other_rep, tomorrow), "show_times": "y"}

        kept = client.post(at, {**chosen, "rep": str(other_rep.id)}, status=200)
        lost = client.post(at, {**chosen, "rep": str(rep.id)}, status=200)

        assert kept.fields(at)["slot"] == slot(other_rep, tomorrow)
        assert "slot" not in lost.fields(at)
        assert "isn’t available with these choices. Choose another time." in lost.text

    def test_one_press_books_the_time_that_is_chosen(
        self, client: Client, csr: User, rep: User, call: Call, booked: Callable[[], list[Appointment]]
    ) -> None:
        at = address(call=call.id)
        page = client.sign_in(csr).get(at)
        form = {**page.fields(at), "slot": slots(page)[0]}
        page = client.follow(client.post(at, {**form, "service": "Tune-up", "notes": "Gate code 4471"}))

        (made,) = booked()
        assert "Appointment booked." in page.text
        assert (made.service_type, made.notes, made.sales_rep_id) == ("Tune-up", "Gate code 4471", rep.id)
        assert made.source_call_id == call.id
        client.post(at, {**form, "service": "Tune-up", "notes": "Gate code 4471"})
        assert len(booked()) == 1, "sent twice"

    def test_somebody_new_by_number_and_name(
        self, client: Client, csr: User, rep: User, booked: Callable[[], list[Appointment]], admin_engine: Engine
    ) -> None:
        page = client.sign_in(csr).get("/appointments/new")
        form = {**page.fields("/appointments/new", "post"), "slot": slots(page)[0]}
        new = {"service": "Repair", "number": "212-555-0188", "name": "Ada King", "place": "1 Oak St, Austin, TX 78704"}
        page = client.follow(client.post("/appointments/new", {**form, **new}))

        (made,) = booked()
        assert text_of(page.one(".//h1")) == "Ada King"
        assert (made.address_line_1, made.city, made.zip, made.sales_rep_id) == ("1 Oak St", "Austin", "78704", rep.id)

    def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(
        self, client: Client, csr: User, rep: User, booked: Callable[[], list[Appointment]]
    ) -> None:
        form = client.sign_in(csr).get("/appointments/new").fields("/appointments/new", "post")
        sent = {**form, "service": "", "number": "blue", "place": "1 Oak St", "notes": "Dog", "slot": "nonsense"}
        page = client.post("/appointments/new", sent, status=400)

        again = page.fields("/appointments/new", "post")
        assert "Enter what the appointment is for." in page.text
        assert "Choose one of the available times." in page.text
        assert (again["place"], again["notes"], again["number"]) == ("1 Oak St", "Dog", "blue")
        assert booked() == []

    def test_the_chosen_time_stays_chosen(self, client: Client, csr: User, rep: User, contact: ContactCard) -> None:
        at = address(contact=contact.id)
        page = client.sign_in(csr).get(at)
        chosen = slots(page)[-1]

        again = client.post(at, {**page.fields(at), "service": "", "slot": chosen}, status=400).fields(at)

        assert again["slot"] == chosen

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "swap"])
    def test_a_day_is_a_button_that_keeps_the_rest(
        self,
        client: Client,
        csr: User,
        rep: User,
        contact: ContactCard,
        tomorrow: datetime,
        headers: dict[str, str],
        booked: Callable[[], list[Appointment]],
    ) -> None:
        at, day = address(contact=contact.id), (tomorrow + timedelta(days=3)).astimezone(NEW_YORK).date()
        form = client.sign_in(csr).get(at).fields(at)
        page = client.post(
            at,
            {**form, "service": "Boiler", "notes": "Dog", "minutes": "240", "show_day": day.isoformat()},
            status=200,
            headers=headers,
        )

        again = page.fields(at)
        assert page.is_whole is (not headers)
        assert (again["service"], again["notes"], again["minutes"], again["shown_on"]) == (
            "Boiler",
            "Dog",
            "240",
            str(day),
        )
        assert again["row_id"] == form["row_id"]
        assert len(slots(page)) == 21, "four hours fit until eight in the evening"
        assert booked() == []

    @pytest.mark.parametrize("minutes", ["²", "٣٠"])
    def test_a_length_that_is_no_number_is_the_default(
        self, client: Client, csr: User, rep: User, contact: ContactCard, tomorrow: datetime, minutes: str
    ) -> None:
        at, day = address(contact=contact.id), (tomorrow + timedelta(days=3)).astimezone(NEW_YORK).date()
        form = client.sign_in(csr).get(at).fields(at)
        sent = {**form, "service": "Boiler", "show_day": day.isoformat()}
        default = client.post(at, sent, status=200)

        page = client.post(at, {**sent, "minutes": minutes}, status=200)

        assert len(slots(page)) == len(slots(default)) > 0

    def test_later_days_follow(self, client: Client, csr: User, rep: User, contact: ContactCard) -> None:
        at = address(contact=contact.id)
        page = client.sign_in(csr).get(at)
        later = next(
            one.get("value") for one in page.all(".//button[@name='show_day']") if "Later days" in text_of(one)
        )
        page = client.post(at, {**page.fields(at), "show_day": later}, status=200)

        days = [one.get("value") for one in page.all(".//button[@name='show_day'][@aria-pressed]")]
        assert days[0] == later
        assert any("Back to today" in text_of(one) for one in page.all(".//button[@name='show_day']"))


class TestSomebodyWasQuicker:
    def test_who_what_and_until_when_is_told_with_other_times(
        self,
        client: Client,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        manager: User,
        rep: User,
        other_rep: User,
        contact: ContactCard,
        tomorrow: datetime,
        booked: Callable[[], list[Appointment]],
    ) -> None:
        at, day = address(contact=contact.id), tomorrow.astimezone(NEW_YORK).date()
        form = client.sign_in(manager).get(f"{at}&day={day}").fields(at)
        book(csr, about=About(contact_id=contact.id))

        mine = {**form, "service": "Boiler", "notes": "Dog", "slot": slot(rep, tomorrow)}
        page = client.post(at, mine, status=409)

        clash = text_of(page.one(".//*[@id='clash']"))
        assert "Carl Jensen is busy at" in clash
        assert "Ruth Delgado" in clash
        assert "booked by Maya Torres" in clash
        assert "what you typed is still here" in clash
        assert page.fields(at)["notes"] == "Dog"
        offers = [str(one.get("value")) for one in page.all(".//button[@name='instead']")]
        assert len(offers) == 3
        assert offers[0] == slot(other_rep, tomorrow), "the same time with somebody else is nearest"

        again = {name: value for name, value in page.fields(at).items() if name != "slot"}
        client.post(at, {**again, "instead": offers[0]})
        assert sorted(str(one.sales_rep_id) for one in booked()) == sorted([str(rep.id), str(other_rep.id)])
        assert {one.service_type for one in booked()} == {"Boiler", "Furnace repair"}

    def test_whose_it_is_stays_untold_beyond_the_scope(
        self,
        client: Client,
        book: Book,
        make: Factories,
        organization: Organization,
        csr: User,
        colleague: User,
        rep: User,
        contact: ContactCard,
        tomorrow: datetime,
    ) -> None:
        book(csr, about=About(contact_id=contact.id))
        theirs = make.contact(organization, created_by=colleague.id)
        at = address(contact=theirs.id)
        form = client.sign_in(colleague).get(at).fields(at)
        page = client.post(at, {**form, "service": "Boiler", "slot": slot(rep, tomorrow)}, status=409)

        clash = text_of(page.one(".//*[@id='clash']"))
        assert "another appointment" in clash
        assert "Delgado" not in page.html
        assert "Maya" not in page.html

    def test_a_program_gets_the_conflict_in_json(
        self, client: Client, book: Book, csr: User, rep: User, contact: ContactCard, tomorrow: datetime
    ) -> None:
        at = address(contact=contact.id)
        form = client.sign_in(csr).get(at).fields(at)
        book(csr, about=About(contact_id=contact.id))
        sent = {**form, "service": "Boiler", "slot": slot(rep, tomorrow)}
        error = client.post(at, sent, status=409, headers={"Accept": "application/json"}).json["error"]

        assert error["code"] == "EVENT_TIME_CONFLICT"
        assert error["otherParty"]["person"]["name"] == "Carl Jensen"


class TestOthers:
    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_only_reads_is_refused(
        self, client: Client, make: Factories, organization: Organization, contact: ContactCard, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role))
        client.get(address(contact=contact.id), status=403)
        client.post(address(contact=contact.id), {}, status=403)

    def test_somebody_elses_contact_is_not_there(
        self, client: Client, make: Factories, colleague: User, contact: ContactCard, call: Call
    ) -> None:
        client.sign_in(colleague)
        client.get(address(contact=contact.id), status=404)
        client.post(address(call=call.id), {}, status=404)

    def test_a_strangers_is_not_there_for_an_owner(
        self, client: Client, make: Factories, organization: Organization
    ) -> None:
        next_door = make.organization()
        client.sign_in(make.user(organization, Role.OWNER))
        client.get(address(contact=make.contact(next_door).id), status=404)
        client.get(address(lead=make.lead(next_door).id), status=404)


def test_the_id_of_a_booked_one_is_shown(client: Client, book: Book, csr: User, contact: ContactCard) -> None:
    id_: UUID = book(csr, about=About(contact_id=contact.id))
    page = client.sign_in(csr).get(address(contact=contact.id))

    assert f"/appointments/{id_}" in page.links.values(), "what the contact has already stands beside the form"


class TestHostileForms:
    """Values that none of the form's controls submits."""

    @pytest.mark.parametrize(
        "moment", ["0001-01-01T00:00+05:00", "9999-12-31T23:59Z", "0000-00-00T00:00Z", "2026-11-20", "1e999"]
    )
    def test_a_moment_that_is_none_is_no_free_time(
        self,
        client: Client,
        csr: User,
        rep: User,
        contact: ContactCard,
        booked: Callable[[], list[Appointment]],
        moment: str,
    ) -> None:
        there = address(contact=contact.id)
        form = client.sign_in(csr).get(there).fields(there)

        page = client.post(there, {**form, "service": "Repair", "slot": f"{rep.id}/{moment}"}, status=400)

        assert "Choose one of the available times." in page.text
        assert booked() == []

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "0000-00-00", "99999-01-01"])
    def test_a_day_that_nobody_works_shows_the_first_that_is_free(
        self, client: Client, csr: User, rep: User, contact: ContactCard, day: str
    ) -> None:
        there = address(contact=contact.id)
        form = client.sign_in(csr).get(there).fields(there)

        page = client.post(there, {**form, "show_day": day}, status=200)

        assert slots(page), f"{rep.name} is free"
