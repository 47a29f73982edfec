"""Refused erasures: wrong confirmation, legal hold, a running call or import, and missing permission."""

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.trust.privacy.conftest import EMAIL, FIRST, NUMBER, Erasures, LookEverywhere, Person, Work, ask_to_erase


class TestRefusals:
    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"confirmation": "yes"}, "Type the word as shown."),
            ({"reason": f"{FIRST.lower()} asked for it"}, "Don’t include anything that identifies the person."),
            ({"reason": "Letter of (312) 555-9871"}, "Don’t include anything that identifies the person."),
            ({"reason": ""}, "Enter a reason."),
        ],
        ids=["word", "first name", "number", "no reason"],
    )
    def test_what_is_typed_wrongly_erases_nobody(
        self, client: Client, admin: User, person: Person, erasures: Erasures, values: dict[str, str], sentence: str
    ) -> None:
        assert sentence in ask_to_erase(client.sign_in(admin), person.card.id, status=400, **values).text

        assert erasures() == []

    def test_data_that_is_held_stays(
        self, client: Client, admin: User, person: Person, erasures: Erasures, work: Work, admin_engine: Engine
    ) -> None:
        client.sign_in(admin)
        form = client.get(f"/privacy/{person.card.id}").fields(f"/privacy/{person.card.id}/erase")
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE organizations SET legal_hold = true, legal_hold_reason = 'Lawsuit 7'"))
        typed = {**form, "reason": "Asked for", "confirmation": "ERASE"}

        assert "Lawsuit 7" in client.post(f"/privacy/{person.card.id}/erase", typed, status=409).text
        assert "Lawsuit 7" in client.get(f"/privacy/{person.card.id}").text
        assert erasures() == []

    def test_a_hold_that_comes_before_the_worker_is_kept(
        self,
        client: Client,
        admin: User,
        person: Person,
        erasures: Erasures,
        work: Work,
        admin_engine: Engine,
        look_everywhere: LookEverywhere,
    ) -> None:
        answer = ask_to_erase(client.sign_in(admin), person.card.id)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE organizations SET legal_hold = true, legal_hold_reason = 'Lawsuit 7'"))
        work()

        assert "Lawsuit 7" in client.follow(answer).text
        assert [erasure.status for erasure in erasures()] == ["failed"]
        assert "contact_cards" in look_everywhere(EMAIL)

    def test_a_call_that_goes_on_has_to_end_first(
        self, client: Client, make: Factories, organization: Organization, admin: User, person: Person
    ) -> None:
        make.call(organization, contact_card_id=person.card.id, status="active", ended_at=None)

        assert "still in progress" in ask_to_erase(client.sign_in(admin), person.card.id, status=409).text

    def test_an_import_has_to_finish_first(
        self, client: Client, make: Factories, organization: Organization, admin: User, person: Person
    ) -> None:
        make.import_of_calls(organization, status="running")

        assert (
            "A running import may contain this person"
            in ask_to_erase(client.sign_in(admin), person.card.id, status=409).text
        )

    @pytest.mark.parametrize("role", [Role.CSR, Role.MANAGER, Role.EXEC, Role.SUPPORT])
    def test_who_may_not_erase_does_not_even_look(
        self, client: Client, make: Factories, organization: Organization, person: Person, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role))

        client.get("/privacy", status=403)
        client.get(f"/privacy/{person.card.id}", status=403)

    def test_somebody_of_another_organization_is_nobody(self, client: Client, make: Factories, person: Person) -> None:
        client.sign_in(make.user(make.organization(), Role.OWNER))

        client.get(f"/privacy/{person.card.id}", status=404)
        assert "No matching contacts" in client.get(f"/privacy?q={NUMBER}").text
        client.post(f"/privacy/{person.card.id}/export", {"row_id": str(person.call.id)}, status=404)
