"""The missed-call queue, shared by all users of an organization with permission."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import Role
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT, Role.MANAGER])
def test_everybody_who_may_read_it_sees_the_whole_queue_of_their_organization(
    client: Client, make: Factories, role: Role
) -> None:
    company = make.organization()
    colleague = make.user(company)
    make.missed_entry(company)
    make.missed_entry(company, status="claimed", claimed_by=colleague.id, claim_expires_at=DAY)
    make.missed_entry(make.organization())

    page = client.sign_in(make.user(company, role=role)).get("/missed-calls")

    assert page.one(".//*[@data-count]").get("data-count") == "2"


def test_overdue_means_waiting_without_a_try_after_its_time(client: Client, make: Factories) -> None:
    company = make.organization()
    now = datetime.now(UTC)
    late, early = now - timedelta(minutes=1), now + timedelta(hours=1)
    make.missed_entry(company, sla_due_at=late)
    make.missed_entry(company, sla_due_at=late, attempts=1)
    make.missed_entry(company, sla_due_at=late, status="lost")
    make.missed_entry(company, sla_due_at=early)
    client.sign_in(make.user(company))

    assert client.get("/missed-calls?overdue=yes").one(".//*[@data-count]").get("data-count") == "1"
    assert client.get("/missed-calls?overdue=no").one(".//*[@data-count]").get("data-count") == "3"


def test_a_claim_that_has_lapsed_is_nobodys(client: Client, make: Factories) -> None:
    company = make.organization()
    tom = make.user(company, name="Tom Lapsed")
    make.missed_entry(company, status="claimed", claimed_by=tom.id, claim_expires_at=DAY)
    client.sign_in(make.user(company))

    assert "Tom Lapsed" not in client.get("/missed-calls").text


def test_a_row_says_you_of_ones_own_claim_and_the_name_of_anothers(client: Client, make: Factories) -> None:
    company = make.organization()
    own, tom = make.user(company, name="Maya Torres"), make.user(company, name="Tom Okafor")
    lasts = datetime.now(UTC) + timedelta(minutes=8)
    entries = [
        make.missed_entry(company, status="claimed", claimed_by=user.id, claim_expires_at=lasts) for user in (own, tom)
    ]
    page = client.sign_in(own).get("/missed-calls")

    rows = [text_of(page.one(f".//*[@data-entry='{entry.id}']")) for entry in entries]
    assert ["You" in row.split() for row in rows] == [True, False]
    assert ["Maya Torres" in row for row in rows] == [False, False]
    assert ["Tom Okafor" in row for row in rows] == [False, True]


def test_a_caller_is_called_by_name_with_the_number_or_by_the_number_once(client: Client, make: Factories) -> None:
    company = make.organization()
    ruth = make.contact(company, first_name="Ruth", last_name="Delgado")
    call = make.call(company, status="missed", caller_number="+12125550142", contact_card_id=ruth.id)
    named = make.missed_entry(company, call=call)
    unknown = make.missed_entry(company, call=make.call(company, status="missed", caller_number="+12125550177"))
    page = client.sign_in(make.user(company)).get("/missed-calls")

    heads = [page.one(f".//*[@data-entry='{entry.id}']//th[@scope='row']") for entry in (named, unknown)]
    assert [[text_of(one) for one in head.findall("./span[@class='sub nowrap']")] for head in heads] == [
        ["(212) 555-0142"],
        [],
    ]
    assert [text_of(head.findall("./a")[0]) for head in heads] == ["Ruth Delgado", "(212) 555-0177"]


def test_a_rep_has_no_queue(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.SALES_REP))

    client.get("/missed-calls", status=403)


@pytest.mark.parametrize("address", ["/missed-calls", "/csr"])
def test_a_row_leads_to_its_entry_and_that_to_its_call_where_it_may_be_seen(
    client: Client, make: Factories, address: str
) -> None:
    company = make.organization()
    me = make.user(company)
    mine = make.call(company, csr=me, caller_number="+12125550101", status="missed")
    nobodys = make.call(company, caller_number="+12125550102", status="missed")
    entries = [make.missed_entry(company, call=call) for call in (mine, nobodys)]

    page = client.sign_in(me).get(address)
    assert {f"/missed-calls/{entry.id}" for entry in entries} <= set(page.links.values())
    seen_by_me = [calls_linked_from(client.get(f"/missed-calls/{entry.id}")) for entry in entries]
    client.sign_in_by_form(make.user(company, role=Role.MANAGER))
    seen_by_a_manager = [calls_linked_from(client.get(f"/missed-calls/{entry.id}")) for entry in entries]

    assert seen_by_me == [{f"/calls/{mine.id}"}, set()]
    assert seen_by_a_manager == [{f"/calls/{mine.id}"}, {f"/calls/{nobodys.id}"}]


def calls_linked_from(page: Page) -> set[str]:
    return {address for address in page.links.values() if address.startswith("/calls/")}


@pytest.mark.parametrize(
    ("address", "order"),
    [
        ("/missed-calls", "next due first"),
        ("/missed-calls?tab=done_today", "newest first"),
        ("/missed-calls?sort=-missedAt", "newest first"),
        ("/missed-calls?sort=missedAt", "oldest first"),
    ],
)
def test_the_heading_says_how_the_rows_are_sorted(client: Client, make: Factories, address: str, order: str) -> None:
    organization = make.organization()
    make.missed_entry(organization)

    page = client.sign_in(make.user(organization)).get(address)

    assert f"one row per caller, {order}" in page.text
