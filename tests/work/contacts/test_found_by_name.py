"""Search for people by any known detail, in every list, using indexes."""

from typing import LiteralString
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from app.models import ContactCard, Organization, Role
from tests.support.client import Client
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

KNOWN = (
    "brien", "garcia", "GARCÍA", "arci", "obrien", "o'brien", "olafur garc", "garcia olafur", "northg", "gate plumbing",
    "0177", "5550177", "(312) 555-0177", "1 312 555 0177", "+13125550177", "olafur@plumb.example", "plumb.example",
    "1742 birch", "springfield", "62704",
)  # fmt: skip


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.MANAGER))


@pytest.fixture
def olafur(make: Factories, organization: Organization) -> ContactCard:
    """A contact with a row in every list, alongside another contact with the same rows."""
    them = make.contact(
        organization,
        first_name="Ólafur",
        last_name="O’Brien-García",
        company_name="Northgate Plumbing",
        email="olafur@plumb.example",
        address_line_1="1742 Birch Lane",
        city="Springfield",
        zip="62704",
        primary_phone="+13125550177",
    )
    for contact in (them, make.contact(organization, first_name="Denise", last_name="Kirk", city="Salem")):
        lead = make.lead(organization, contact=contact)
        rep = make.user(organization, Role.SALES_REP)
        visit = make.appointment(organization, contact=contact, sales_rep_id=rep.id)
        missed = make.call(organization, contact_card_id=contact.id, status="missed")
        make.missed_entry(organization, call=missed, lead_id=lead.id)
        make.task(organization, contact_card_id=contact.id)
        make.recording(visit, rep)
    return them


def rows(page: Page) -> int:
    return len(page.all(".//main//tbody/tr"))


@pytest.mark.parametrize("path", ["/calls", "/missed-calls", "/leads", "/appointments", "/tasks", "/recordings"])
def test_somebody_is_found_by_what_one_knows_of_them(manager: Client, olafur: ContactCard, path: str) -> None:
    assert {typed: rows(manager.get(f"{path}?q={quote(typed)}")) for typed in KNOWN} == dict.fromkeys(KNOWN, 1)


def test_colleagues_are_found_by_parts_of_their_names(
    manager: Client, make: Factories, organization: Organization
) -> None:
    make.user(organization, name="Zoë Vandenberg", email="zoe@office.example")

    for typed in ("vandenb", "berg", "zoe van", "office.example"):
        assert rows(manager.get(f"/users?q={quote(typed)}")) == 1, typed


def test_a_task_is_found_by_words_of_its_title(manager: Client, make: Factories, organization: Organization) -> None:
    make.task(organization, title="Call back about the thermostat")
    make.task(organization, title="Send the estimate")

    assert rows(manager.get("/tasks?q=thermo")) == 1


def test_who_finds_nothing_is_told_what_was_looked_in(manager: Client, olafur: ContactCard) -> None:
    for typed in ("nobody", "'':*", "& | !", "%", "\\", "0999", "a" * 100):
        page = manager.get(f"/calls?q={quote(typed)}")

        assert rows(page) == 0
        assert f"Searched for “{typed}” in: Name, number, company, email or address." in text_of(page.one(".//main"))


def test_nobody_is_found_in_another_organization_or_in_the_trash(
    manager: Client, make: Factories, behind: Behind, organization: Organization
) -> None:
    other = make.organization()
    make.call(other, contact_card_id=make.contact(other, last_name="Vandenberg").id)
    gone = make.contact(organization, last_name="Vandenberg")
    make.call(organization, contact_card_id=gone.id)
    behind.change(gone, deleted_at=DAY)

    assert rows(manager.get("/calls?q=vandenberg")) == 0


def test_a_csr_finds_own_calls_only(
    client: Client, make: Factories, organization: Organization, olafur: ContactCard
) -> None:
    csr = make.user(organization)
    mine = make.call(organization, csr=csr, contact_card_id=olafur.id)

    page = client.sign_in(csr).get("/calls?q=garcia")

    assert rows(page) == 1
    assert str(mine.id) in page.html


