"""Every list asks the database the same number of questions, whether it has three rows or thirty."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from flask import Flask

from app.models import Role
from app.security.guard import Access, access_of
from tests.support.client import Client
from tests.support.company import Company, may_use
from tests.support.factories import Factories

MAX_QUERIES = 10

#: Endpoints whose pages show what the code declares, with why no row is added to them. Every other list has to show
#: more after `_fill` than before, or its questions were counted on too few rows.
FIXED = {
    "audit_log.index": "its page is full from the start: it tells of everything that was made",
    "providers.index": "every provider that there is",
    "privacy.index": "shows nobody until somebody is looked for",
    "roles.index": "every role that there is",
    "styleguide.index": "every component that there is",
}


class Look(NamedTuple):
    """What a list asked the database, and how many rows or items it showed."""

    queries: int
    rows: int


def lists(app: Flask) -> list[str]:
    """Endpoints of all lists; what only leads on to another page is none."""
    return sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.endswith(".index")
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
        _fill(make, company, 30)
    many = _looks_by_list(app, client, queries)

    assert {endpoint: look.queries for endpoint, look in many.items()} == {
        endpoint: look.queries for endpoint, look in few.items()
    }
    assert max(look.queries for look in many.values()) <= MAX_QUERIES, many
    assert {endpoint for endpoint, look in many.items() if look.rows <= few[endpoint].rows} == FIXED.keys()


def _looks_by_list(
    app: Flask, client: Client, queries: Callable[[], AbstractContextManager[list[str]]]
) -> dict[str, Look]:
    found = {}
    for endpoint in lists(app):
        with app.test_request_context():
            url = app.url_for(endpoint)
        client.get(url)  # what the first view of a page loads once is not counted
        with queries() as sent:
            page = client.get(url)
        found[endpoint] = Look(len(sent), len(page.all(".//main//tbody/tr")) + len(page.all(".//main//li")))
    return found


def _fill(make: Factories, company: Company, number: int) -> None:
    organization, csr = company.organization, company.people[Role.CSR]
    owner, rep = company.people[Role.OWNER], company.people[Role.SALES_REP]
    for one in range(number):
        contact = make.contact(organization)
        lead = make.lead(organization, contact=contact)
        call = make.call(organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id)
        make.transcript(call)
        make.analysis(call)
        make.missed_entry(organization)
        make.recording(make.appointment(organization, contact=contact, csr_id=csr.id), rep)
        make.task(organization, assignee=csr)
        make.deletion(make.task(organization), deleted_by=csr.id)
        make.job(organization)
        make.invitation(organization)
        make.message(organization)
        make.entry(organization, make.user(organization), resource_id=call.id)
        make.entry(organization, resource_type="lead", resource_id=lead.id)
        make.api_key(csr)
        make.import_of_calls(organization)
        make.export_of_calls(owner)
        make.bulk_operation(owner)
        make.saved_view(owner)
        make.stream(organization, name=f"Stream {one}")
