"""Caches between requests hold nothing personal: pages are the same with them, without them, and in any order."""

import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Column
from sqlalchemy.sql import visitors

from app.caches import CACHES
from app.db.paging import Selection
from app.db.session import with_criteria
from app.models import Role
from app.security import cached_selections
from app.security.actor import Actor
from app.security.cached_selections import CACHED_SELECTIONS
from app.web.fragments import CSRF_PLACEHOLDER
from app.work.calls.queries import call_list
from tests.support.client import Client
from tests.support.company import Company, page_addresses
from tests.support.database import WorkerDatabase

#: Pages that show earlier requests or the current time.
TELL_OF_NOW = ("/system", "/account", "/organization/time-zone", "/styleguide", "/tasks/reading")

#: Parts that differ in each response: tokens of forms, ids of rows that a form will create, times of counting,
#: relative times. Each is an expression of its own, which begins with a fixed text and is searched for fast.
_CHANGING = tuple(
    re.compile(expression)
    for expression in (
        r'name="csrf_token" value="[^"]*"',
        r'"X-CSRFToken": "[^"]*"',
        r'value="[0-9a-f]{8}-[0-9a-f-]{27}"',
        r'name="until" value="[^"]*"',
        r"<time[^>]*data-age.*?</time>",
        r'<li class="now .*?</li>',
    )
)


def test_pages_are_the_same_with_what_is_kept_and_without_and_after_somebody_elses(
    app: Flask, new_client: Callable[[], Client], company: Company, neighbour: Company
) -> None:
    """The statements that the pages keep are held to the organization of whoever asks."""
    people = [(neighbour, Role.OWNER), (company, Role.CSR), (company, Role.OWNER)]
    clients = [new_client().sign_in(one.people[role]) for one, role in people]
    addresses = [(number, url) for number, (one, role) in enumerate(people) for url in page_addresses(app, one, role)]
    pages = [(number, url) for number, url in addresses if not url.startswith(TELL_OF_NOW)]

    def without_caches(number: int, url: str) -> str:
        for function in CACHES.values():
            function.cache_clear()
        return _steady(clients[number].html_at(url))

    # The neighbor comes upon what the company's people have left, and these upon their own and everybody's.
    for number, url in pages:
        if people[number] != (neighbour, Role.OWNER):
            _steady(clients[number].html_at(url))
    with_kept = {page: _steady(clients[page[0]].look_at(page[1]).html) for page in pages}
    for number, url in addresses:
        if url.startswith(TELL_OF_NOW):
            clients[number].look_at(url)
    _check_kept_statements(company)
    assert [page for page in pages if with_kept[page] != without_caches(*page)] == []
    assert len(with_kept) > 150


def _steady(html: str) -> str:
    """Return a page without the parts that differ in each response."""
    assert CSRF_PLACEHOLDER not in html
    for changing in _CHANGING:
        html = changing.sub("…", html)
    return html


def _check_kept_statements(company: Company) -> None:
    """Check that every kept statement asks for rows of one organization, and none for those of one user."""
    kept = [one for selection in CACHED_SELECTIONS for one in selection.known.values() if one]

    assert len(kept) > 30
    # The trail's own condition restricts it: the session adds none to tables without a scope rule. The names of
    # records, the ids of the search, the platform's staff, the stored days, and the organization itself have such
    # conditions too.
    held = (
        "%(context_organization)s",
        "audit_logs.organization_id = %(actor_organization)s",
        "organizations.id = %(actor_organization)s",
        "SELECT greatest(lower(stretch), ",
        "FROM record_names(",
        "FROM audit_search(",
        "FROM staff_in_trail(",
        "SELECT ids.place, ids.found_id \n",
    )
    of_anybody = [one.sql for one in kept if not any(words in one.sql for words in held)]
    assert [sql for sql in of_anybody if not re.search(r"WHERE false(\s+(GROUP|ORDER) BY|$)", sql)] == []
    # The user's identity is never part of the SQL text: it is passed as a parameter.
    facts = {str(company.organization.id), *(str(user.id) for user in company.people.values())}
    fixed = {str(value) for one in kept for value in one.fixed.values()}
    assert facts & fixed == set()


