"""Marks on the rows of a list that are new since the user last visited it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.declarations.registry import registry_of
from app.models import Call, ListVisit, Organization, Role, User
from app.security.matrix import permissions_of
from tests.support.client import Client
from tests.support.company import make_company
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NOW = datetime.now(UTC)
#: Lists that start today by default, whereas the company's rows are from long ago.
_FROM_TODAY = ("appointments", "events")
Visits = Callable[[User], dict[str, ListVisit]]


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Mia Manager")


@pytest.fixture
def visits(admin_engine: Engine) -> Visits:
    """Function that returns a user's recorded visits to lists, by page."""

    def read(user: User) -> dict[str, ListVisit]:
        with Session(admin_engine, expire_on_commit=False) as session:
            found = session.scalars(select(ListVisit).where(ListVisit.user_id == user.id))
            return {one.page: one for one in found}

    return read


@pytest.fixture
def called(make: Factories, organization: Organization) -> Callable[[timedelta], Call]:
    """Function that creates a call recorded the given time ago."""
    return lambda ago: make.call(organization, started_at=NOW - ago, created_at=NOW - ago)


def new_rows(page: Page) -> list[str]:
    """Return the IDs of the rows marked as new, and check that each mark has its label."""
    marked = [cell for cell in page.all(".//main//th[@scope='row']") if cell.find(".//*[@class='new-dot']") is not None]
    assert all(text_of(cell).startswith("New:") for cell in marked)
    links = [cell.find(".//a[@href]") for cell in marked]
    return ["" if link is None else link.get("href", "").split("?")[0].rsplit("/")[-1] for link in links]


