"""The page `/audit`: visible entries, filters, and order."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.models import Organization, Role, User
from app.security.permissions import Permission
from app.trust.audit_log import queries as trail
from app.trust.audit_log import search_queries
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.trust.audit_log.entries import entries_on, link_on

RECORD = UUID("0190a000-0000-7000-8000-000000000001")
OPERATION = UUID("0190a000-0000-7000-8000-000000000002")
REQUEST = "req-7Kd2m9 'quoted\\'"
#: All entries created by tests are from that month; those of signing in are not.
MARCH = "period=custom&from=2026-03-01&to=2026-03-31"


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SUPPORT, name="Iris Vogel")


@pytest.fixture
def maya(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Maya Torres")


def test_the_newest_entry_comes_first_and_says_who_did_what_to_what(
    client: Client, make: Factories, organization: Organization, reader: User, maya: User
) -> None:
    call = make.call(organization, contact_card_id=make.contact(organization, last_name="Greer").id)
    older = make.entry(organization, maya, resource_id=call.id, created_at=DAY)
    newer = make.entry(organization, action="lead.created", before=None, created_at=DAY + timedelta(1))
    make.entry(make.organization())

    page = client.sign_in(reader).get(f"/audit?{MARCH}")

    assert entries_on(page) == [newer.id, older.id]
    assert all(words in page.text for words in ("Maya Torres", "Changed: call", "Dana Greer", "Booking status"))
    assert entries_on(client.get(f"/audit?{MARCH}&sort=createdAt")) == [older.id, newer.id]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (f"resource_type=call&resource_id={RECORD}", {"resource_id": RECORD}),
        (f"resource_id={RECORD}", {"resource_id": RECORD}),
        ("resource_type=invoice", {"resource_type": "invoice", "action": "invoice.updated"}),
        ("action=user.role.changed", {"action": "user.role.changed", "resource_type": "user"}),
        ("action=user.role.changed,lead.deleted", {"action": "lead.deleted", "resource_type": "lead"}),
        ("action=sign-in", {"action": "session.failed", "resource_type": "user"}),
        ("field=outcome", {"before": {"outcome": "spam"}, "after": {"outcome": "resolved"}}),
        ("field=role", {"before": None, "after": {"role": "admin"}}),
        ("address=198.51.100.24", {"ip_address": "198.51.100.24"}),
        ("address=198.51.100.0/24", {"ip_address": "198.51.100.255"}),
        ("address=2001:db8::/32", {"ip_address": "2001:db8::17"}),
        (f"operation_id={OPERATION}", {"operation_id": OPERATION}),
        ("request_id=req-7Kd2m9 'quoted\\'", {"request_id": REQUEST}),
        ("request_id=req-7Kd2m9 'quoted\\'", {"correlation_id": REQUEST}),
        ("q=furnace", {"after": {"note": "The FURNACE is cold."}}),
        ("q=furn*", {"after": {"note": "The furnace is cold."}}),
        ("q=cold furnace", {"after": {"note": "The furnace is cold."}}),
        ("q=печь", {"after": {"nested": [{"note": "Печь холодная"}]}}),
        ("q=refund", {"details": {"reason": "Asked for a refund"}}),
        ("q=(512) 555-0131", {"before": {"phone": "512 555 0131"}}),
        (f"q={RECORD}", {"after": {"lead_id": str(RECORD)}}),
        (f"q={RECORD}", {"resource_id": RECORD}),
        ("q=zapier", {"actor_label": "Zapier key"}),
        ("actor_name=zap* key", {"actor_label": "Zapier key"}),
        ("q=furnace&action=lead.updated,lead.created", {"action": "lead.updated", "after": {"a": "furnace"}}),
        ("q=furnace&resource_type=lead&address=203.0.113.0/24", {"resource_type": "lead", "after": {"a": "furnace"}}),
    ],
)
def test_a_filter_keeps_what_it_says_and_nothing_else(
    client: Client,
    make: Factories,
    organization: Organization,
    reader: User,
    query: str,
    values: dict[str, Any],
) -> None:
    wanted = make.entry(organization, **values)
    make.entry(organization, after={"note": "A fern, a fridge."}, ip_address="198.51.101.1")
    make.entry(organization, ip_address=None)
    make.entry(make.organization(), **values)

    page = client.sign_in(reader).get(f"/audit?{MARCH}&{query}")

    assert entries_on(page) == [wanted.id]


def test_a_person_is_found_by_who_they_are_and_the_system_by_being_nobody(
    client: Client, make: Factories, organization: Organization, reader: User, maya: User
) -> None:
    hers = make.entry(organization, maya)
    nobodys = make.entry(organization, actor_label="Maya’s robot")
    client.sign_in(reader)

    assert entries_on(client.get(f"/audit?{MARCH}&actor={maya.id}")) == [hers.id]
    assert entries_on(client.get(f"/audit?{MARCH}&actor=none")) == [nobodys.id]
    assert entries_on(client.get(f"/audit?{MARCH}&actor_name=torres")) == [hers.id]


def test_somebody_deleted_can_still_be_picked(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    former = make.user(organization, name="Ann Former")
    make.deletion(former)
    entry = make.entry(organization, former)

    page = client.sign_in(reader).get(f"/audit?{MARCH}&actor={former.id}")

    assert entries_on(page) == [entry.id]
    assert "Ann Former (deleted)" in page.text


@pytest.mark.parametrize("few", [trail.FEW, 10])
@pytest.mark.parametrize("query", ["", "&q=furnace", "&action=call.updated,lead.updated", "&actor=none"])
def test_pages_go_both_ways_without_gaps_or_repeats(
    client: Client,
    make: Factories,
    organization: Organization,
    reader: User,
    query: str,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trail, "FEW", few)
    # Two entries at each time, over a longer time than the search covers in one step.
    with make.batch():
        made = [
            make.entry(organization, after={"note": "furnace"}, created_at=DAY - timedelta(days=number // 2 * 5))
            for number in range(110)
        ]
    expected = [entry.id for entry in sorted(made, key=lambda entry: (entry.created_at, entry.id), reverse=True)]
    url = f"/audit?period=custom&from=2024-01-01&to=2026-03-31{query}"
    client.sign_in(reader)

    first = client.get(url)
    second = client.get(link_on(first, "Older"))
    third = client.get(link_on(second, "Older"))
    back = client.get(link_on(third, "Newer"))

    assert entries_on(first) + entries_on(second) + entries_on(third) == expected
    assert entries_on(back) == entries_on(second)
    assert entries_on(client.get(link_on(back, "Newer"))) == entries_on(first)
    assert "110 entries" in first.text


@pytest.mark.parametrize(
    "query",
    [
        "q=%00", "q=%F0%9F%92%A3", "q='%20|%20!%20&%20:*", "q=%5C", "q=---", "q=*", "q=a*", "q=**%20fur**nace*",
        "q=%25_%25", "actor_name=%27%27", "field=no_such_field", "action=no.such.action", "resource_type=nothing",
    ],
)  # fmt: skip
def test_odd_words_find_nothing_and_harm_nothing(
    client: Client, make: Factories, organization: Organization, reader: User, query: str
) -> None:
    make.entry(organization)

    page = client.sign_in(reader).look_at(f"/audit?{MARCH}&{query}")

    assert page.status in (200, 400)
    assert entries_on(page) == []


@pytest.mark.parametrize(
    "query",
    [
        "address=203.0.113", "address=203.0.113.0/99", "address=fe80::1%25eth0", f"q={'a' * 10_000}", "actor=nobody",
        "resource_id=42", "operation_id=x", "action=DROP TABLE", "cursor=nonsense", "sort=-pos", "from=yesterday",
        "nonsense=1", f"action={','.join(f'a.{number}' for number in range(21))}",
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(client: Client, reader: User, query: str) -> None:
    page = client.sign_in(reader).get(f"/audit?{query}", status=400)

    assert query.partition("=")[0] in page.text.lower() or "The page link doesn’t match" in page.text


def test_a_wrong_address_says_what_one_looks_like(client: Client, reader: User) -> None:
    page = client.sign_in(reader).get("/audit?address=10.0.0.300", status=400)

    assert "“10.0.0.300” isn’t an IP address" in page.text
    assert "203.0.113.0/24" in page.text


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.MANAGER])
def test_others_do_not_read_the_trail(client: Client, make: Factories, organization: Organization, role: Role) -> None:
    entry = make.entry(organization)
    client.sign_in(make.user(organization, role=role))

    for url in ("/audit", "/audit.csv", f"/audit/{entry.id}"):
        assert "audit:read" in client.get(url, status=403).text


def test_a_name_is_told_only_to_who_may_see_the_record(
    client: Client, make: Factories, organization: Organization
) -> None:
    csr = make.user(organization)
    make.grant(csr, Permission.AUDIT_READ)
    theirs, others = (make.contact(organization, last_name=name) for name in ("Greer", "Hidden"))
    make.call(organization, csr=csr, contact_card_id=theirs.id)
    for contact in (theirs, others):
        make.entry(organization, resource_type="contact_card", action="contact_card.updated", resource_id=contact.id)

    page = client.sign_in(csr).get(f"/audit?{MARCH}")

    assert "Dana Greer" in page.text
    assert "Hidden" not in page.text


def test_the_filter_names_its_record_without_a_query_if_the_page_shows_an_entry_about_it(
    client: Client,
    make: Factories,
    organization: Organization,
    reader: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    contact = make.contact(organization, last_name="Greer")
    make.entry(organization, resource_type="contact_card", action="contact_card.updated", resource_id=contact.id)
    client.sign_in(reader)
    sent = {}
    for action in ("contact_card.updated", "contact_card.purged"):
        address = f"/audit?{MARCH}&action={action}&resource_type=contact_card&resource_id={contact.id}"
        client.get(address)
        with queries() as found:
            page = client.get(address)
        sent[action] = sum("record_names" in statement for statement in found)
        assert "Record Dana Greer" in page.text

    assert sent == {"contact_card.updated": 1, "contact_card.purged": 2}


def test_the_filter_shows_a_record_named_by_its_number_as_the_rows_do(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    contact = make.contact(organization, first_name=None, last_name=None, primary_phone="+18015550180")
    make.entry(organization, resource_type="contact_card", action="contact_card.updated", resource_id=contact.id)

    page = client.sign_in(reader).get(f"/audit?{MARCH}&resource_type=contact_card&resource_id={contact.id}")

    assert "Record (801) 555-0180" in page.text.replace("\xa0", " ")


def test_what_is_in_the_trash_and_what_is_gone_keep_their_names(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    contact = make.contact(organization, last_name="Thrown")
    make.deletion(contact)
    make.entry(organization, resource_type="contact_card", action="contact_card.updated", resource_id=contact.id)
    make.entry(
        organization,
        resource_type="contact_card",
        action="contact_card.purged",
        before={"first_name": "Pat", "last_name": "Purged"},
        after=None,
    )

    page = client.sign_in(reader).get(f"/audit?{MARCH}")

    assert "Dana Thrown In the trash" in page.text
    assert "Pat Purged No longer exists" in page.text


def test_a_page_asks_the_same_number_of_questions_however_many_kinds_it_shows(
    client: Client,
    make: Factories,
    organization: Organization,
    reader: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client.sign_in(reader)
    make.entry(organization)
    client.get(f"/audit?{MARCH}")
    with queries() as few:
        client.get(f"/audit?{MARCH}")
    for kind in ("call", "lead", "task", "user", "organization", "invoice", "api_key", "unknown"):
        make.entry(organization, make.user(organization), resource_type=kind, action=f"{kind}.updated")
    client.get(f"/audit?{MARCH}")  # lists of people are cached until a person is added
    with queries() as many:
        client.get(f"/audit?{MARCH}")

    assert len(many) == len(few) <= 10


def test_a_visitor_of_the_platform_reads_the_trail_and_stands_in_it(
    client: Client, make: Factories, organization: Organization
) -> None:
    entry = make.entry(organization, user_id=(staff := make.staff()).id, actor_label=staff.name)
    client.sign_in(staff)
    client.post(f"/organizations/{organization.id}/enter", {"reason": "Ticket 5512"})

    page = client.get(f"/audit?{MARCH}&actor={staff.id}")

    assert entries_on(page) == [entry.id]
    assert staff.name in page.text


def test_the_file_holds_what_the_list_shows_and_the_trail_says_who_took_it(
    client: Client, make: Factories, organization: Organization, reader: User, maya: User
) -> None:
    make.entry(organization, maya, after={"note": "furnace"}, before={"note": "=cmd()"})
    make.entry(organization, actor_label="Somebody else")
    client.sign_in(reader)

    file = client.get(f"/audit.csv?{MARCH}&q=furnace")

    lines = file.response.get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert "Maya Torres" in lines[1]
    taken = client.get("/audit?action=audit.exported")
    assert len(entries_on(taken)) == 1
    assert "Iris Vogel" in taken.text
    shown = client.get(f"/audit/{entries_on(taken)[0]}")
    assert "2026-03-01" in shown.text


def test_a_file_that_is_sent_while_it_is_written_is_in_the_language_of_its_reader(
    client: Client, make: Factories, organization: Organization, maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for action in ("call.updated", "lead.updated", "task.updated", "contact.updated"):
        make.entry(organization, maya, action=action, resource_type=action.partition(".")[0])
    client.sign_in(make.user(organization, role=Role.SUPPORT, language="ru"))
    whole = client.get(f"/audit.csv?{MARCH}").html
    monkeypatch.setattr("app.lists.csv._BEGINNING_BYTES", 1)
    monkeypatch.setattr("app.lists.csv.ROWS_AT_ONCE", 1)

    page = client.get(f"/audit.csv?{MARCH}")

    assert page.response.is_streamed
    assert page.html == whole
    assert "Изменено: звонок" in whole


def test_htmx_gets_the_list_alone(client: Client, make: Factories, organization: Organization, reader: User) -> None:
    entry = make.entry(organization)

    page = client.sign_in(reader).swap(f"/audit?{MARCH}&actor=")

    assert entries_on(page) == [entry.id]
    assert "<html" not in page.html
    assert page.headers["HX-Push-Url"] == "/audit?period=custom&from=2026-03-01&to=2026-03-31"


class TestSearches:
    """Text searches, which count their results in the same query."""

    @pytest.fixture
    def searches(
        self, client: Client, reader: User, queries: Callable[[], AbstractContextManager[list[str]]]
    ) -> Callable[[str], tuple[list[UUID], int]]:
        """Function that returns the IDs on a page, and how many queries searched the audit trail for it."""
        client.sign_in(reader)

        def asked(query: str) -> tuple[list[UUID], int]:
            with queries() as sent:
                page = client.get(f"/audit?{MARCH}&{query}")
            return entries_on(page), sum("audit_page(" in statement for statement in sent)

        return asked

    def test_few_are_looked_for_once(
        self, make: Factories, organization: Organization, searches: Callable[[str], tuple[list[UUID], int]]
    ) -> None:
        entries = [make.entry(organization, after={"topic": f"zebrafish {n}"}) for n in range(3)]
        make.entry(organization)

        assert searches("q=zebrafish") == ([entry.id for entry in reversed(entries)], 1)
        assert searches("q=nowhere") == ([], 1)

    def test_many_are_looked_for_in_order(
        self,
        make: Factories,
        organization: Organization,
        searches: Callable[[str], tuple[list[UUID], int]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        entries = [make.entry(organization, after={"topic": f"zebrafish {n}"}) for n in range(3)]
        make.entry(organization)
        monkeypatch.setattr(trail, "FEW", 2)

        assert searches("q=zebrafish") == ([entry.id for entry in reversed(entries)], 1)

    def test_words_are_counted_so_far_and_no_further(
        self, client: Client, make: Factories, organization: Organization, reader: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(60):
            make.entry(organization, after={"topic": f"zebrafish {number}"})
        make.entry(organization, after={"topic": "another fish"})
        client.sign_in(reader)
        whole = client.get(f"/audit?{MARCH}&q=zebrafish")
        monkeypatch.setattr(search_queries, "MAX_BY_WORDS", 55)
        monkeypatch.setattr(trail, "FEW", 10)

        page = client.get(f"/audit?{MARCH}&q=zebrafish")
        older = client.get(link_on(page, "Older"))

        assert "60 entries" in whole.text
        assert all("55+ entries" in shown.text for shown in (page, older))
        assert len(entries_on(page) + entries_on(older)) == 60
        assert "60 entries" in client.get(f"/audit?{MARCH}&q=zebrafish&count=exact").text
        assert "61 entries" in client.get(f"/audit?{MARCH}&action=call.updated,lead.updated").text

    def test_a_list_that_may_be_short_enough_is_offered_as_a_file(
        self, client: Client, make: Factories, organization: Organization, reader: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(60):
            make.entry(organization, after={"topic": f"zebrafish {number}"})
        monkeypatch.setattr(search_queries, "MAX_BY_WORDS", 55)
        client.sign_in(reader)

        page = client.get(f"/audit?{MARCH}&q=zebrafish")

        assert "/audit.csv?" in page.html
        assert len(client.get(f"/audit.csv?{MARCH}&q=zebrafish").response.get_data(as_text=True).splitlines()) == 61