def test_of_many_mixtures_of_filters_only_the_last_are_kept(
    new_client: Callable[[], Client], company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_selections, "MAX_SHAPES", 3)
    call_list._rows.known.clear()
    client = new_client().sign_in(company.people[Role.OWNER])

    for filters in ("", "status=missed", "hour=9", "weekday=1", "topic=x", "rated=yes", "hour=9&topic=x", ""):
        client.get(f"/calls?{filters}")

    assert 0 < len(call_list._rows.known) <= 3


#: Columns that never change, and tables whose rows are written together with the revision.
_STAY = frozenset({"id", "organization_id", "user_id", "page", "created_at"})
_RAISED_WITH = frozenset({"offered_values", "rollup_days"})
#: Read by a selection without being shown or deciding anything: joined for other kinds of quotas.
_JOINED_ONLY = frozenset({("organization_usage", "organization_id")})


def test_whatever_a_kept_answer_reads_raises_its_revision(
    app: Flask, database: WorkerDatabase, company: Company
) -> None:
    kept_answers = [selection for selection in CACHED_SELECTIONS if selection.under]
    with psycopg.connect(database.url("app_owner")) as connection:
        raised = _raised_by_updates(connection)
        generated = _generated(connection)

    assert len(kept_answers) >= 9
    read_at_all, missing = set(), set()
    for role in (Role.OWNER, Role.CSR):
        user = company.people[role]
        actor = Actor(
            organization_id=company.organization.id, user_id=user.id, name=user.name, email=user.email, role=role
        )
        for selection in kept_answers:
            with app.test_request_context():
                read = _columns_of(with_criteria(selection.made_for(actor)))
            read_at_all |= read
            for table, column in read - _JOINED_ONLY:
                sources = generated.get((table, column), {column})
                known = set().union(*(raised.get((kind.value, table), set()) for kind in selection.under))
                if table not in _RAISED_WITH and not sources <= known | _STAY and "*" not in known:
                    missing.add((selection.under, table, column))

    assert missing == set()
    assert {
        ("users", "name"),
        ("users", "role"),
        ("saved_views", "query"),
        ("invitations", "expires_at"),
    } <= read_at_all


def _columns_of(statement: Selection) -> set[tuple[str, str]]:
    columns = (part for part in visitors.iterate(statement) if isinstance(part, Column))
    return {(str(part.table), part.name) for part in columns}


def _raised_by_updates(connection: psycopg.Connection) -> dict[tuple[str, str], set[str]]:
    """Return the columns whose update raises a revision, by kind of revision and table; * for all of them."""
    found: dict[tuple[str, str], set[str]] = {}
    for table, definition in connection.execute(
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgfoid::regproc::text IN ('raise_revision_of_row', 'raise_revision_of_organization')"
    ):
        [kind] = re.findall(r"EXECUTE FUNCTION \w+\('(\w+)'\)", definition)
        named = re.search(r"UPDATE OF ([\w, ]+) ON", definition)
        columns = {"*"} if named is None and "UPDATE" in definition else set()
        found.setdefault((kind, table), set()).update(named[1].split(", ") if named else columns)
    return found


def _generated(connection: psycopg.Connection) -> dict[tuple[str, str], set[str]]:
    """Return the columns among four that each generated column is computed from, by table and column.

    The four are `name`, `status`, `deleted_at` and `suspended_until`.
    """
    return {
        (table, column): set(re.findall(r"\b(name|status|deleted_at|suspended_until)\b", expression))
        for table, column, expression in connection.execute(
            "SELECT table_name, column_name, generation_expression FROM information_schema.columns"
            " WHERE table_schema = 'public' AND generation_expression IS NOT NULL"
        )
    }
