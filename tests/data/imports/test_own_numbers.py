"""The organization's own numbers in files of calls: they give the direction, and are never contacts."""

from collections.abc import Sequence

import pytest
from flask import Flask

from app.data.imports.own_number_rules import own_numbers
from app.models import Call, ContactCard, Organization
from app.models.calls import CallStatus, Direction
from app.ops.jobs.worker import run_worker
from app.work.calls.import_direction_rules import direction_between
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, guessed, lines, read_calls
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import text_of

OWN, BRANCH, THIRD = "+13125550100", "+13125550109", "+13125550108"
ANN, BOB, CY = "+12125550161", "+12125550162", "+12125550163"
HEADER = "Call ID,Start Time,From,To,Status,Talk (sec)"


def call_rows(*ends: tuple[str, str]) -> str:
    """Return a file of answered calls between these numbers, which doesn't say their direction."""
    rows = (f"C{number},2026-05-04 09:{number:02}:00,{a},{b},answered,60" for number, (a, b) in enumerate(ends))
    return lines(HEADER, *rows)


@pytest.mark.parametrize(
    ("pairs", "own"),
    [
        ([(OWN, ANN), (BOB, OWN)], (OWN,)),
        ([(OWN, ANN), (OWN, BOB)], (OWN,)),
        ([(ANN, OWN), (BOB, OWN)], (OWN,)),
        ([(OWN, ANN), (BOB, OWN), (CY, OWN), (ANN, BRANCH), (BRANCH, CY), (OWN, BRANCH)], (OWN, BRANCH)),
        ([(OWN, ANN), (BOB, OWN), (ANN, BRANCH), (BRANCH, CY), (OWN, BRANCH)], (BRANCH,)),
        ([(ANN, OWN), (ANN, BRANCH), (ANN, THIRD), (BOB, OWN)], ()),
        ([(ANN, OWN), (ANN, BRANCH), (BOB, THIRD)], ()),
        ([(OWN, ANN)] * 5, ()),
        ([(OWN, ANN), (ANN, OWN)], ()),
        ([(OWN, ANN), (OWN, None), (None, OWN)], ()),
        ([(ANN, OWN), (ANN, BRANCH), (BOB, OWN), (BOB, BRANCH), (CY, OWN)], (OWN,)),
        ([(OWN, OWN), (ANN, BOB)], ()),
        ([], ()),
    ],
)
def test_a_number_of_several_parties_who_have_fewer_is_own(
    pairs: Sequence[tuple[str | None, str | None]], own: tuple[str, ...]
) -> None:
    assert own_numbers(pairs) == own


def test_who_only_talks_to_registered_numbers_is_a_customer() -> None:
    pairs = [(ANN, OWN), (ANN, BRANCH)]

    assert own_numbers(pairs) == (ANN,), "nothing else is known"
    assert own_numbers(pairs, {OWN, BRANCH}) == ()
    assert own_numbers([*pairs, (BOB, OWN), (CY, OWN)], {BRANCH}) == (OWN,)


@pytest.mark.parametrize(
    ("caller", "called", "direction"),
    [
        (OWN, ANN, Direction.OUTBOUND),
        (ANN, OWN, Direction.INBOUND),
        (None, OWN, Direction.INBOUND),
        (OWN, None, Direction.OUTBOUND),
        ("101", ANN, Direction.OUTBOUND),
        (ANN, "101", Direction.INBOUND),
        (OWN, "911", Direction.OUTBOUND),
        ("72345", OWN, Direction.INBOUND),
        (ANN, "911", None),
        (ANN, "411", None),
        ("611", ANN, None),
        ("811", ANN, None),
        ("112", ANN, None),
        ("988", ANN, None),
        ("2911", ANN, Direction.OUTBOUND),
        ("101", "102", None),
        (OWN, OWN, None),
        (ANN, BOB, None),
        ("72345", ANN, None),
        (None, None, None),
    ],
)
def test_calls_from_own_numbers_are_outbound_and_calls_to_them_inbound(
    caller: str | None, called: str | None, direction: Direction | None
) -> None:
    assert direction_between(caller, called, {OWN}) is direction


