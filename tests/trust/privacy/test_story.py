"""A person's request for their data, and then for its erasure."""

import json

from app.db.ids import uuid7
from app.models import User
from tests.support.client import Client
from tests.trust.privacy.conftest import (
    EMAIL,
    LAST,
    NAME,
    NUMBER,
    SECOND_NUMBER,
    SECRET_WORDS,
    SPELLED,
    LookEverywhere,
    Person,
    Work,
    ask_to_erase,
    download,
)

WORDS = (NAME, LAST, NUMBER, NUMBER[1:], SECOND_NUMBER, SPELLED, EMAIL, SECRET_WORDS, "flowerpot lane", "flowerpot ln")


def test_a_person_gets_their_data_and_is_forgotten(
    client: Client, admin: User, person: Person, work: Work, look_everywhere: LookEverywhere
) -> None:
    found = client.sign_in(admin).get(f"/privacy?q={SPELLED}")
    page = client.get(found.links[NAME])
    client.post(f"/privacy/{person.card.id}/export", page.fields(f"/privacy/{person.card.id}/export"))
    work()
    archive = download(client, client.get("/exports").links["Download"])
    data = json.loads(archive.read("data.json"))
    assert data["sections"]["contact_cards"][0]["email"] == EMAIL
    assert SECRET_WORDS in archive.read("index.html").decode()
    assert "Be kinder" not in archive.read("data.json").decode()
    assert look_everywhere(*WORDS)

    client.get(f"/calls.csv?q={SPELLED}").response.close()
    client.post("/exports", {"row_id": str(uuid7()), "kind": "calls", "query": f"q={EMAIL}"})

    answer = ask_to_erase(client, person.card.id)
    work()

    assert "Erased" in client.follow(answer).text
    assert look_everywhere(*WORDS) == []
