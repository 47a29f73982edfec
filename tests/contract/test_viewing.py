"""Viewing as another person: every page is as that person sees it, and every change is refused, on all routes."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from werkzeug.routing import Rule

from app.models import Role
from app.people.impersonation.guard import is_closed
from app.security.guard import access_of, is_static
from tests.support.client import Client
from tests.support.company import Company, address_of, may_use
from tests.support.database import WorkerDatabase
from tests.support.routes import page_routes

#: Endpoints that end or change the view.
LEADS_OUT = frozenset({"impersonation.end", "impersonation.start", "sign_in.sign_out"})
#: Tables that a refusal, or being there, writes to.
WRITTEN_ANYWAY = frozenset({"audit_logs", "rate_limits", "refused_requests"})


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every route with each of its methods."""
    for rule in page_routes(app):
        if not is_static(rule.endpoint):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def somewhere(app: Flask, rule: Rule, company: Company) -> str:
    """Return a URL of the route; if an argument isn't an ID, as in public routes, all are placeholders."""
    if all(argument.endswith("_id") for argument in rule.arguments):
        return address_of(app, rule, company)
    with app.test_request_context():
        values: dict[str, Any] = dict.fromkeys(rule.arguments, "anything")
        return app.url_for(rule.endpoint, **values)


@pytest.fixture
def contents(database: WorkerDatabase) -> Callable[[], dict[str, list[Any]]]:
    """A function that returns all rows of all tables, by table.

    Omitted are the job queue's tables, tables that any request may write to (WRITTEN_ANYWAY), and the columns
    `last_seen_at` and `updated_at`.
    """

    def read() -> dict[str, list[Any]]:
        with psycopg.connect(database.url("app_owner")) as connection:
            tables = connection.execute(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
                " AND NOT relispartition AND relname NOT LIKE 'procrastinate%' ORDER BY relname"
            ).fetchall()
            whole = sql.SQL("SELECT to_jsonb(one) - 'last_seen_at' - 'updated_at' FROM {} one ORDER BY 1")
            return {
                name: connection.execute(whole.format(sql.Identifier(name))).fetchall()
                for (name,) in tables
                if name not in WRITTEN_ANYWAY
            }

    return read


def looking(client: Client, company: Company, role: Role) -> Client:
    """Return the owner's browser while it views as the person with `role`."""
    client.sign_in(company.people[Role.OWNER])
    client.post(f"/users/{company.people[role].id}/view-as", {"reason": "To see what they see"})
    client.get("/", status=303)
    return client


@pytest.mark.parametrize("role", [Role.CSR, Role.ADMIN])
def test_every_change_is_refused_and_changes_nothing(
    app: Flask, client: Client, company: Company, role: Role, contents: Callable[[], dict[str, list[Any]]]
) -> None:
    looking(client, company, role)
    client.look_at("/csr")
    before = contents()

    features = set()
    for rule, method in routes(app):
        if method != "GET" and rule.endpoint not in LEADS_OUT:
            # Every refusal is answered by the same handler; the first of each feature is sent whole.
            feature = rule.endpoint.partition(".")[0]
            send = client.refusal_of if feature in features else client.status_of
            features.add(feature)
            status = send(method, somewhere(app, rule, company))
            assert status == 403, f"{method} {rule.rule}: {status}"

    after = contents()
    assert [name for name in after if after[name] != before[name]] == []


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT, Role.MANAGER])
def test_every_page_is_open_or_closed_as_it_is_for_the_person(
    app: Flask, client: Client, new_client: Callable[[], Client], company: Company, role: Role
) -> None:
    themselves = new_client().sign_in(company.people[role])
    looking(client, company, role)

    for rule, method in routes(app):
        access = access_of(app, rule.endpoint)
        if method != "GET" or access is None or not access.signed_in:
            continue
        url = address_of(app, rule, company)
        if not (may_use(access, role) or is_closed(rule.endpoint, rule.rule)):
            refusals = {client.refusal_of(method, url), themselves.refusal_of(method, url)}
            if len(refusals) == 1 and None not in refusals:
                continue
        seen = client.look_at(url)
        if is_closed(rule.endpoint, rule.rule):
            assert seen.status == 403, f"{rule.rule}: {seen.status}"
            continue
        assert seen.status == themselves.look_at(url).status, rule.rule
        disposition = seen.headers.get("Content-Disposition", "")
        assert not disposition.startswith("attachment"), f"{rule.rule} gives a file to who only looks on"
