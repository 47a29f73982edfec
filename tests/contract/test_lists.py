"""Every list sends the database the same number of queries, whether it has a few rows or dozens."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from flask import Flask

from app.models import Role
from app.security.guard import Access, access_of
from tests.support.client import Client
from tests.support.company import Company, may_use
from tests.support.factories import Factories
from tests.support.routes import page_routes
from tests.support.sample_records import NOT_MANY, RESOURCES, OneMore

MAX_QUERIES = 10

#: Endpoints whose pages show declarations of the code, with the reason why they get no more rows. Every other list must
#: show more after `_fill` than before, or its queries were counted on too few rows.
FIXED = {
    "audit_log.index": "the page is full from the start, because every created row has an entry",
    "providers.index": "shows all providers",
    "privacy.index": "empty until a search is made",
    "search.index": "empty until a search is made",
    "styleguide.index": "shows all components",
}


class Look(NamedTuple):
    """Number of queries that a list sent, and of rows or items that it showed."""

    queries: int
    rows: int


def lists(app: Flask) -> list[str]:
    """Return the endpoints of all lists that an owner can open.

    They are those that a resource declares, and those whose name ends in `.index`. The home page is omitted, since it
    only redirects.
    """
    declared = {one.listed.endpoint for one in RESOURCES if one.listed}
    return sorted(
        rule.endpoint
        for rule in page_routes(app)
        if (rule.endpoint.endswith(".index") or rule.endpoint in declared)
        and not rule.arguments
        and rule.rule != "/"
        # The list of all organizations belongs to the platform: tests/organizations counts its queries.
        and may_use(access_of(app, rule.endpoint) or Access(), Role.OWNER)
    )


def test_the_number_of_queries_of_a_list_does_not_grow(
    app: Flask,
    client: Client,
    company: Company,
    make: Factories,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client.sign_in(company.people[Role.OWNER])
    few = _looks_by_list(app, client, queries)
    with make.batch():
        _fill(make, company)
    many = _looks_by_list(app, client, queries)

    # Some queries depend on the rows: a page that shows its whole list needs no count, and an empty one no check for
    # news.
    more = {endpoint: look.queries - few[endpoint].queries for endpoint, look in many.items()}
    assert {name: n for name, n in more.items() if n not in (0, 1, 2)} == {}, "statements more than with few rows"
    assert max(look.queries for look in many.values()) <= MAX_QUERIES, many
    assert {endpoint for endpoint, look in many.items() if look.rows <= few[endpoint].rows} == FIXED.keys()


def _looks_by_list(
    app: Flask, client: Client, queries: Callable[[], AbstractContextManager[list[str]]]
) -> dict[str, Look]:
    found = {}
    for endpoint in lists(app):
        with app.test_request_context():
            # These start today by default, and the rows created here are from long ago.
            is_from_today = endpoint in {"appointments.index", "calendar.events"}
            url = app.url_for(endpoint) + ("?sort=startTime" if is_from_today else "")
        client.get(url)  # loads what is cached on the first view
        with queries() as sent:
            page = client.get(url)
        found[endpoint] = Look(len(sent), len(page.all(".//main//tbody/tr")) + len(page.all(".//main//li")))
    return found


def _fill(make: Factories, company: Company) -> None:
    """Add a dozen or more of everything that a list can show in or about its rows, except NOT_MANY."""
    one_more = OneMore(make, company)
    for _ in range(12):
        call = one_more.call()
        make.transcript(call)
        make.analysis(call)
        make.entry(company.organization, make.user(company.organization), resource_id=call.id)
        for resource in RESOURCES:
            if resource.model not in NOT_MANY:
                one_more(resource.model)