def test_a_first_look_has_nothing_new_and_is_written_down(
    client: Client, manager: User, called: Callable[[timedelta], Call], visits: Visits
) -> None:
    called(timedelta(hours=1))

    page = client.sign_in(manager).get("/calls")

    assert new_rows(page) == []
    assert page.all(".//*[@class='news-bar']") == []
    assert abs(visits(manager)["calls"].last_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_what_came_since_the_last_visit_is_counted_and_marked(
    client: Client, make: Factories, manager: User, called: Callable[[timedelta], Call]
) -> None:
    make.list_visit(manager, last_at=NOW - timedelta(days=9), looked_at=NOW - timedelta(days=2))
    called(timedelta(days=3))
    one, other = called(timedelta(days=1)), called(timedelta(hours=1))

    page = client.sign_in(manager).get("/calls")

    assert new_rows(page) == [str(other.id), str(one.id)]
    assert text_of(page.one(".//*[@class='news-bar']//p")).startswith("2 new since ")


def test_marks_stay_for_the_visit_and_go_with_the_next(
    client: Client,
    make: Factories,
    admin_engine: Engine,
    manager: User,
    called: Callable[[timedelta], Call],
    visits: Visits,
) -> None:
    """Marks remain when the list is reloaded during a visit, and are gone on the next visit."""
    before = NOW - timedelta(days=2)
    make.list_visit(manager, last_at=before - timedelta(days=5), looked_at=before)
    call = called(timedelta(days=1))
    client.sign_in(manager)

    for _look in range(2):
        assert new_rows(client.get("/calls")) == [str(call.id)]
    assert visits(manager)["calls"].last_at == before
    with admin_engine.begin() as connection:
        connection.execute(update(ListVisit).values(looked_at=datetime.now(UTC) - timedelta(minutes=31)))
    assert new_rows(client.get("/calls")) == []


def test_all_are_marked_as_seen(
    client: Client, make: Factories, manager: User, called: Callable[[timedelta], Call]
) -> None:
    make.list_visit(manager, last_at=NOW - timedelta(days=2), looked_at=NOW - timedelta(days=2))
    called(timedelta(days=1))
    page = client.sign_in(manager).get("/calls?status=completed")
    fields = page.fields("/list-visits", "post")

    there = client.post("/list-visits", fields).headers["Location"]

    assert there.startswith("/calls?status=completed")
    assert new_rows(client.get(there)) == []


def test_only_the_rows_that_match_are_counted(
    client: Client, make: Factories, manager: User, called: Callable[[timedelta], Call]
) -> None:
    make.list_visit(manager, last_at=NOW - timedelta(days=2), looked_at=NOW - timedelta(days=2))
    called(timedelta(days=1))

    page = client.sign_in(manager).get("/calls?status=missed")

    assert page.all(".//*[@class='news-bar']") == []


def test_history_that_is_imported_is_not_new_and_what_a_form_was_open_for_is(
    client: Client, make: Factories, manager: User, organization: Organization
) -> None:
    """Imported history isn't new, but a row whose form was opened before the last visit is.

    Imported rows have old IDs, and a form generates the ID when it is opened.
    """
    looked = NOW - timedelta(hours=2)
    make.list_visit(manager, last_at=looked, looked_at=looked)
    make.call(organization, id=uuid7(NOW - timedelta(days=40)), started_at=NOW - timedelta(days=40))
    opened_before = make.call(organization, id=uuid7(NOW - timedelta(hours=3)), started_at=NOW)

    assert new_rows(client.sign_in(manager).get("/calls")) == [str(opened_before.id)]


def test_what_one_has_made_oneself_is_not_new_to_oneself(
    new_client: Callable[[], Client], make: Factories, organization: Organization, manager: User
) -> None:
    other = make.user(organization, role=Role.MANAGER)
    for person in (manager, other):
        make.list_visit(person, page="tasks", last_at=NOW - timedelta(days=2), looked_at=NOW - timedelta(days=2))
    mine = make.task(organization, created_by=manager.id)

    assert new_rows(new_client().sign_in(manager).get("/tasks")) == []
    assert new_rows(new_client().sign_in(other).get("/tasks")) == [str(mine.id)]


def test_two_people_in_turn_see_their_own_marks(
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    manager: User,
    called: Callable[[timedelta], Call],
) -> None:
    """Rows that are cached between requests don't include another user's marks."""
    other = make.user(organization, role=Role.MANAGER)
    make.list_visit(manager, last_at=NOW - timedelta(days=2), looked_at=NOW - timedelta(days=2))
    make.list_visit(other, last_at=NOW - timedelta(hours=1), looked_at=NOW - timedelta(hours=1))
    call = called(timedelta(days=1))
    first, second = new_client().sign_in(manager), new_client().sign_in(other)

    for _turn in range(2):
        assert new_rows(first.get("/calls")) == [str(call.id)]
        assert new_rows(second.get("/calls")) == []


def test_who_sees_the_pages_of_somebody_else_leaves_no_look_there(
    client: Client, make: Factories, organization: Organization, manager: User, visits: Visits
) -> None:
    client.sign_in(make.user(organization, role=Role.ADMIN))
    client.post(f"/users/{manager.id}/view-as", {"reason": "A question about the list"})

    client.get("/calls")

    assert visits(manager) == {}


def test_what_asks_beside_the_page_is_no_look(client: Client, manager: User, visits: Visits) -> None:
    client.sign_in(manager).swap("/missed-calls/news?since=2026-01-01T00:00:00%2B00:00")
    client.swap("/missed-calls")

    assert visits(manager) == {}


def test_every_list_is_looked_at_and_marks_its_rows(
    app: Flask, client: Client, make: Factories, visits: Visits
) -> None:
    """Every declared list records the visit and marks its new rows without code of its own."""
    company = make_company(make)
    admin = company.people[Role.ADMIN]
    rights = permissions_of(Role.ADMIN)
    lists = [one.listed for one in registry_of(app).lists.values() if one.listed and one.listed.permission in rights]
    with app.test_request_context():
        addresses = {listed.name: app.url_for(listed.endpoint) for listed in lists}
    for name in addresses:
        make.list_visit(admin, page=name)
    make.export_of_calls(admin)
    make.api_key(company.people[Role.OWNER])
    client.sign_in(admin)
    for name in _FROM_TODAY:
        addresses[name] += "?sort=startTime"
    unmarked = {name for name, address in addresses.items() if not new_rows(client.get(address))}

    assert visits(admin).keys() == addresses.keys()
    assert unmarked == set()


def test_new_rows_of_a_long_list_are_found_by_the_query_that_counts_it(
    client: Client,
    make: Factories,
    manager: User,
    called: Callable[[timedelta], Call],
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    make.list_visit(manager, last_at=NOW - timedelta(days=2), looked_at=NOW - timedelta(days=2))
    calls = [called(timedelta(days=days)) for days in (1, 3, 4)]
    client.sign_in(manager)

    for address in ("/calls?limit=2", "/calls?limit=2&count=exact"):
        with queries() as sent:
            page = client.get(address)
        assert new_rows(page) == [str(calls[0].id)]
        assert text_of(page.one(".//*[@class='panel-foot']/span")) == "3 calls"
        assert sum("FROM calls" in sql for sql in sent) == 2


def test_the_whole_trail_of_a_record_is_searched_again_only_if_one_of_its_entries_can_be_new(
    client: Client,
    make: Factories,
    organization: Organization,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    owner, long_ago = make.user(organization, role=Role.OWNER), NOW - timedelta(days=9)
    old, changed = uuid7(), uuid7()
    for record, created in ((old, long_ago), (changed, long_ago), (changed, NOW - timedelta(hours=1))):
        make.entry(organization, id=uuid7(created), created_at=created, resource_type="call", resource_id=record)
    make.list_visit(owner, page="audit", last_at=NOW - timedelta(days=3), looked_at=NOW - timedelta(days=3))
    client.sign_in(owner)

    def looked_at(record: UUID) -> tuple[int, int, int]:
        with queries() as sent:
            page = client.get(f"/audit?resource_type=call&resource_id={record}")
        shown = page.all(".//main//th[@scope='row']")
        return sum("audit_search(" in sql for sql in sent), len(shown), len(new_rows(page))

    assert looked_at(old) == (0, 1, 0)
    assert looked_at(changed) == (1, 2, 1)


def test_new_rows_are_not_searched_for_if_the_list_begins_with_an_older_one(
    client: Client,
    make: Factories,
    organization: Organization,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    owner, record, before = make.user(organization, role=Role.OWNER), uuid7(), NOW - timedelta(hours=2)
    for created in (before, before - timedelta(hours=1)):
        make.entry(organization, id=uuid7(created), created_at=created, resource_type="call", resource_id=record)
    make.list_visit(owner, page="audit", last_at=NOW - timedelta(hours=1), looked_at=NOW - timedelta(hours=1))
    client.sign_in(owner)

    def searches(parameters: str) -> int:
        with queries() as sent:
            page = client.get(f"/audit?resource_type=call&resource_id={record}{parameters}")
        assert new_rows(page) == []
        return sum("audit_search(" in sql for sql in sent)

    assert (searches(""), searches("&limit=1"), searches("&limit=1&sort=createdAt")) == (0, 0, 1)
    make.entry(organization, resource_type="call", resource_id=record, created_at=NOW)
    assert len(new_rows(client.get(f"/audit?resource_type=call&resource_id={record}&limit=1"))) == 1
