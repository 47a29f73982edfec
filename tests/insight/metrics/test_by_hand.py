"""Metrics that are easy to get wrong, checked against plain loops over all rows."""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.db.filters import Person
from app.insight.dashboards.csr_people_page import coaching
from app.insight.metrics.csr_queries import csr_numbers, csr_team
from app.insight.metrics.missed_queries import missed_call_numbers
from app.insight.metrics.numbers import Number
from app.insight.metrics.objection_queries import top_objections
from app.insight.metrics.rep_queries import rep_numbers
from app.insight.metrics.volume_queries import call_volume
from app.models import Role, User
from tests.insight.metrics.by_hand import ByHand
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking


@pytest.fixture
def count(random_company: RandomCompany, admin_engine: Engine) -> ByHand:
    """Numbers computed by hand from the rows of the company's period."""
    return ByHand(admin_engine, random_company.organization, (FIRST_DAY, LAST_DAY), NOW)


def _whoever(company: RandomCompany, one: User) -> Iterator[tuple[Person | None, Collection[UUID | None] | None]]:
    """Yield each choice of people as the metrics module takes it, and as the computation by hand does."""
    yield None, None
    yield one.id, {one.id}
    yield "team", {person.id for person in company.team}
    yield "none", {None}


def _assert_told(found: Mapping[str, Number], counted: Mapping[str, float | None], person: Person | None) -> None:
    assert {name: found[name].value for name in counted} == counted, person
    assert any(counted.values())


def test_the_call_centre(random_company: RandomCompany, asking: Asking, count: ByHand) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        for person, people in _whoever(random_company, random_company.csrs[0]):
            numbers = csr_numbers(actor, random_company.period, csr=person, now=NOW)
            objections = top_objections(actor, random_company.period, csr=person, now=NOW)
            volume = call_volume(actor, random_company.period, csr=person, now=NOW)

            _assert_told(numbers, count.of_csrs(people), person)
            assert [(one.category, one.share.value, one.worst) for one in objections] == count.objections(people)
            assert {share.key: share.calls for share in volume.by_hour} == count.volume("hour", people)
            assert {share.key: share.calls for share in volume.by_weekday} == count.volume("isoweekday", people)


def test_the_missed_call_queue(random_company: RandomCompany, asking: Asking, count: ByHand) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        for person, people in _whoever(random_company, random_company.csrs[1]):
            numbers = missed_call_numbers(actor, random_company.period, csr=person, now=NOW)

            _assert_told(numbers, count.of_the_queue(people), person)


def test_sales(random_company: RandomCompany, asking: Asking, count: ByHand) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        for person, people in _whoever(random_company, random_company.reps[0]):
            numbers = rep_numbers(actor, random_company.period, rep=person, now=NOW)

            _assert_told(numbers, count.of_reps(people), person)


def test_a_reps_own_numbers_are_of_the_recordings_that_they_may_hear(
    random_company: RandomCompany, asking: Asking, count: ByHand
) -> None:
    for rep in random_company.reps[:2]:
        with asking(random_company, rep) as actor:
            numbers = rep_numbers(actor, random_company.period, rep=None, now=NOW)

        _assert_told(numbers, count.of_reps({rep.id}, hearer=rep.id), rep.id)


def test_coaching(random_company: RandomCompany, asking: Asking, count: ByHand) -> None:
    with asking(random_company, random_company.staff[Role.EXEC]) as actor:
        found = coaching(csr_team(actor, random_company.period, csr=None, now=NOW).people)

    assert {one.id: one.opportunity for one in found if one.calls} == count.coaching()
