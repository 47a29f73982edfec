"""One list object for a page, its file and a number: what they share."""

import pytest
from flask import Flask

from app.db.context import current_context
from app.models import Organization, Role
from app.security.actor import Actor
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_list
from app.work.missed_calls.filters import EntryFilters
from app.work.missed_calls.queries import entry_list
from tests.support.factories import DAY, Factories
from tests.support.work import at_work


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def manager(make: Factories, organization: Organization) -> Actor:
    person = make.user(organization, Role.MANAGER)
    return Actor(
        organization_id=organization.id, user_id=person.id, name=person.name, email=person.email, role=Role.MANAGER
    )


def test_the_rows_of_a_list_are_those_it_counts_though_a_lead_is_in_the_trash(
    app: Flask, make: Factories, organization: Organization, manager: Actor
) -> None:
    csr = make.user(organization)
    kept, deleted = make.lead(organization, csr_id=csr.id), make.lead(organization, csr_id=csr.id, deleted_at=DAY)
    entry = make.missed_entry(organization, lead_id=kept.id)
    make.missed_entry(organization, lead_id=deleted.id)

    with at_work(app, organization.id):
        found = entry_list(manager, EntryFilters(csr=csr.id))
        assert [row.id for row in found.page().rows] == [entry.id]
        assert found.count(exact=True).number == 1


def test_a_stream_carries_its_context_and_lends_it_to_nobody(
    app: Flask, make: Factories, organization: Organization, manager: Actor
) -> None:
    calls = {make.call(organization).id for _ in range(3)}
    make.call(make.organization())
    with at_work(app, organization.id):
        stream = call_list(manager, CallFilters()).stream()

    with app.app_context():
        first = next(stream)
        between_two_rows = current_context().organization_id
        rest = list(stream)

    assert between_two_rows is None
    assert {row.id for row in (first, *rest)} == calls


def test_a_stream_that_nobody_reads_to_its_end_leaves_nothing_open(
    app: Flask, make: Factories, organization: Organization, manager: Actor
) -> None:
    for _ in range(3):
        make.call(organization)
    with at_work(app, organization.id):
        stream = call_list(manager, CallFilters()).stream()

    with app.app_context():
        next(stream)
        stream.close()  # type: ignore[attr-defined]  # a generator, typed as what it is used as
