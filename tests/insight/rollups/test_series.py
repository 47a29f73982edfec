"""Equality of stored numbers and rows, through series of random changes."""

from sqlalchemy import Engine, text

from app.insight.metrics.call_ledger import CALLS
from app.models import Role
from tests.insight.metrics.company import RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.rollups.changes import Changes
from tests.insight.rollups.numbers import all_numbers, count_all, from_rows


def test_stored_numbers_are_those_of_the_rows(random_company: RandomCompany, asking: Asking) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]):
        count_all(CALLS)

    for user in (random_company.staff[Role.MANAGER], random_company.csrs[0], random_company.reps[1]):
        with asking(random_company, user) as actor:
            stored = all_numbers(actor, random_company)
            with from_rows():
                counted = all_numbers(actor, random_company)

            assert len(stored) > 100
            assert {name: (one, counted[name]) for name, one in stored.items() if one != counted[name]} == {}


def test_a_wrong_number_is_noticed(company: RandomCompany, asking: Asking, admin_engine: Engine) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        count_all(CALLS)
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE call_days SET calls = calls + 1"))
        stored = all_numbers(actor, company)
        with from_rows():
            counted = all_numbers(actor, company)

        assert {name for name, one in stored.items() if one != counted[name]}


def test_numbers_equal_the_rows_through_random_changes(
    company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    changes = Changes(company, seed=1)
    for round_ in range(4):
        changes.make(admin_engine, 12)
        with asking(company, company.staff[Role.MANAGER]) as actor:
            if round_ % 2:
                count_all(CALLS)
            stored = all_numbers(actor, company)
            with from_rows():
                counted = all_numbers(actor, company)

        assert {name: (one, counted[name]) for name, one in stored.items() if one != counted[name]} == {}
