"""The numbers that are easiest to get wrong equal what plain loops over all rows say."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from app.metrics.coaching import coaching
from app.metrics.csr import csr_numbers
from app.metrics.missed import missed_call_numbers
from app.metrics.numbers import Number
from app.metrics.objections import top_objections
from app.metrics.rep import rep_numbers
from app.metrics.volume import call_volume
from app.models import Role
from tests.metrics.by_hand import ByHand
from tests.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.metrics.conftest import Asking

DAYS = FIRST_DAY, LAST_DAY
WHOM = ["everybody", "one", "team", "none"]


def _chosen(company: RandomCompany, whom: str, one: Any) -> tuple[Any, Any]:
    """Whom the module is asked for, and who that is by hand."""
    chosen = {
        "everybody": (None, None),
        "one": (one.id, {one.id}),
        "team": ("team", {person.id for person in company.team}),
        "none": ("none", {None}),
    }
    return chosen[whom]


def _assert_told(found: Mapping[str, Number], counted: Mapping[str, float | None]) -> None:
    assert {name: found[name].value for name in counted} == counted
    assert any(counted.values())


@pytest.mark.parametrize("whom", WHOM)
def test_the_call_centre(random_company: RandomCompany, asking: Asking, admin_engine: Engine, whom: str) -> None:
    person, people = _chosen(random_company, whom, random_company.csrs[0])
    by_hand = ByHand(admin_engine, random_company.organization, DAYS, NOW, people)
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        period = random_company.period
        numbers = csr_numbers(actor, period, csr=person, now=NOW)
        objections = top_objections(actor, period, csr=person, now=NOW)
        volume = call_volume(actor, period, csr=person, now=NOW)

    _assert_told(numbers, by_hand.of_csrs())
    assert [(one.category, one.share.value, one.worst) for one in objections] == by_hand.objections()
    assert {share.key: share.calls for share in volume.by_hour} == by_hand.volume("hour")
    assert {share.key: share.calls for share in volume.by_weekday} == by_hand.volume("isoweekday")


@pytest.mark.parametrize("whom", WHOM)
def test_the_missed_call_queue(random_company: RandomCompany, asking: Asking, admin_engine: Engine, whom: str) -> None:
    person, people = _chosen(random_company, whom, random_company.csrs[1])
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        numbers = missed_call_numbers(actor, random_company.period, csr=person, now=NOW)

    _assert_told(numbers, ByHand(admin_engine, random_company.organization, DAYS, NOW, people).of_the_queue())


@pytest.mark.parametrize("whom", WHOM)
def test_sales(random_company: RandomCompany, asking: Asking, admin_engine: Engine, whom: str) -> None:
    person, people = _chosen(random_company, whom, random_company.reps[0])
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        numbers = rep_numbers(actor, random_company.period, rep=person, now=NOW)

    _assert_told(numbers, ByHand(admin_engine, random_company.organization, DAYS, NOW, people).of_reps())


@pytest.mark.parametrize("number", [0, 1])
def test_a_reps_own_numbers_are_of_the_recordings_that_they_may_hear(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine, number: int
) -> None:
    rep = random_company.reps[number]
    with asking(random_company, rep) as actor:
        numbers = rep_numbers(actor, random_company.period, rep=None, now=NOW)

    by_hand = ByHand(admin_engine, random_company.organization, DAYS, NOW, {rep.id}, hearer=rep.id)
    _assert_told(numbers, by_hand.of_reps())


def test_coaching(random_company: RandomCompany, asking: Asking, admin_engine: Engine) -> None:
    with asking(random_company, random_company.staff[Role.EXEC]) as actor:
        found = coaching(actor, random_company.period, now=NOW)

    by_hand = ByHand(admin_engine, random_company.organization, DAYS, NOW).coaching()
    assert {one.id: one.opportunity for one in found if one.calls} == by_hand
