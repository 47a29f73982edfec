"""Every list asks the database the same number of questions, whether it has a few rows or dozens."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from flask import Flask

from app.models import Role
from app.security.guard import Access, access_of
from tests.support.client import Client
from tests.support.company import Company, may_use
from tests.support.factories import Factories
from tests.support.one_more import NOT_MANY, RESOURCES, OneMore

MAX_QUERIES = 10

#: Endpoints whose pages show what the code declares, with why no row is added to them. Every other list has to show
#: more after `_fill` than before, or its questions were counted on too few rows.
FIXED = {
    "audit_log.index": "its page is full from the start: it tells of everything that was made",
    "providers.index": "every provider that there is",
    "privacy.index": "shows nobody until somebody is looked for",
    "search.index": "shows nothing until something is looked for",
    "styleguide.index": "every component that there is",
}


class Look(NamedTuple):
    """What a list asked the database, and how many rows or items it showed."""

    queries: int
    rows: int


def lists(app: Flask) -> list[str]:
    """Endpoints of all lists, declared or called so; what only leads on to another page is none."""
    declared = {one.listed.endpoint for one in RESOURCES if one.listed}
    return sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.endpoint.endswith(".index") or rule.endpoint in declared)
        and not rule.arguments
        and rule.rule != "/"
        # That of all organizations is the platform's: tests/organizations counts its questions.
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

    # A page that shows all of its list is not counted, and an empty one has nothing that is new.
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
            # Some begin today, and those that are made here are of long ago.
            is_from_today = endpoint in {"appointments.index", "calendar.events"}
            url = app.url_for(endpoint) + ("?sort=startTime" if is_from_today else "")
        client.get(url)  # what the first view of a page loads once is not counted
        with queries() as sent:
            page = client.get(url)
        found[endpoint] = Look(len(sent), len(page.all(".//main//tbody/tr")) + len(page.all(".//main//li")))
    return found


def _fill(make: Factories, company: Company) -> None:
    """Dozens of everything that a list could show, or say of its rows."""
    one_more = OneMore(make, company)
    for _ in range(12):
        call = one_more.call()
        make.transcript(call)
        make.analysis(call)
        make.entry(company.organization, make.user(company.organization), resource_id=call.id)
        for resource in RESOURCES:
            if resource.model not in NOT_MANY:
                one_more(resource.model)
