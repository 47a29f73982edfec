"""Phone numbers in the search of the audit trail."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from app.models import ContactCard, ContactPhone, Organization, Role, User
from app.security.permissions import Permission
from app.trust.audit_log import number_queries
from app.trust.audit_log.number_rules import number_in
from tests.support.client import Client
from tests.support.factories import Factories
from tests.trust.audit_log.entries import entries_on

MARCH = "period=custom&from=2026-03-01&to=2026-03-31"
NUMBER = "+15125550717"
MORE = "Only the first 2 numbers that end in 0717 are searched."


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SUPPORT)


@pytest.mark.parametrize(
    ("typed", "text", "rest"),
    [
        ("(512) 555-0717", "(512) 555-0717", ""),
        ("+1 512.555.0717", "+1 512.555.0717", ""),
        ("5125550717", "5125550717", ""),
        ("555‑0717", "555‑0717", ""),  # noqa: RUF001 - a hyphen that doesn't break, as copied from a page
        ("Torres (512) 555-0717 moved", "(512) 555-0717", "Torres moved"),
        ("Torres 0717", "0717", "Torres"),
        ("invoice 1001, (512) 555-0717", "(512) 555-0717", "invoice 1001,"),
        ("#0717!", "0717", ""),
    ],
)
def test_a_number_is_told_from_other_words(typed: str, text: str, rest: str) -> None:
    found = number_in(typed)

    assert found is not None
    assert (found.text, found.rest) == (text, rest)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "torres",
        "071",
        "07171",
        "555-07",
        "0717*",
        "a0717",
        "0190a000-0000-7000-8000-000000000001",
        "2026-03-01T10:00",
    ],
)
def test_other_digits_are_words(typed: str) -> None:
    assert number_in(typed) is None


@pytest.mark.parametrize(
    "typed", ["(512) 555-0717", "512-555-0717", "5125550717", "%2B1 512 555 0717", "1.512.555.0717"]
)
def test_a_number_is_found_however_it_is_typed(
    client: Client, make: Factories, organization: Organization, reader: User, typed: str
) -> None:
    stored = make.entry(organization, after={"phone": NUMBER})
    named = make.entry(organization, resource_label=NUMBER)
    make.entry(organization, after={"phone": "+15125550718"})
    make.entry(make.organization(), after={"phone": NUMBER})

    page = client.sign_in(reader).get(f"/audit?{MARCH}&q={typed}")

    assert entries_on(page) == [named.id, stored.id]


def test_the_words_as_typed_are_found_beside_it(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    stored = make.entry(organization, after={"phone": NUMBER})
    noted = make.entry(organization, after={"note": "Call (512) 555-0717"})

    page = client.sign_in(reader).get(f"/audit?{MARCH}&q=(512) 555-0717")

    assert entries_on(page) == [noted.id, stored.id]


def test_other_words_narrow_a_number_down(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    wanted = make.entry(organization, after={"phone": NUMBER, "topic": "furnace"})
    make.entry(organization, after={"phone": NUMBER})
    client.sign_in(reader)

    assert entries_on(client.get(f"/audit?{MARCH}&q=furnace (512) 555-0717")) == [wanted.id]


def test_a_number_is_read_as_dialed_in_the_country_of_the_organization(client: Client, make: Factories) -> None:
    organization = make.organization(country="GB")
    wanted = make.entry(organization, after={"phone": "+442079460717"})

    page = client.sign_in(make.user(organization, role=Role.SUPPORT)).get(f"/audit?{MARCH}&q=020 7946 0717")

    assert entries_on(page) == [wanted.id]


def test_what_is_no_possible_number_is_searched_as_words(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    wanted = make.entry(organization, after={"code": "1234 5678 9012 3456 7890"})

    page = client.sign_in(reader).get(f"/audit?{MARCH}&q=1234 5678 9012 3456 7890")

    assert entries_on(page) == [wanted.id]


def test_four_digits_are_the_end_of_numbers_of_contacts_callers_and_lines(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    make.contact(organization, primary_phone="+15125550717")
    number_of(make, thrown := make.contact(organization, primary_phone="+15125550101"), "+15125560717")
    make.deletion(thrown)
    make.call(organization, caller_number="+15125570717")
    make.phone_number(organization, number="+15125580717")
    make.contact(make.organization(), primary_phone="+15125590717")
    found = [make.entry(organization, after={"phone": f"+151255{place}0717"}) for place in range(5, 9)]
    make.entry(organization, after={"phone": "+15125590717"})
    make.entry(organization, after={"phone": "+15125550718"})
    typed = make.entry(organization, after={"note": "Room 0717"})

    page = client.sign_in(reader).get(f"/audit?{MARCH}&q=0717")

    assert entries_on(page) == [typed.id, *(entry.id for entry in reversed(found))]
    assert MORE not in page.text


def test_the_page_says_that_more_numbers_end_so(
    client: Client, make: Factories, organization: Organization, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_queries, "MAX_NUMBERS", 2)
    client.sign_in(reader)
    for place in (5, 6):
        make.contact(organization, primary_phone=f"+151255{place}0717")
    assert MORE not in client.get(f"/audit?{MARCH}&q=0717").text

    make.contact(organization, primary_phone="+15125570717")

    assert MORE in client.get(f"/audit?{MARCH}&q=0717").text


def test_only_numbers_that_the_reader_sees_are_meant_by_an_ending(
    client: Client, make: Factories, organization: Organization
) -> None:
    csr = make.user(organization)
    make.grant(csr, Permission.AUDIT_READ)
    theirs = make.contact(organization, primary_phone="+15125550717")
    make.contact(organization, primary_phone="+15125560717")
    make.phone_number(organization, number="+15125570717")
    make.call(organization, csr=csr, contact_card_id=theirs.id)
    make.call(organization, csr=csr, caller_number="+15125580717")
    seen = [make.entry(organization, after={"phone": number}) for number in ("+15125550717", "+15125580717")]
    for place in (6, 7):
        make.entry(organization, after={"phone": f"+151255{place}0717"})

    page = client.sign_in(csr).get(f"/audit?{MARCH}&q=0717")

    assert entries_on(page) == [entry.id for entry in reversed(seen)]


def test_the_file_and_the_count_agree_with_the_list(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    make.contact(organization, primary_phone=NUMBER)
    for _number in range(3):
        make.entry(organization, after={"phone": NUMBER})
    make.entry(organization)
    client.sign_in(reader)

    for typed in ("0717", "(512) 555-0717"):
        page = client.get(f"/audit?{MARCH}&q={typed}&count=exact")
        assert "3 entries" in page.text
        assert len(client.get(f"/audit.csv?{MARCH}&q={typed}").response.get_data(as_text=True).splitlines()) == 4


def test_a_whole_number_takes_no_further_query(
    client: Client,
    make: Factories,
    organization: Organization,
    reader: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    make.entry(organization, after={"phone": NUMBER})
    client.sign_in(reader)
    sent = []
    for typed in ("furnace", "(512) 555-0717"):
        client.get(f"/audit?{MARCH}&q={typed}")
        with queries() as asked:
            client.get(f"/audit?{MARCH}&q={typed}")
        sent.append(len(asked))

    assert sent[0] == sent[1]


def number_of(make: Factories, contact: ContactCard, number: str) -> ContactPhone:
    """Add another number to a contact."""
    of = {"organization_id": contact.organization_id, "contact_card_id": contact.id}
    return make.add(ContactPhone(phone=number, **of))
