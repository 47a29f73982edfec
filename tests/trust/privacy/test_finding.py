"""Search for a person by any of their details."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, User
from app.trust.privacy.mention_queries import Mentions
from tests.support.client import Client
from tests.support.factories import Factories

NUMBER = "+13125559871"


@pytest.mark.parametrize(
    "clue",
    ["+1 312-555-9871", "(312) 555.9871", "3125559871", " Dana@Private.Example ", "dana del", "DANA DELGADO"],
)
def test_a_person_is_found_by_any_spelling(
    client: Client, make: Factories, organization: Organization, admin: User, clue: str
) -> None:
    card = make.contact(
        organization, first_name="Dana", last_name="Delgado", primary_phone=NUMBER, email="dana@private.example"
    )
    make.contact(organization, first_name="Dana", last_name="Other")
    make.contact(make.organization(), first_name="Dana", last_name="Delgado", primary_phone=NUMBER)

    page = client.sign_in(admin).get("/privacy?q=" + clue.replace("+", "%2B"))

    rows = page.all(".//table//tbody/tr")
    assert len(rows) == 1
    assert page.links["Dana Delgado"] == f"/privacy/{card.id}"


def test_a_person_is_found_by_the_id_of_their_card(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    card = make.contact(organization, first_name="Dana", last_name="Delgado")

    assert "Dana Delgado" in client.sign_in(admin).get(f"/privacy?q={card.id}").links


def test_deleted_cards_are_shown_and_called_so(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    card = make.contact(organization, primary_phone=NUMBER)
    make.deletion(card, root_type="contact_card", root_label="Dana")

    page = client.sign_in(admin).get("/privacy?q=3125559871")
    assert "Deleted" in "".join(page.one(".//table//tbody").itertext())
    assert "Deleted" in client.get(f"/privacy/{card.id}").text


def test_what_has_no_card_is_counted_and_gets_one(
    client: Client, make: Factories, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    for _ in range(2):
        make.call(organization, caller_number=NUMBER)
    make.call(organization, direction="outbound", called_number=NUMBER)
    make.message(organization, channel="sms", to_address=NUMBER, subject=None)
    page = client.sign_in(admin).get("/privacy?q=3125559871")
    assert "3 calls without a contact" in page.text
    assert "1 message without a contact" in page.text

    form = page.fields("/privacy/cards")
    places = {client.post("/privacy/cards", form).headers["Location"] for _ in range(2)}

    assert len(places) == 1
    (address,) = places
    assert "Calls 3" in client.get(address).text
    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM contact_cards")) == 1


def test_a_card_is_made_of_numbers_and_addresses_only(client: Client, admin: User) -> None:
    form = {"row_id": "01a1f88e-0000-7000-8000-000000000001", "clue": "nobody"}

    client.sign_in(admin).post("/privacy/cards", form, status=400)


def test_that_somebody_looked_is_recorded_but_not_for_whom(
    client: Client, make: Factories, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    make.contact(organization, primary_phone=NUMBER)
    client.sign_in(admin).get("/privacy?q=3125559871")

    with admin_engine.connect() as connection:
        (looked,) = connection.execute(
            text("SELECT actor_label, metadata FROM audit_logs WHERE action = 'contact_card.searched'")
        ).all()
    assert tuple(looked) == ("Ada Admin", {"by": "number", "found": 1})


@pytest.mark.parametrize("clue", ["x" * 5000, "'; DROP TABLE users --", "@", "+", "%F0%9F%98%80"])
def test_nonsense_finds_nobody(client: Client, admin: User, clue: str) -> None:
    assert client.sign_in(admin).get(f"/privacy?q={clue}").status == 200


class TestMentions:
    """Mentions of a person in texts about something else."""

    mentions = Mentions((NUMBER,), ("d'ana+x@private.example",), ('Dana "Q" O’Brien',))

    @pytest.mark.parametrize(
        "said",
        [
            "call (312) 555-9871 now",
            "+1 312.555.9871",
            "№13125559871",
            "D'ANA+X@private.example.",
            'dana "q"  o’brien',
            'Dana\n"Q" O’Brien',
            "q=%28312%29+555-9871&sort=name",
            "q=d%27ana%2Bx%40private.example",
            "/contacts?q=Dana+%22Q%22+O%E2%80%99Brien",
        ],
    )
    def test_these_do(self, said: str) -> None:
        assert self.mentions.are_in(said)
        taken = self.mentions.take_out(said)
        assert not self.mentions.are_in(taken)
        assert len(taken) == len(said)

    @pytest.mark.parametrize("said", ["93125559871", "31255598711", "Dana", "xd'ana+x@private.example", "O’Brien"])
    def test_these_do_not(self, said: str) -> None:
        assert not self.mentions.are_in(said)

    def test_json_stays_json(self) -> None:
        stored = {"to": 3125559871, "said": ['by Dana "Q" O’Brien', 7, None, True]}

        assert self.mentions.take_out(stored) == {"to": "•" * 10, "said": ["by " + "•" * 16, 7, None, True]}

    @pytest.mark.parametrize(
        "data",
        [
            b"From=%2B13125559871&To=1",
            b"who=d%27ana%2Bx%40private.example",
            b'{"name": "Dana \\"Q\\" O\\u2019Brien"}',
            'Dana "Q" O’Brien'.encode(),
            "3125559871".encode("utf-16"),
            "№3125559871".encode(),
        ],
    )
    def test_bytes_of_any_kind_are_read(self, data: bytes) -> None:
        assert self.mentions.are_in_bytes(data)
        assert not Mentions().are_in_bytes(data)


@pytest.mark.parametrize("clue", ["vander", "Marguerite V", "  HARBOR plumb "])
def test_a_person_is_found_by_last_name_and_by_company_too(
    client: Client, make: Factories, organization: Organization, admin: User, clue: str
) -> None:
    make.contact(organization, first_name="Marguerite", last_name="Vandersteen", company_name="Harbor Plumbing")
    make.contact(organization, first_name="Vanessa", last_name="Reyes")
    make.contact(make.organization(), first_name="Marguerite", last_name="Vandersteen", company_name="Harbor Plumbing")

    page = client.sign_in(admin).get(f"/privacy?{urlencode({'q': clue})}")

    assert [name for name in page.links if "Marguerite" in name or "Vanessa" in name] == ["Marguerite Vandersteen"]