def test_a_column_of_directions_is_believed(write_file: WriteFile) -> None:
    content = call_rows((OWN, ANN), (BOB, OWN)).replace("From", "Direction,From").replace(":00,", ":00,inbound,")

    assert guessed(write_file(content)).own_numbers == ()
    assert {call.fields["direction"] for call in read_calls(write_file(content)).calls} == {Direction.INBOUND}


def test_own_numbers_of_the_file_and_of_the_organization_are_no_contacts(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    make.phone_number(organization, number=BRANCH)
    make.contact(organization, primary_phone=OWN)
    content = call_rows((OWN, ANN), (BOB, OWN), (BRANCH, OWN), (OWN, BRANCH))

    importer.calls(write_file(content))

    calls = importer.stored(Call, Call.external_id)
    assert [call.direction for call in calls] == ["outbound", "inbound", "inbound", "inbound"]
    assert [call.contact_card_id is None for call in calls] == [False, False, True, True]
    assert {card.primary_phone for card in importer.stored(ContactCard)} == {OWN, ANN, BOB}


def test_calls_that_own_numbers_do_not_decide_are_asked_about_once(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    content = call_rows((OWN, ANN), (BOB, OWN), ("101", "102")).encode()
    page = pages.upload(content)

    assert page.fields(f"{pages.at}/mapping", "post")["own_numbers"] == OWN
    assert "Calls that your numbers don’t tell apart" in text_of(page.one(".//*[@id='asked']"))
    assert "1 question to answer" in page.text
    refused = pages.map(page, status=400)
    assert "Choose what this value means." in refused.text

    pages.start(pages.client.follow(pages.map(refused, {"word_direction_0": "outbound"})))
    run_worker(app, schedule=(), until_idle=True)

    assert [call.direction for call in importer.stored(Call, Call.external_id)] == ["outbound", "inbound", "outbound"]
    assert pages.upload(content, "later.csv").fields(f"{pages.at}/mapping", "post")["word_direction_0"] == "outbound"


def test_numbers_of_contacts_and_those_that_only_talk_to_our_numbers_are_not_proposed(
    pages: ImportPages, make: Factories, organization: Organization
) -> None:
    make.contact(organization, primary_phone=ANN)
    make.phone_number(organization, number=OWN)
    make.phone_number(organization, number=BRANCH)
    decoy = make.organization()
    make.contact(decoy, primary_phone=THIRD)
    make.phone_number(decoy, number=CY)

    def proposed(*ends: tuple[str, str]) -> str:
        page = pages.upload(call_rows(*ends).encode())
        return page.fields(f"{pages.at}/mapping", "post")["own_numbers"]

    assert proposed((ANN, BOB), (CY, ANN)) == "", "Ann is a contact"
    assert proposed((BOB, OWN), (BOB, BRANCH)) == "", "Bob called two of our numbers"
    assert proposed((THIRD, BOB), (CY, THIRD)) == THIRD, "it is only known to others"


@pytest.mark.parametrize("number", ["555-0100", "0", "+"])
def test_own_numbers_without_a_country_code_are_refused(pages: ImportPages, number: str) -> None:
    page = pages.upload(call_rows((OWN, ANN), (BOB, OWN)).encode())

    refused = pages.map(page, {"own_numbers": number}, status=400)

    assert "Enter numbers with country code, such as +1 212 555 0100." in refused.text


@pytest.mark.parametrize(
    ("direction", "said", "status", "outcome"),
    [
        ("outbound", "missed", CallStatus.FAILED, None),
        ("outbound", "no answer", CallStatus.FAILED, None),
        ("outbound", "voicemail", CallStatus.FAILED, "voicemail"),
        ("outbound", "answered", CallStatus.COMPLETED, None),
        ("inbound", "missed", CallStatus.MISSED, None),
        ("inbound", "voicemail", CallStatus.VOICEMAIL, None),
    ],
)
def test_an_outbound_call_that_no_one_answered_is_failed(
    write_file: WriteFile, direction: str, said: str, status: CallStatus, outcome: str | None
) -> None:
    path = write_file(lines("Start,Direction,Status,Talk (sec)", f"2026-05-04 09:00:00,{direction},{said},20"))
    call = read_calls(path).only

    assert (call.status, call.outcome) == (status, outcome)
    assert call.waited_seconds == (20 if status is CallStatus.MISSED else None)
