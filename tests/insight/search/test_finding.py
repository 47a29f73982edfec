"""Search for people and records by typed text, grouped by type, with the best match first."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.declarations.found import Found
from app.declarations.registry import install_registry, registry_of
from app.features import FEATURES
from app.insight.search.page import search_page
from app.models import WAITING_STATUSES, EntryStatus, MissedCallEntry, Organization, PhoneNumber, Role
from app.security.guard import access_of
from app.work.phone_numbers.resource import PHONE_NUMBER
from tests.insight.search.conftest import Asking
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

GREETING = "Comfort Heating. Leave a message."

Recording = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.MANAGER, name="Mara Manager"))


def groups(page: Page) -> dict[str, list[str]]:
    """Return the titles of the results, by the headings of their groups."""
    titles = ".//li//*[@class='hit']/span[@class='hit-text']/span[@class='trunc']"
    return {
        text_of(section.findall(".//h2")[0]): [text_of(title) for title in section.findall(titles)]
        for section in page.all(".//main//section")
    }


def test_what_is_about_somebody_stands_in_groups(manager: Client, make: Factories, organization: Organization) -> None:
    them = make.contact(organization, first_name="Denise", last_name="Aguilar", primary_phone="+13125550177")
    call = make.call(organization, contact_card_id=them.id, topic="Water heater")
    make.task(organization, title="Call Denise Aguilar back")
    page = manager.get("/search?q=aguilar")

    assert groups(page) == {
        "Contacts": ["Denise Aguilar"],
        "Calls": ["Denise Aguilar"],
        "Tasks": ["Call Denise Aguilar back"],
    }
    assert f"/calls/{call.id}" in page.html
    assert "Water heater" in page.text
    assert "(312) 555-0177" in page.text


@pytest.mark.parametrize("typed", ["+1 312 555 0177", "0177", "(312) 555", "3125550177", "5550177", "1-312-555-0177"])
def test_a_number_is_found_in_any_spelling(
    manager: Client, make: Factories, organization: Organization, typed: str
) -> None:
    make.contact(organization, first_name="Denise", last_name="Aguilar", primary_phone="+13125550177")
    make.contact(organization, first_name="Harold", last_name="Kim", primary_phone="+17735550119")

    assert groups(manager.get(f"/search?q={typed.replace('+', '%2B')}")) == {"Contacts": ["Denise Aguilar"]}


def test_a_number_that_nobody_knows_finds_its_calls(
    manager: Client, make: Factories, organization: Organization
) -> None:
    call = make.call(organization, caller_number="+13125550188", contact_card_id=None)

    assert f"/calls/{call.id}" in manager.get("/search?q=312 555 0188").html


def test_the_whole_word_comes_before_a_part_and_ones_own_before_others(
    make: Factories, organization: Organization, asking: Asking
) -> None:
    me = make.user(organization, Role.MANAGER)
    for last in ("Blackstone", "Stoneman"):
        make.contact(organization, first_name="Ann", last_name=last)
    make.contact(organization, first_name="Mine", last_name="Stone", created_by=me.id)
    make.contact(organization, first_name="Later", last_name="Stone", updated_at=DAY + timedelta(days=1))
    with asking(me) as actor:
        [contacts] = [group for group in search_page(actor, "stone").groups if group.name == "contact_card"]

    assert [hit.title for hit in contacts.hits] == ["Mine Stone", "Later Stone", "Ann Stoneman", "Ann Blackstone"]


def test_ones_own_are_among_the_many_that_are_looked_at(
    make: Factories, organization: Organization, asking: Asking
) -> None:
    me = make.user(organization, Role.MANAGER)
    make.contact(organization, first_name="Mine", last_name="Stone", created_by=me.id, updated_at=DAY)
    with make.batch():
        for number in range(60):
            make.contact(
                organization, first_name=f"New {number}", last_name="Stone", updated_at=DAY + timedelta(days=1)
            )
    with asking(me) as actor:
        [contacts] = [group for group in search_page(actor, "stone").groups if group.name == "contact_card"]

    assert contacts.hits[0].title == "Mine Stone"


def test_a_name_with_an_accent_is_as_near_as_one_without(
    make: Factories, organization: Organization, asking: Asking
) -> None:
    make.contact(organization, first_name="Zoë", last_name="Peña", updated_at=DAY)
    make.contact(organization, first_name="Ann", last_name="Penalver", updated_at=DAY + timedelta(days=1))
    with asking(make.user(organization, Role.MANAGER)) as actor:
        [contacts] = [group for group in search_page(actor, "pena").groups if group.name == "contact_card"]

    assert [hit.title for hit in contacts.hits] == ["Zoë Peña", "Ann Penalver"]


def test_more_than_is_shown_stands_in_the_list(manager: Client, make: Factories, organization: Organization) -> None:
    with make.batch():
        for number in range(6):
            make.contact(organization, first_name=f"Person {number}", last_name="Delgado")
    page = manager.get("/search?q=delgado")

    assert len(groups(page)["Contacts"]) == 5
    assert len(manager.get(page.links["All results: Contacts"]).all(".//main//tbody/tr")) == 6


def test_pages_and_what_one_can_do_are_found_by_those_who_may(
    new_client: Callable[[], Client], make: Factories, organization: Organization
) -> None:
    csr, executive = (new_client().sign_in(make.user(organization, role)) for role in (Role.CSR, Role.EXEC))

    assert groups(csr.get("/search?q=book")) == {"Actions": ["Book an appointment"]}
    assert groups(csr.get("/search?q=missed calls"))["Go to"] == ["Missed calls"]
    assert groups(csr.get("/search?q=calender"))["Go to"] == ["Calendar"]
    assert "Actions" not in groups(executive.get("/search?q=book"))


def test_every_command_leads_where_who_is_offered_it_may_go(app: Flask) -> None:
    commands = [command for feature in FEATURES for command in feature.commands]
    methods = {rule.endpoint: rule.methods or set() for rule in app.url_map.iter_rules()}

    assert {"Book an appointment", "New contact", "Call next caller"} <= {str(command.label) for command in commands}
    for command in commands:
        access = access_of(app, command.endpoint)
        assert access is not None
        assert access.all_of == (command.permission,)
        assert ("POST" if command.is_done_at_once else "GET") in methods[command.endpoint]


def test_what_is_done_at_once_is_sent_by_a_form(manager: Client, make: Factories, organization: Organization) -> None:
    make.missed_entry(organization)
    page = manager.get("/search?q=call next caller")
    done = manager.post("/missed-calls/claim-next", page.fields("/missed-calls/claim-next", "post"))

    assert "open=" in done.headers["Location"]


def test_an_empty_answer_says_what_was_searched_and_what_to_try(manager: Client) -> None:
    page = manager.get("/search?q=xyzzyx")

    assert "No results for “xyzzyx”" in page.text
    assert "Contacts, People, Missed calls, Calls, Appointments, Leads, Tasks, Knowledge items and pages" in page.text
    assert "A single character matches too much." in manager.get("/search?q=%C3%9F").text


def test_close_names_are_told_from_the_one_that_was_typed(
    manager: Client, make: Factories, organization: Organization
) -> None:
    make.contact(organization, first_name="Denise", last_name="Aguilar")
    page = manager.get("/search?q=agiular")

    assert "Nothing matches “agiular” exactly. Similar results:" in page.text
    assert groups(page) == {"Contacts": ["Denise Aguilar"]}
    assert "All results: Contacts" not in page.links


@pytest.mark.parametrize(
    "typed", ["lora hodges", "hodges lora", "Lora Hodges", "laura hogdez", "larua hodgse", "laura hdgs", "Лора Hodges"]
)
def test_a_word_can_have_two_letters_wrong(
    make: Factories, organization: Organization, asking: Asking, typed: str
) -> None:
    with make.batch():
        for first in ("Laura", "Lena", "Gloria", "Olga", "Donna", "Rosa"):
            for number in range(10 if first != "Laura" else 1):
                make.contact(
                    organization, first_name=first, last_name="Hodges", updated_at=DAY + timedelta(days=number)
                )
    with asking(make.user(organization, Role.MANAGER)) as actor:
        [contacts] = [group for group in search_page(actor, typed).groups if group.name == "contact_card"]

    assert contacts.hits[0].title == "Laura Hodges"


@pytest.mark.parametrize("typed", ["lora", "lara hodgms lorna", "bora hotches"])
def test_more_letters_wrong_find_nobody(
    make: Factories, organization: Organization, asking: Asking, typed: str
) -> None:
    make.contact(organization, first_name="Laura", last_name="Hodges")
    with asking(make.user(organization, Role.MANAGER)) as actor:
        assert search_page(actor, typed).groups == ()


def test_a_waiting_caller_is_found_by_name_and_number(
    manager: Client, make: Factories, organization: Organization
) -> None:
    them = make.contact(organization, first_name="Denise", last_name="Aguilar", city="Springfield")
    call = make.call(organization, contact_card_id=them.id)
    entry = make.missed_entry(organization, call=call, contact_card_id=them.id)
    stranger = make.missed_entry(
        organization, call=make.call(organization, caller_number="+13125550188", contact_card_id=None)
    )
    for typed in ("aguilar", "aguilra denise"):
        assert groups(manager.get(f"/search?q={typed}"))["Missed calls"] == ["Denise Aguilar"]
    for typed in ("312 555 0188", "0188", "1-312-555-0188"):
        page = manager.get(f"/search?q={typed}")
        assert groups(page)["Missed calls"] == ["(312) 555-0188"]
        assert f"/missed-calls/{stranger.id}" in page.html
    assert f"/missed-calls/{entry.id}" in manager.get("/search?q=aguilar").html
    assert "Missed calls" not in groups(manager.get("/search?q=188"))


@pytest.mark.parametrize("status", [one for one in EntryStatus if one not in WAITING_STATUSES])
def test_a_caller_who_no_longer_waits_is_not_found(
    manager: Client, make: Factories, organization: Organization, status: EntryStatus
) -> None:
    now = datetime.now(UTC)
    ended = {"resolved_at": now, "rescued_by": "auto" if status is EntryStatus.RESCUED else None}
    call = make.call(organization, caller_number="+13125550188", contact_card_id=None)
    make.missed_entry(organization, call=call, status=status, **ended)

    assert "Missed calls" not in groups(manager.get("/search?q=312 555 0188"))


def test_a_waiting_caller_discloses_nothing_else_of_a_contact_outside_the_scope(
    client: Client, make: Factories, organization: Organization
) -> None:
    them = make.contact(
        organization,
        first_name="Denise",
        last_name="Aguilar",
        company_name="Aguilar Bakery",
        city="Springfield",
        email="d@mail.example",
        primary_phone="+13125550177",
    )
    call = make.call(organization, contact_card_id=them.id, caller_number="+13125550177", topic="Water heater")
    make.missed_entry(organization, call=call, contact_card_id=them.id)
    page = client.sign_in(make.user(organization, Role.CSR)).get("/search?q=aguilar")

    assert groups(page) == {"Missed calls": ["Denise Aguilar"]}
    [hit] = page.all(".//main//*[@class='hit-text']")
    assert text_of(hit) == "Denise Aguilar Waiting in the queue"


@pytest.fixture
def voicemail(make: Factories, organization: Organization) -> Callable[..., MissedCallEntry]:
    """Function that makes a waiting caller with a voicemail in these words."""

    def leave(said: str, evidence: Sequence[Any] = (), **values: Any) -> MissedCallEntry:
        number = {"caller_number": "+13125550188", "contact_card_id": None}
        call = make.call(organization, **{"status": "voicemail", **number, **values})
        turns = [{"speaker": "agent", "text": GREETING}, {"speaker": "caller", "text": said}]
        make.transcript(call, speaker_labels=turns, transcript_text=f"{GREETING}\n{said}")
        make.analysis(call, evidence=evidence)
        return make.missed_entry(organization, call=call, contact_card_id=call.contact_card_id)

    return leave


@pytest.mark.parametrize("typed", ["warner", "Brandon Warn", "warner brandon", "brendon worner", "брэндон", "warnre"])
def test_a_waiting_caller_is_found_by_the_name_they_said(
    client: Client,
    make: Factories,
    organization: Organization,
    voicemail: Callable[..., MissedCallEntry],
    typed: str,
) -> None:
    entry = voicemail("Hi, this is Brandon Warner at 333 Limestone Ct. Water comes through the ceiling.")
    voicemail("This is Olga Hart. I saw your van.", caller_number="+13125550199")
    page = client.sign_in(make.user(organization, Role.CSR)).get(f"/search?q={typed}")

    assert groups(page) == {"Missed calls": ["(312) 555-0188"]}
    assert f"/missed-calls/{entry.id}" in page.html
    [hit] = page.all(".//main//*[@class='hit-line']")
    told = "Waiting in the queue · The caller said: “Hi, this is Brandon Warner at 333 Limestone Ct.”"
    assert " ".join(text_of(hit).split()) == told


@pytest.mark.parametrize("typed", ["--", "hi", "at", "ater", "brendan wornaz", "water pump", "basement", "message"])
def test_parts_of_words_and_our_own_words_find_no_caller(
    manager: Client, voicemail: Callable[..., MissedCallEntry], typed: str
) -> None:
    voicemail("Hi, this is Brandon Warner at 333 Limestone Ct. Water comes through the ceiling.")

    assert "Missed calls" not in groups(manager.get(f"/search?q={typed}"))


@pytest.mark.parametrize("typed", ["ceiling", "water ceil", "Ceiling, water", "doesnt"])
def test_a_waiting_caller_is_found_by_their_words(
    manager: Client,
    make: Factories,
    organization: Organization,
    voicemail: Callable[..., MissedCallEntry],
    behind: Behind,
    typed: str,
) -> None:
    named = make.contact(organization, first_name="Denise", last_name="Aguilar")
    said = "Hello. Water comes through the ceiling, it doesn’t stop! Call me."
    entry = voicemail(said, contact_card_id=named.id)
    voicemail("The furnace stopped.", caller_number="+13125550199")
    resolved = voicemail(said, caller_number="+13125550177")
    behind.change(resolved, status=EntryStatus.DISMISSED, resolved_at=DAY)

    page = manager.get(f"/search?q={typed}")

    assert groups(page) == {"Missed calls": ["Denise Aguilar"]}
    assert f"/missed-calls/{entry.id}" in page.html
    [hit] = page.all(".//main//*[@class='hit-line']")
    line = "Waiting in the queue · The caller said: “Water comes through the ceiling, it doesn’t stop!”"
    assert " ".join(text_of(hit).split()) == line


def test_a_name_ranks_above_words(manager: Client, voicemail: Callable[..., MissedCallEntry]) -> None:
    voicemail("My name is Olga Hart.", caller_number="+13125550177")
    voicemail("I spoke with Olga yesterday.", caller_number="+13125550199")

    assert groups(manager.get("/search?q=olga"))["Missed calls"] == ["(312) 555-0177", "(312) 555-0199"]


def test_the_name_in_an_analysis_counts_before_the_words(
    manager: Client, make: Factories, voicemail: Callable[..., MissedCallEntry]
) -> None:
    named = {"title": "Caller name", "detail": "Brandon Werner", "quote": "Brandon Werner here"}
    voicemail("This is Brenda Warner.", evidence=[named])

    by_words = manager.get("/search?q=brenda")
    assert "The caller said: “This is Brenda Warner.”" in text_of(by_words.one(".//main"))
    assert groups(manager.get("/search?q=werner"))["Missed calls"] == ["(312) 555-0188"]


def test_a_contact_with_a_name_is_not_found_by_a_name_like_another_one_they_said(
    manager: Client, make: Factories, organization: Organization, voicemail: Callable[..., MissedCallEntry]
) -> None:
    named = make.contact(organization, first_name="Denise", last_name="Aguilar")
    unnamed = make.contact(organization, first_name="", last_name="", primary_phone="+13125550177")
    voicemail("This is Tom Okafor.", contact_card_id=named.id)
    assert "Missed calls" not in groups(manager.get("/search?q=okafar"))

    voicemail("This is Tom Okafor.", contact_card_id=unnamed.id)
    assert groups(manager.get("/search?q=okafar"))["Missed calls"] == ["(312) 555-0177"]


def test_what_callers_of_others_said_is_not_found(
    client: Client, make: Factories, voicemail: Callable[..., MissedCallEntry]
) -> None:
    voicemail("This is Tom Okafor.")
    other = make.organization()

    assert groups(client.sign_in(make.user(other, Role.OWNER)).get("/search?q=okafor")) == {}


def test_the_number_of_statements_does_not_grow_with_what_is_found(
    make: Factories, organization: Organization, asking: Asking, queries: Recording
) -> None:
    manager = make.user(organization, Role.MANAGER)

    def statements(typed: str) -> int:
        with asking(manager) as actor, queries() as sent:
            search_page(actor, typed)
        return len(sent)

    counts = [[statements("delgado"), statements("delgadu")]]
    with make.batch():
        for number in range(30):
            them = make.contact(organization, first_name=f"Person {number}", last_name="Delgado")
            make.lead(organization, contact=them)
            make.task(organization, title=f"Call {number} back", contact_card_id=them.id)
    counts.append([statements("delgado"), statements("delgadu")])

    assert counts == [[4, 4], [2, 4]]
    assert statements("") == 0


def test_a_later_resource_is_found_by_its_declaration_alone(
    app: Flask, make: Factories, organization: Organization, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = make.phone_number(organization, display_name="Spring mailing")
    make.phone_number(make.organization(), display_name="Spring mailing of others")
    found = Found(
        texts=(PhoneNumber.display_name,),
        at=lambda: PhoneNumber.created_at,
        line=lambda: {"number": PhoneNumber.number},
    )
    known = registry_of(app)
    monkeypatch.setitem(app.extensions, "switchboard_registry", known)
    install_registry(app, replace(known, found=(*known.found, replace(PHONE_NUMBER, found=found))))
    with asking(make.user(organization, Role.MANAGER)) as actor:
        [group] = search_page(actor, "spring mail").groups

    assert [(hit.title, str(number.id) in hit.href) for hit in group.hits] == [("Spring mailing", True)]


def test_the_palette_is_answered_by_the_same_as_options(
    manager: Client, make: Factories, organization: Organization
) -> None:
    make.contact(organization, first_name="Denise", last_name="Aguilar")
    page = manager.swap("/search?q=aguilar")

    assert [text_of(option) for option in page.all(".//*[@role='option']//span[@class='trunc']")] == ["Denise Aguilar"]
    assert page.one(".//*[@data-typed]").get("data-announce") == "1 result"


def test_who_is_a_stranger_finds_nothing(client: Client) -> None:
    assert "/login" in client.get("/search?q=a", status=303).headers["Location"]
