"""The page of one appointment: its contents by viewer, and its actions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.models import Appointment, Call, ContactCard, Organization, Role, User
from app.work.appointments.context_queries import About
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.appointments.conftest import Book, Stored

AppointmentOf = Callable[[UUID], Appointment]


@pytest.fixture
def id_(book: Book, csr: User, call: Call) -> UUID:
    """ID of an appointment that the CSR booked from a call."""
    return book(csr, about=About(call_id=call.id), notes="Gate code 4471")


@pytest.fixture
def at(id_: UUID) -> str:
    """URL of the appointment's page."""
    return f"/appointments/{id_}"


def press(client: Client, at: str, step: str, *, status: int = 303, **values: str) -> Page:
    """Submit the form of this step, as the page shows it now."""
    form = client.get(at).fields(f"{at}/{step}", "post")
    return client.post(f"{at}/{step}", {**form, **values}, status=status)


class TestWhatItTells:
    def test_facts_source_lead_and_history(self, client: Client, csr: User, call: Call, at: str) -> None:
        page = client.sign_in(csr).get(at)

        assert text_of(page.one(".//h1")) == "Ruth Delgado"
        for words in ("Furnace repair", "Carl Jensen", "1817 Alder Creek Ln, Austin, TX 78745", "Gate code 4471"):
            assert words in page.text
        assert page.links["Open call"] == f"/calls/{call.id}"
        assert "Booked" in text_of(page.one(".//ol[@class='timeline']"))

    def test_the_call_is_linked_for_those_alone_who_may_see_it(
        self, client: Client, rep: User, call: Call, at: str
    ) -> None:
        assert f"/calls/{call.id}" not in client.sign_in(rep).get(at).links.values()

    def test_a_lead_in_the_trash_is_told_of_and_leads_nowhere(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        lead, theirs = make.lead(organization, csr_id=csr.id), make.lead(organization)
        visits = [make.appointment(organization, csr_id=csr.id, lead_id=one.id) for one in (lead, theirs)]
        client.sign_in(csr)
        assert client.get(f"/appointments/{visits[0].id}").links["New"] == f"/leads/{lead.id}"
        for one in (lead, theirs):
            make.deletion(one, root_type="lead", counts={"lead": 1})

        pages = [client.get(f"/appointments/{visit.id}") for visit in visits]

        assert ["Lead (in the trash)" in page.text for page in pages] == [True, False]
        assert f"/leads/{lead.id}" not in pages[0].html

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_only_reads_sees_no_forms(
        self, client: Client, make: Factories, organization: Organization, at: str, role: Role
    ) -> None:
        page = client.sign_in(make.user(organization, role)).get(at)

        assert not [form for form in page.all(".//form") if str(form.get("action")).startswith(at)]
        assert not {"Reschedule", "Edit"} & set(page.links)

    def test_a_colleagues_and_a_strangers_is_not_there(
        self, client: Client, make: Factories, colleague: User, at: str
    ) -> None:
        client.sign_in(colleague)
        for page in (at, f"{at}/edit", f"{at}/reschedule", f"/appointments/{make.appointment(make.organization()).id}"):
            client.get(page, status=404)


class TestWhatIsDoneThere:
    def test_won_in_two_taps(
        self, client: Client, rep: User, id_: UUID, at: str, appointment_of: AppointmentOf
    ) -> None:
        page = client.follow(press(client.sign_in(rep), at, "won", deal_value="4200"))

        now = appointment_of(id_)
        assert (now.status, now.outcome, now.deal_value) == ("completed", "closed_won", Decimal(4200))
        assert "Deal won." in page.text
        assert "Outcome: Open → Won" in page.text
        assert "$4,200" in page.text

    def test_lost_with_the_reason_and_decided_anew(
        self, client: Client, rep: User, id_: UUID, at: str, appointment_of: AppointmentOf
    ) -> None:
        press(client.sign_in(rep), at, "lost", lost_reason="Too expensive")
        assert appointment_of(id_).outcome == "closed_lost"
        press(client, at, "reopen")
        assert appointment_of(id_).outcome == "open"

    @pytest.mark.parametrize(
        ("step", "values", "sentence"),
        [
            ("won", {"deal_value": ""}, "Enter the deal value."),
            ("won", {"deal_value": "-1"}, "Enter an amount from 0 to 9,999,999.99."),
            ("won", {"deal_value": "NaN"}, "Enter an amount from 0 to 9,999,999.99."),
            ("lost", {"lost_reason": "no"}, "Use 3 to 500 characters."),
            ("cancel", {"reason": ""}, "Briefly explain why."),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(
        self,
        client: Client,
        rep: User,
        id_: UUID,
        at: str,
        appointment_of: AppointmentOf,
        step: str,
        values: dict[str, str],
        sentence: str,
    ) -> None:
        page = press(client.sign_in(rep), at, step, status=400, **values)

        assert sentence in page.text
        assert appointment_of(id_).version == 1

    def test_completed_and_nobody_there(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        rep: User,
        stored: Stored,
    ) -> None:
        begun = [
            make.appointment(organization, sales_rep_id=rep.id),
            make.appointment(
                organization,
                sales_rep_id=rep.id,
                scheduled_start_at=datetime(2026, 3, 20, 16, tzinfo=None).astimezone(),
            ),
        ]
        client.sign_in(rep)
        press(client, f"/appointments/{begun[0].id}", "complete")
        press(client, f"/appointments/{begun[1].id}", "no-show")

        assert [stored(one).status for one in begun] == ["completed", "no_show"]

    def test_nobody_can_be_missing_before_it_begins(self, client: Client, rep: User, at: str) -> None:
        client.sign_in(rep).get(at)
        page = client.post(f"{at}/no-show", {"version": "1"}, status=409)

        assert "This appointment hasn’t started yet." in page.text

    def test_called_off(self, client: Client, csr: User, id_: UUID, at: str, appointment_of: AppointmentOf) -> None:
        page = client.follow(press(client.sign_in(csr), at, "cancel", reason="Sold the house"))

        assert appointment_of(id_).status == "cancelled"
        assert "Sold the house" in page.text
        assert "Reschedule" not in page.links

    def test_given_to_another_rep_by_a_manager(
        self,
        client: Client,
        csr: User,
        manager: User,
        other_rep: User,
        id_: UUID,
        at: str,
        appointment_of: AppointmentOf,
    ) -> None:
        press(client.sign_in(manager), at, "assign", rep=str(other_rep.id))
        assert appointment_of(id_).sales_rep_id == other_rep.id

        client.sign_in_by_form(csr).post(f"{at}/assign", {"rep": str(other_rep.id), "version": "2"}, status=403)

    def test_edited(self, client: Client, csr: User, id_: UUID, at: str, appointment_of: AppointmentOf) -> None:
        form = client.sign_in(csr).get(f"{at}/edit").fields(f"{at}/edit")
        assert form["place"] == "1817 Alder Creek Ln, Austin, TX 78745"
        client.post(f"{at}/edit", {**form, "service": "Tune-up", "place": "1 Oak St, Dallas, TX 75201", "notes": ""})

        now = appointment_of(id_)
        assert (now.service_type, now.city, now.zip, now.notes) == ("Tune-up", "Dallas", "75201", None)

    def test_rescheduled_to_a_day_and_time(
        self,
        client: Client,
        csr: User,
        rep: User,
        id_: UUID,
        at: str,
        appointment_of: AppointmentOf,
        tomorrow: datetime,
    ) -> None:
        page = f"{at}/reschedule"
        form = client.sign_in(csr).get(page).fields(page)
        assert form["rep"] == str(rep.id)
        day = (tomorrow + timedelta(days=2)).date().isoformat()
        shown = client.post(page, {**form, "show_day": day}, status=200)
        wanted = tomorrow + timedelta(days=2)
        client.post(page, {**shown.fields(page), "slot": f"{rep.id}/{wanted:%Y-%m-%dT%H:%MZ}"})

        assert appointment_of(id_).scheduled_start_at == wanted

    def test_its_own_time_is_offered_with_another_rep_to_who_may_give_it_away(
        self,
        client: Client,
        new_client: Callable[[], Client],
        csr: User,
        manager: User,
        rep: User,
        other_rep: User,
        at: str,
        tomorrow: datetime,
    ) -> None:
        page, moment = f"{at}/reschedule", f"{tomorrow:%Y-%m-%dT%H:%MZ}"

        def offered(who: User, **changed: str) -> set[str]:
            browser = new_client().sign_in(who)
            form = {**browser.get(page).fields(page), "rep": "", "show_day": tomorrow.date().isoformat(), **changed}
            shown = browser.post(page, form, status=200)
            [time] = [one for one in shown.all(".//input[@name='slot']") if str(one.get("value")).endswith(moment)]
            people = [one.get("value") for one in shown.all(".//select[@name='rep']/option") if one.get("value")]
            return {str(people[int(number)]) for number in str(time.get("data-free")).split()}

        own, others = str(rep.id), str(other_rep.id)
        assert offered(csr) == {own}
        assert offered(csr, minutes="30") == {own, others}
        assert offered(manager) == {own, others}

    def test_rescheduling_starts_at_the_current_time(
        self, client: Client, csr: User, rep: User, at: str, tomorrow: datetime
    ) -> None:
        page = f"{at}/reschedule"
        form = client.sign_in(csr).get(page).fields(page)

        here = tomorrow.astimezone(ZoneInfo("America/New_York"))
        assert form["slot"] == f"{rep.id}/{tomorrow:%Y-%m-%dT%H:%MZ}"
        assert (form["shown_on"], form["day"], form["time"]) == (str(here.date()), str(here.date()), f"{here:%H:%M}")

    @pytest.mark.parametrize("slot", ["typed", None], ids=["chosen", "typed over the current time"])
    def test_rescheduled_to_a_typed_date_and_time_and_back_by_undo(
        self, client: Client, csr: User, at: str, id_: UUID, appointment_of: AppointmentOf, tomorrow: datetime,
        slot: str | None,
    ) -> None:  # fmt: skip
        page, wanted = f"{at}/reschedule", tomorrow + timedelta(days=1, minutes=20)
        here = wanted.astimezone(ZoneInfo("America/New_York"))
        form = client.sign_in(csr).get(page).fields(page)
        typed = {**form, "day": str(here.date()), "time": f"{here:%H:%M}", "slot": slot or form["slot"]}

        after = client.follow(client.post(page, typed))

        assert appointment_of(id_).scheduled_start_at == wanted
        assert "Appointment rescheduled." in after.text
        [undo] = [str(one.get("action")) for one in after.all(".//form") if f"{page}?" in str(one.get("action"))]
        client.post(undo)
        assert appointment_of(id_).scheduled_start_at == tomorrow

    def test_a_typed_time_that_is_taken_stays_typed(
        self, client: Client, book: Book, csr: User, contact: ContactCard, at: str, tomorrow: datetime
    ) -> None:
        page, taken = f"{at}/reschedule", tomorrow + timedelta(hours=5)
        book(csr, about=About(contact_id=contact.id), start=taken)
        clock = f"{taken.astimezone(ZoneInfo('America/New_York')):%H:%M}"
        form = client.sign_in(csr).get(page).fields(page)

        refused = client.post(page, {**form, "time": clock, "slot": "typed"}, status=409)

        assert "Carl Jensen is busy at" in text_of(refused.one(".//*[@id='clash']"))
        assert (refused.fields(page)["slot"], refused.fields(page)["time"]) == ("typed", clock)
        assert refused.all(".//button[@name='instead']")

    def test_moving_has_one_page_and_its_former_address_leads_there(self, client: Client, csr: User, at: str) -> None:
        shown = client.sign_in(csr).get(at)

        assert shown.links["Reschedule"] == f"{at}/reschedule"
        assert "Move" not in shown.links
        assert client.get(f"{at}/move", status=301).headers["Location"] == f"{at}/reschedule"

    def test_where_something_is_already_others_are_offered(
        self,
        client: Client,
        book: Book,
        csr: User,
        rep: User,
        contact: ContactCard,
        id_: UUID,
        at: str,
        appointment_of: AppointmentOf,
        tomorrow: datetime,
    ) -> None:
        page, taken = f"{at}/reschedule", tomorrow + timedelta(hours=5)
        form = client.sign_in(csr).get(page).fields(page)
        book(csr, about=About(contact_id=contact.id), start=taken)
        refused = client.post(page, {**form, "slot": f"{rep.id}/{taken:%Y-%m-%dT%H:%MZ}"}, status=409)

        assert "Carl Jensen is busy at" in text_of(refused.one(".//*[@id='clash']"))
        assert appointment_of(id_).scheduled_start_at == tomorrow
        offer = str(refused.all(".//button[@name='instead']")[0].get("value"))
        again = {name: value for name, value in refused.fields(page).items() if name != "slot"}
        client.post(page, {**again, "instead": offer})
        assert appointment_of(id_).scheduled_start_at != tomorrow

    def test_deleted_there_it_leads_to_the_list_with_undo(
        self, client: Client, manager: User, id_: UUID, at: str, appointment_of: AppointmentOf
    ) -> None:
        client.sign_in(manager).get(at)
        answer = client.post(f"{at}/delete", {"version": "1"}, headers={"Referer": f"http://localhost{at}"})
        assert answer.headers["Location"] == "/appointments"
        undo = next(form for form in client.follow(answer).all(".//form") if "/trash/" in str(form.get("action")))
        client.post(str(undo.get("action")))

        assert appointment_of(id_).deleted_at is None


class TestAStaleForm:
    @pytest.mark.parametrize(
        ("step", "values"),
        [
            ("won", {"deal_value": "4200"}),
            ("lost", {"lost_reason": "Too expensive"}),
            ("cancel", {"reason": "Sold the house"}),
            ("complete", {}),
        ],
    )
    def test_it_saves_nothing_and_says_so(
        self,
        client: Client,
        csr: User,
        manager: User,
        new_client: Callable[[], Client],
        id_: UUID,
        at: str,
        appointment_of: AppointmentOf,
        step: str,
        values: dict[str, Any],
    ) -> None:
        form = client.sign_in(csr).get(at).fields(f"{at}/{step}", "post")
        theirs = new_client().sign_in(manager)
        other = theirs.get(f"{at}/edit").fields(f"{at}/edit")
        theirs.post(f"{at}/edit", {**other, "service": "Boiler"})

        page = client.post(f"{at}/{step}", {**form, **values}, status=409)

        assert "changed after you opened it" in page.text
        assert (appointment_of(id_).status, appointment_of(id_).version) == ("scheduled", 2)
        for name, value in values.items():
            assert page.fields(f"{at}/{step}", "post")[name] == value, "what was typed stays"
