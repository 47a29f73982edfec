"""A list's page, file and count agree, because one list object provides all three."""

from dataclasses import replace

import pytest
from flask import Flask

from app.db.context import current_context
from app.extensions import db
from app.models import Organization, Role, User
from app.security.actor import Actor
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_list
from app.work.missed_calls.filters import EntryFilters
from app.work.missed_calls.queries import entry_list
from tests.support.factories import DAY, Factories
from tests.support.queries import recorded_queries
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


def test_a_call_that_is_ones_own_in_several_ways_counts_once(
    app: Flask, make: Factories, organization: Organization, manager: Actor
) -> None:
    csr, other = make.user(organization), make.user(organization)
    mine: list[dict[str, User | None]] = [
        {"csr": csr, "handled": csr, "rep": csr},
        {"csr": other, "handled": csr, "rep": csr},
        {"csr": other, "handled": other, "rep": csr},
        {"csr": None, "handled": None, "rep": csr},
        {"csr": csr, "handled": other, "rep": None},
    ]
    others: list[dict[str, User | None]] = [
        {"csr": other, "handled": None, "rep": other},
        {"csr": None, "handled": None, "rep": None},
    ]
    for people in mine + others:
        ids = {name: person.id if person else None for name, person in people.items()}
        make.call(
            organization,
            csr=people["csr"],
            handled_by="human" if ids["handled"] else None,
            handled_by_user_id=ids["handled"],
            assigned_rep_id=ids["rep"],
            topic="Leak" if people in mine[:2] else None,
        )
    own = replace(manager, user_id=csr.id, role=Role.CSR)

    with at_work(app, organization.id), recorded_queries(db.engine) as asked:
        for filters, expected in ((CallFilters(), 5), (CallFilters(topic="Leak"), 2), (CallFilters(topic="none"), 3)):
            assert call_list(own, filters).count().number == expected
            assert len(call_list(own, filters).page().rows) == expected

    assert asked[0].count("UNION ALL") == 2


def test_a_page_that_shows_all_needs_no_count(
    app: Flask, make: Factories, organization: Organization, manager: Actor
) -> None:
    for _ in range(3):
        make.call(organization)
    with at_work(app, organization.id):
        query = call_list(manager, CallFilters())
        whole, part = query.page(), query.page(size=2)
        with recorded_queries(db.engine) as asked:
            assert query.count_total(whole).number == 3
            assert asked == []
            assert query.count_total(part).number == 3
            assert len(asked) == 1


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
