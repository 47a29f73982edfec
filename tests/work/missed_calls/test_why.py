"""Reasons for missed calls, in the queue and on the page of an entry, and acceptance of what callers said."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from app.models import Call, ContactCard, MissedCallEntry, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.missed_calls.conftest import Now

SAID = "This is Brandon Warner at 333 Limestone Ct. There’s water coming through the ceiling."
SOUND_KEY = "{}/recordings/01890000-0000-7000-8000-000000000000.wav"

Leave = Callable[..., MissedCallEntry]


@pytest.fixture
def nameless(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, first_name=None, last_name=None, address_line_1=None)


@pytest.fixture
def left(make: Factories, organization: Organization, nameless: ContactCard) -> Leave:
    """Function that creates an entry with one call for each dictionary of values, oldest first.

    A value `said` is the transcript of a call.
    """

    def leave(*calls: dict[str, Any]) -> MissedCallEntry:
        entry: MissedCallEntry | None = None
        for place, values in enumerate(calls):
            said = values.pop("said", None)
            started = datetime.now(UTC) - timedelta(minutes=30 - place)
            joined: dict[str, Any] = {"missed_entry_id": entry.id} if entry else {}
            known = {"contact_card_id": nameless.id, "caller_number": nameless.primary_phone, "started_at": started}
            call: Call = make.call(organization, **{"status": "missed", "ended_at": None, **known, **joined, **values})
            if said:
                greeting = {"speaker": "agent", "text": "Leave a message."}
                turns = [greeting, {"speaker": "customer", "text": said}]
                make.transcript(call, speaker_labels=turns, transcript_text=said)
            entry = entry or make.missed_entry(organization, call=call)
        assert entry is not None
        return entry

    return leave


def row_of(page: Page, entry: MissedCallEntry) -> str:
    return f".//tbody[@id='entry-{entry.id}']/tr[1]"


def words_of(client: Client, entry: MissedCallEntry) -> str:
    page = client.get("/missed-calls?tab=to_do")
    [cell] = [cell for cell in page.all(row_of(page, entry) + "/td") if cell.get("class") == "p2" and len(cell)][:1]
    return " ".join(text_of(cell).split())


def test_a_row_has_the_newest_words_their_length_and_the_number_of_calls(
    client: Client, csr: User, left: Leave
) -> None:
    entry = left(
        {"status": "voicemail", "said": "An older message.", "duration_seconds": 9},
        {"status": "voicemail", "said": SAID, "duration_seconds": 23},
        {},
    )

    assert words_of(client.sign_in(csr), entry) == f"{SAID} Voicemail, 0:23 · called 3 times"


def test_long_words_are_cut(client: Client, csr: User, left: Leave) -> None:
    entry = left({"status": "voicemail", "said": "water " * 100})
    [quoted] = client.sign_in(csr).get("/missed-calls?tab=to_do").all(f".//tbody[@id='entry-{entry.id}']//td//q")

    assert text_of(quoted).endswith("…")
    assert len(text_of(quoted)) <= 160


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "voicemail", "duration_seconds": 23}, "Voicemail, 0:23"),
        ({"status": "voicemail"}, "Voicemail"),
        ({"duration_seconds": 52}, "Hung up after 0:52"),
        ({"waited_seconds": 77}, "Hung up after 1:17"),
        ({}, "Hung up"),
    ],
)
def test_without_words_a_row_has_the_length(
    client: Client, csr: User, left: Leave, values: dict[str, Any], words: str
) -> None:
    assert words_of(client.sign_in(csr), left(values)) == words


def test_a_recording_without_words_has_a_player(
    client: Client, csr: User, left: Leave, organization: Organization
) -> None:
    entry = left({"status": "voicemail", "audio_url": SOUND_KEY.format(organization.id)}, {})
    page = client.sign_in(csr).get("/missed-calls?tab=to_do")

    sounds = {sound.get("src") for sound in page.all(row_of(page, entry) + "//audio")}
    assert sounds == {f"/calls/{entry.call_id}/audio"}


def claim(admin_engine: Engine, entry: MissedCallEntry, person: User) -> None:
    values = {"status": "claimed", "claimed_by": person.id, "claim_expires_at": datetime.now(UTC) + timedelta(hours=1)}
    with admin_engine.begin() as connection:
        connection.execute(update(MissedCallEntry).where(MissedCallEntry.id == entry.id).values(**values))


def uses(page: Page) -> list[str]:
    return sorted(
        (form.get("action") or "").rpartition("/")[2]
        for form in page.all(".//form")
        if "/said/" in (form.get("action") or "")
    )


def test_what_was_said_becomes_the_contacts_only_when_accepted(
    client: Client, csr: User, left: Leave, nameless: ContactCard, now: Now, admin_engine: Engine
) -> None:
    entry = left({"status": "voicemail", "said": SAID})
    claim(admin_engine, entry, csr)
    page = client.sign_in(csr).get(f"/missed-calls/{entry.id}")
    assert uses(page) == ["address", "name"]
    assert now(nameless).full_name is None

    client.post(f"/missed-calls/{entry.id}/said/name", {"value": "Brandon Warner"})
    row = client.post(
        f"/missed-calls/{entry.id}/said/address",
        {"value": "333 Limestone Ct"},
        status=200,
        headers={"HX-Request": "true"},
    )

    stored = now(nameless)
    assert (stored.first_name, stored.last_name, stored.address_line_1) == ("Brandon", "Warner", "333 Limestone Ct")
    assert stored.version > nameless.version
    assert uses(row) == []


def test_before_a_claim_a_csr_reads_but_changes_nothing(
    client: Client, csr: User, left: Leave, nameless: ContactCard, now: Now
) -> None:
    entry = left({"status": "voicemail", "said": SAID})
    page = client.sign_in(csr).get(f"/missed-calls/{entry.id}")
    client.post(f"/missed-calls/{entry.id}/said/name", {"value": "Brandon Warner"}, status=404)

    assert "Brandon Warner" in page.text
    assert uses(page) == []
    assert now(nameless).full_name is None


@pytest.mark.parametrize(("role", "status"), [(Role.SUPPORT, 403), (Role.EXEC, 403), (Role.SALES_REP, 403)])
def test_who_cannot_change_contacts_accepts_nothing(
    client: Client, make: Factories, organization: Organization, left: Leave, role: Role, status: int
) -> None:
    entry = left({"status": "voicemail", "said": SAID})
    client.sign_in(make.user(organization, role))

    client.post(f"/missed-calls/{entry.id}/said/name", {"value": "Brandon Warner"}, status=status)


def test_a_name_is_never_replaced(
    client: Client, manager: User, left: Leave, nameless: ContactCard, now: Now, admin_engine: Engine
) -> None:
    entry = left({"status": "voicemail", "said": SAID})
    with admin_engine.begin() as connection:
        named = (
            update(ContactCard)
            .where(ContactCard.id == nameless.id)
            .values(first_name="Ruth", address_line_1="1 Elm St")
        )
        connection.execute(named)
    client.sign_in(manager)
    for part, value in (("name", "Brandon Warner"), ("address", "333 Limestone Ct")):
        client.post(f"/missed-calls/{entry.id}/said/{part}", {"value": value})

    assert (now(nameless).full_name, now(nameless).address_line_1) == ("Ruth", "1 Elm St")


def test_only_what_was_shown_is_accepted(
    client: Client, manager: User, left: Leave, nameless: ContactCard, now: Now
) -> None:
    entry = left({"status": "voicemail", "said": SAID})
    client.sign_in(manager).post(f"/missed-calls/{entry.id}/said/name", {"value": "Mallory"})

    assert now(nameless).full_name is None