def test_the_words_are_looked_for_in_an_index(
    database: WorkerDatabase, make: Factories, organization: Organization
) -> None:
    with make.batch():
        for number in range(300):
            make.contact(organization, first_name=f"Name{number}")
    query = "SELECT id FROM contact_cards WHERE deleted_at IS NULL AND {} @@ search_query({}, 'name7')"
    with psycopg.connect(database.url("app_owner"), autocommit=True) as owner:
        owner.execute("ANALYZE contact_cards")
        [(words,)] = owner.execute("SELECT pg_get_indexdef('idx_contact_cards_search'::regclass, 1, true)")
        owner.execute("SET enable_seqscan = off")
        asked = sql.SQL("EXPLAIN " + query).format(sql.SQL(words), sql.Literal(organization.id))
        plan = "\n".join(line for (line,) in owner.execute(asked))

    assert "idx_contact_cards_search" in plan


def test_words_that_many_have_are_not_all_gathered_before_the_first_is_told(
    database: WorkerDatabase, organization: Organization
) -> None:
    with psycopg.connect(database.url("app_owner"), autocommit=True) as owner:
        [(body,)] = owner.execute("SELECT prosrc FROM pg_proc WHERE proname = 'contacts_found'")
        found = body.partition("RETURN QUERY")[2].partition("LIMIT")[0]
        asked = found.replace("(organization, typed)", f"('{organization.id}', '5550177')")
        plan = "\n".join(line for (line,) in owner.execute(f"EXPLAIN {asked}"))

    assert "Append" in plan
    assert "Aggregate" not in plan
    assert "Unique" not in plan


@pytest.mark.parametrize("path", ["/calls", "/leads", "/tasks"])
def test_who_is_found_in_two_ways_is_told_once(
    manager: Client, make: Factories, organization: Organization, path: str
) -> None:
    both = make.contact(organization, company_name="5550177 Limited", primary_phone="+13125550177")
    make.call(organization, contact_card_id=both.id, lead_id=make.lead(organization, contact=both).id)
    make.task(organization, contact_card_id=both.id)

    assert rows(manager.get(f"{path}?q=5550177")) == 1


@pytest.mark.parametrize(("column", "which"), [("name_key", "true"), ("company_key", "company_name <> ''")])
def test_a_policy_lets_a_condition_on_a_key_use_its_index(
    database: WorkerDatabase, make: Factories, organization: Organization, column: str, which: LiteralString
) -> None:
    with make.batch():
        for number in range(300):
            make.contact(organization, first_name=f"Name{number}", company_name=f"Company {number}")
    with psycopg.connect(database.url("app_owner"), autocommit=True) as owner:
        owner.execute("ANALYZE contact_cards")
    asked = sql.SQL(
        "EXPLAIN SELECT id FROM contact_cards WHERE organization_id = {id} AND {key} >= 'a' AND {key} < 'b' AND {which}"
    )
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, organization.id)
        connection.execute("SET LOCAL enable_seqscan = off")
        told = {"id": sql.Literal(organization.id), "key": sql.Identifier(column), "which": sql.SQL(which)}
        lines = connection.execute(asked.format(**told))
        plan = "\n".join(line for (line,) in lines)

    [condition] = [line for line in plan.splitlines() if "Index Cond" in line]
    assert f"{column} >= " in condition, plan


def test_keys_are_made_of_what_the_card_says(make: Factories, behind: Behind, organization: Organization) -> None:
    named = make.contact(organization, first_name="Ada", last_name="Lovelace", company_name="ENGINES")
    unnamed = make.contact(organization, first_name=" ", last_name=None, company_name=None)

    kept = {card.id: (card.name_key, card.company_key) for card in behind.rows(ContactCard)}

    assert (kept[named.id], kept[unnamed.id]) == (("ada lovelace", "engines"), (None, None))
