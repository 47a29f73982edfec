"""The page of a lead and its forms, as people use them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Lead, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of
from tests.work.leads.conftest import Stored, Told


def differences(page: Page) -> list[str]:
    """Return the field, current value and submitted value of each conflict."""
    return [text_of(row) for row in page.all(".//*[@class='conflict']//tbody/tr")]


def toasts(page: Page) -> str:
    return " ".join(text_of(toast) for toast in page.all(".//*[@data-toast]"))


class TestThePage:
    def test_it_tells_facts_work_and_what_happened(
        self, client: Client, make: Factories, organization: Organization, manager: User, rep: User, lead: Lead
    ) -> None:
        make.call(organization, lead_id=lead.id, topic="Water heater")
        make.call(organization, topic="Other")
        make.appointment(organization, lead_id=lead.id, service_type="Furnace repair", sales_rep_id=rep.id)
        client.sign_in(manager)
        form = client.get(f"/leads/{lead.id}/assign").fields(f"/leads/{lead.id}/assign")
        client.post(f"/leads/{lead.id}/assign", {**form, "rep": str(rep.id)})

        page = client.get(f"/leads/{lead.id}")

        assert "Lead: Ruth Delgado" in page.text
        for words in ("Maya Torres", "Carl Jensen", "Water heater", "Furnace repair", "Assigned by Marcus Bell"):
            assert words in page.text
        assert "Unassigned → Carl Jensen" in page.text
        assert "Other" not in page.text

    def test_an_activity_alone_is_nothing_that_happened(
        self, client: Client, manager: User, lead: Lead, admin_engine: Engine
    ) -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE leads SET last_activity_at = now() WHERE id = :id"), {"id": lead.id})
            entries = connection.scalar(
                text("SELECT count(*) FROM audit_logs WHERE resource_id = :id AND before IS NOT NULL"), {"id": lead.id}
            )

        page = client.sign_in(manager).get(f"/leads/{lead.id}")

        assert entries == 1
        assert "Changed by" not in page.text

    def test_a_dead_lead_says_why_and_whose_it_is(
        self, client: Client, make: Factories, organization: Organization, manager: User, csr: User
    ) -> None:
        dead = make.lead(organization, csr_id=csr.id, stage="dead", closed_at=DAY, dead_reason="No money")

        page = client.sign_in(manager).get(f"/leads/{dead.id}")

        [facts] = page.all(".//main//dl")
        told = dict(zip(map(text_of, facts.findall("dt")), map(text_of, facts.findall("dd")), strict=True))
        assert (told["Reason"], told["CSR"], told["Sales rep"]) == ("No money", csr.name, "Unassigned")

    def test_calls_and_appointments_are_those_one_may_see(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, lead: Lead
    ) -> None:
        make.call(organization, csr=csr, lead_id=lead.id, topic="Mine")
        make.call(organization, csr=colleague, lead_id=lead.id, topic="Theirs")
        make.appointment(organization, lead_id=lead.id, csr_id=colleague.id, service_type="Their visit")

        page = client.sign_in(csr).get(f"/leads/{lead.id}")

        assert "Mine" in page.text
        assert "Theirs" not in page.text
        assert "Their visit" not in page.text

    def test_of_many_the_latest_are_shown(
        self, client: Client, make: Factories, organization: Organization, manager: User, lead: Lead
    ) -> None:
        with make.batch():
            for number in range(12):
                make.call(
                    organization, lead_id=lead.id, topic=f"Topic {number:02}", started_at=DAY + timedelta(hours=number)
                )

        page = client.sign_in(manager).get(f"/leads/{lead.id}")

        assert "Topic 11" in page.text
        assert "Topic 02" in page.text
        assert "Topic 01" not in page.text
        assert page.links["All calls with this contact"].endswith(f"contact={lead.contact_card_id}")

    def test_the_list_leads_to_it(self, client: Client, manager: User, lead: Lead) -> None:
        assert client.sign_in(manager).get("/leads").links["Ruth Delgado"] == f"/leads/{lead.id}"

    @pytest.mark.parametrize("way", ["", "/edit", "/stage"])
    def test_a_colleagues_and_a_strangers_are_not_there(
        self,
        client: Client,
        new_client: Callable[[], Client],
        manager: User,
        colleague: User,
        lead: Lead,
        strangers_lead: Lead,
        way: str,
    ) -> None:
        client.sign_in(colleague).get(f"/leads/{lead.id}{way}", status=404)
        new_client().sign_in(manager).get(f"/leads/{strangers_lead.id}{way}", status=404)

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_only_reads_is_offered_nothing(
        self, client: Client, make: Factories, organization: Organization, lead: Lead, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role))

        page = client.get(f"/leads/{lead.id}")

        assert "Move to" not in page.text
        assert "Edit" not in page.links
        client.get(f"/leads/{lead.id}/edit", status=403)


class TestMoving:
    def test_a_button_moves_it_and_undo_takes_it_back(
        self, client: Client, csr: User, lead: Lead, stored: Stored, told: Told
    ) -> None:
        address = f"/leads/{lead.id}/stage"
        client.sign_in(csr).get(f"/leads/{lead.id}")

        page = client.follow(client.post(address, {"stage": "qualified", "version": "1"}))

        assert "Moved to Qualified." in toasts(page)
        assert stored(lead).stage == "qualified"
        page = client.follow(client.post(f"/leads/{lead.id}/undo?version=2"))
        assert "Undone." in toasts(page)
        assert stored(lead).stage == "new"
        assert told(lead) == ["lead.stage.changed", "lead.stage.changed"]
        page = client.follow(client.post(f"/leads/{lead.id}/undo?version=2"))
        assert "Nothing was undone." in toasts(page)

    def test_dead_asks_why(self, client: Client, csr: User, lead: Lead, stored: Stored) -> None:
        client.sign_in(csr)
        address = client.get(f"/leads/{lead.id}").links["Move to Dead…"]
        form = client.get(address).fields(f"/leads/{lead.id}/stage")
        assert form["stage"] == "dead"

        page = client.post(f"/leads/{lead.id}/stage", form, status=400)
        assert "Briefly explain why." in page.text
        client.post(f"/leads/{lead.id}/stage", {**form, "reason": "Went with a neighbour"})

        assert (stored(lead).stage, stored(lead).dead_reason) == ("dead", "Went with a neighbour")
        client.post(f"/leads/{lead.id}/reopen", {"version": "2"})
        assert stored(lead).stage == "new"

    def test_a_stale_card_is_told_and_both_are_shown(
        self, client: Client, new_client: Callable[[], Client], csr: User, manager: User, lead: Lead, stored: Stored
    ) -> None:
        client.sign_in(csr).get(f"/leads/{lead.id}")
        theirs = new_client().sign_in(manager)
        theirs.get(f"/leads/{lead.id}")
        theirs.post(f"/leads/{lead.id}/stage", {"stage": "dead", "reason": "Moved away", "version": "1"})

        mine = {"stage": "qualified", "version": "1", "reason": "", "back": "/leads"}
        page = client.post(f"/leads/{lead.id}/stage", mine, status=409)

        assert differences(page) == ["Stage Dead Qualified", "Reason Moved away –"]
        assert stored(lead).stage == "dead"

    def test_what_comes_of_a_booking_is_refused_in_words(
        self, client: Client, csr: User, lead: Lead, stored: Stored
    ) -> None:
        client.sign_in(csr).get(f"/leads/{lead.id}")

        page = client.post(f"/leads/{lead.id}/stage", {"stage": "booked", "version": "1"}, status=409)

        assert "Book an appointment to move a lead to Booked." in page.text
        assert stored(lead).stage == "new"


class TestForms:
    def test_what_is_known_is_saved(self, client: Client, csr: User, lead: Lead, stored: Stored) -> None:
        address = f"/leads/{lead.id}/edit"
        form = client.sign_in(csr).get(address).fields(address)
        assert "csr" not in form

        client.post(address, {**form, "qualification": "warm"})

        assert (stored(lead).qualification_status, stored(lead).qualification_source) == ("warm", "user")

    def test_a_qualification_that_is_taken_back_is_nobodys(
        self, client: Client, csr: User, lead: Lead, stored: Stored
    ) -> None:
        address = f"/leads/{lead.id}/edit"
        client.sign_in(csr)
        for qualification in ("warm", ""):
            client.post(address, {**client.get(address).fields(address), "qualification": qualification})

        assert (stored(lead).qualification_status, stored(lead).qualification_source) == (None, None)

    def test_a_stale_form_shows_both(
        self, client: Client, new_client: Callable[[], Client], csr: User, manager: User, lead: Lead, stored: Stored
    ) -> None:
        address = f"/leads/{lead.id}/edit"
        form = client.sign_in(csr).get(address).fields(address)
        theirs = new_client().sign_in(manager)
        theirs.post(address, {**theirs.get(address).fields(address), "qualification": "hot"})

        page = client.post(address, {**form, "qualification": "cold"}, status=409)

        assert differences(page) == ["Qualification Hot Cold"]
        client.post(address, page.fields(address))
        assert stored(lead).qualification_status == "cold"

    def test_a_lead_goes_to_whose_turn_it_is(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        manager: User,
        rep: User,
        lead: Lead,
        stored: Stored,
    ) -> None:
        busy = make.user(organization, Role.SALES_REP)
        make.lead(organization, assigned_rep_id=busy.id)
        address = f"/leads/{lead.id}/assign"
        form = client.sign_in(manager).get(address).fields(address)

        client.post(address, {**form, "rep": "fewest"})

        assert stored(lead).assigned_rep_id == rep.id

    def test_deleting_it_on_its_page_leads_to_the_list(self, client: Client, manager: User, lead: Lead) -> None:
        page = client.sign_in(manager).get(f"/leads/{lead.id}")
        data = page.fields(f"/leads/{lead.id}/delete")

        page = client.follow(client.post(f"/leads/{lead.id}/delete", data))

        assert "Lead deleted." in toasts(page)
        client.get(f"/leads/{lead.id}", status=404)


class TestNew:
    def test_a_contact_is_found_by_their_number(
        self, client: Client, make: Factories, organization: Organization, manager: User, stored: Stored
    ) -> None:
        contact = make.contact(organization, primary_phone="+12125550142")
        form = client.sign_in(manager).get("/leads/new").fields("/leads/new")

        refused = client.post("/leads/new", {**form, "number": "212 555 0199"}, status=400)
        assert "No contact has this number. Add the contact first." in refused.text
        client.post("/leads/new", {**form, "number": "(212) 555-0142", "qualification": "hot"})

        lead: Any = stored(Lead(organization_id=organization.id, id=form["row_id"]))
        assert (lead.contact_card_id, lead.qualification_status, lead.stage) == (contact.id, "hot", "new")

    def test_a_call_brings_its_contact_and_is_about_the_lead_then(
        self, client: Client, make: Factories, organization: Organization, csr: User, stored: Stored
    ) -> None:
        contact = make.contact(organization, first_name="Ada", last_name="Lane")
        call = make.call(organization, csr=csr, contact_card_id=contact.id)
        page = client.sign_in(csr).get(f"/leads/new?call={call.id}")
        assert "Ada Lane" in page.text

        client.post("/leads/new", page.fields("/leads/new"))

        assert stored(call).lead_id is not None

    def test_a_second_open_one_is_told_which_is_open(self, client: Client, csr: User, lead: Lead) -> None:
        address = f"/leads/new?contact={lead.contact_card_id}"
        form = client.sign_in(csr).get(address).fields("/leads/new")

        page = client.post("/leads/new", form, status=409)

        assert page.links["Open other lead"] == f"/leads/{lead.id}"

    def test_somebody_elses_contact_is_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        contact = make.contact(organization, created_by=colleague.id)

        client.sign_in(csr).get(f"/leads/new?contact={contact.id}", status=404)
