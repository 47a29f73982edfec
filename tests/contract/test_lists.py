"""Every list asks the database the same number of questions, whether it has three rows or thirty."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from flask import Flask

from app.models import Role
from app.security.guard import Access, access_of
from tests.support.client import Client
from tests.support.company import Company, may_use
from tests.support.factories import Factories

MOST_QUERIES = 10


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
    few = _queries_by_list(app, client, queries)
    _fill(make, company, 30)
    many = _queries_by_list(app, client, queries)

    assert many == few
    assert {"calls.index", "leads.index", "appointments.index", "missed_calls.index", "tasks.index"} <= many.keys()
    assert max(many.values()) <= MOST_QUERIES, many


def _queries_by_list(
    app: Flask, client: Client, queries: Callable[[], AbstractContextManager[list[str]]]
) -> dict[str, int]:
    found = {}
    for endpoint in lists(app):
        with app.test_request_context():
            url = app.url_for(endpoint)
        client.get(url)  # what the first view of a page loads once is not counted
        with queries() as sent:
            client.get(url)
        found[endpoint] = len(sent)
    return found


def _fill(make: Factories, company: Company, number: int) -> None:
    organization, csr = company.organization, company.people[Role.CSR]
    for _ in range(number):
        contact = make.contact(organization)
        lead = make.lead(organization, contact=contact)
        call = make.call(organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id)
        make.transcript(call)
        make.analysis(call)
        make.missed_entry(organization)
        make.appointment(organization, contact=contact, csr_id=csr.id)
        make.task(organization, assignee=csr)
        make.deletion(make.task(organization), deleted_by=csr.id)
        make.job(organization)
        make.invitation(organization)
        make.message(organization)
        make.entry(organization, make.user(organization), resource_id=call.id)
        make.entry(organization, resource_type="lead", resource_id=lead.id)
        make.api_key(csr)
