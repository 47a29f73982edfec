"""Panels next to a call, for a note about it and for its contact."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Call, CallNote, ContactCard, Organization, Role, User
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

Stored = Callable[[Any], Any]


def panel_of(page: Page) -> str:
    return text_of(page.one(".//*[@id='side-panel']"))


def form_of(page: Page, name: str) -> tuple[str, dict[str, Any]]:
    action = page.one(f".//form[@id='{name}']").get("action") or ""
    return action, page.fields(action)


class TestNote:
    def test_it_is_written_once_and_shown_in_the_panel_and_on_the_page(
        self, client: Client, csr: User, call: Call, behind: Behind
    ) -> None:
        action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=note"), "panel-note")
        sent = {**form, "body": "Asks for the price first."}

        page = client.follow(client.post(action, sent))
        client.post(action, sent)

        assert behind.one(CallNote, call_id=call.id).kind == "note"
        assert "Asks for the price first." in panel_of(page)
        assert "Asks for the price first." in text_of(page.one(".//*[@id='call-timeline']"))

    def test_without_words_it_comes_back(self, client: Client, csr: User, call: Call) -> None:
        action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=note"), "panel-note")

        assert "Enter some text." in client.post(action, form, status=400, headers=HTMX).text
        assert "Enter some text." in client.post(action, form, status=400).text

    def test_who_may_not_write_about_the_call_has_no_form(
        self, client: Client, make: Factories, organization: Organization, call: Call
    ) -> None:
        page = client.sign_in(make.user(organization, Role.SUPPORT)).get(f"/calls/{call.id}?panel=note")

        assert panel_of(page) == ""


class TestContact:
    def test_the_card_in_short_leads_to_its_page(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        contact = make.contact(organization, first_name="Ruth", last_name="Delgado", city="Austin")
        call = make.call(organization, csr=csr, contact_card_id=contact.id)

        page = client.sign_in(csr).get(f"/calls/{call.id}?panel=contact")

        assert "Austin" in panel_of(page)
        assert page.links["Open contact"] == f"/contacts/{contact.id}"

    def test_a_caller_without_one_gets_it_with_their_number(
        self, client: Client, csr: User, call: Call, behind: Behind, organization: Organization, stored: Stored
    ) -> None:
        action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=contact"), "contact-form")
        assert form["phone"] == call.caller_number
        sent = {**form, "first_name": "Ruth", "last_name": "Delgado"}

        page = client.follow(client.post(action, sent))
        client.post(action, sent)

        contact = behind.one(ContactCard, organization_id=organization.id)
        assert stored(call).contact_card_id == contact.id
        assert page.one(".//h1").text == "Ruth Delgado", "the call is theirs"
        assert page.links["Open contact"] == f"/contacts/{contact.id}"

    def test_a_missed_caller_gets_one_too(
        self, client: Client, make: Factories, organization: Organization, csr: User, behind: Behind, stored: Stored
    ) -> None:
        missed = make.call(organization, status="missed")
        entry = make.missed_entry(organization, call=missed)
        page = client.sign_in(csr).get(f"/missed-calls/{entry.id}?panel=contact")
        action, form = form_of(page, "contact-form")

        client.post(action, {**form, "first_name": "Ruth"})

        contact = behind.one(ContactCard, organization_id=organization.id)
        assert (stored(entry).contact_card_id, stored(missed).contact_card_id) == (contact.id, contact.id)

    def test_whose_number_it_is_is_said_at_once(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        known = make.contact(organization, first_name="Ruth", last_name="Delgado")
        call = make.call(organization, csr=csr, caller_number=known.primary_phone)

        page = client.sign_in(csr).get(f"/calls/{call.id}?panel=contact")

        assert "Ruth Delgado has the number" in panel_of(page)

    def test_a_number_that_is_taken_is_refused_and_the_call_stays_as_it_is(
        self, client: Client, make: Factories, organization: Organization, csr: User, stored: Stored
    ) -> None:
        known = make.contact(organization, first_name="Ruth", last_name="Delgado")
        call = make.call(organization, csr=csr, caller_number=known.primary_phone)
        action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=contact"), "contact-form")

        answer = client.post(action, {**form, "first_name": "Else"}, status=409, headers=HTMX)

        assert form_of(answer, "contact-form")[1]["first_name"] == "Else"
        assert stored(call).contact_card_id is None

    @pytest.mark.parametrize("whose", ["colleague", "stranger"])
    def test_a_call_that_is_not_mine_gets_no_contact_of_mine(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        csr: User,
        call: Call,
        colleague: User,
        strangers_call: Call,
        stored: Stored,
        whose: str,
    ) -> None:
        theirs = make.call(organization, csr=colleague) if whose == "colleague" else strangers_call
        action, form = form_of(client.sign_in(csr).get(f"/calls/{call.id}?panel=contact"), "contact-form")

        client.post(action.replace(f"of={call.id}", f"of={theirs.id}"), {**form, "first_name": "Ruth"})

        assert (stored(theirs).contact_card_id, stored(call).contact_card_id) == (None, None)
