"""Equality of stored numbers and rows, through series of random changes."""

import os
from datetime import timedelta
from random import Random
from unittest.mock import patch

from sqlalchemy import Engine, text

from app.models import Role
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.rollups import numbers
from tests.insight.rollups.changes import Changes
from tests.insight.rollups.numbers import all_numbers, count_all, from_rows, periods

#: More of them are run by hand: every round compares some 20,000 values.
_ROUNDS, _SEED = int(os.environ.get("ROLLUP_ROUNDS", "2")), int(os.environ.get("ROLLUP_SEED", "1"))


def test_stored_numbers_are_those_of_the_rows(random_company: RandomCompany, asking: Asking) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]):
        count_all()

    for user in (random_company.staff[Role.MANAGER], random_company.csrs[0], random_company.reps[1]):
        with asking(random_company, user) as actor:
            stored = all_numbers(actor, random_company, of_one=False)
            with from_rows():
                counted = all_numbers(actor, random_company, of_one=False)

            assert len(stored) > 100
            assert {name: (one, counted[name]) for name, one in stored.items() if one != counted[name]} == {}


def test_a_wrong_number_is_noticed(counted_company: RandomCompany, asking: Asking, admin_engine: Engine) -> None:
    with asking(counted_company, counted_company.staff[Role.MANAGER]) as actor:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE call_days SET calls = calls + 1"))
        stored = all_numbers(actor, counted_company, "a day", of_one=False)
        with from_rows():
            counted = all_numbers(actor, counted_company, "a day", of_one=False)

        assert {name for name, one in stored.items() if one != counted[name]}


def test_numbers_equal_the_rows_through_random_changes(
    company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    changes, random = Changes(company, seed=_SEED), Random(_SEED)  # noqa: S311 - reproducible, not secret
    for round_ in range(_ROUNDS):
        changes.make(admin_engine, 30)
        # A comparison is cut in the morning or in the afternoon.
        now = NOW + timedelta(hours=random.choice((0, 8)))
        with asking(company, company.staff[Role.MANAGER]) as actor, patch.object(numbers, "NOW", now):
            if round_ % 2:
                count_all(now)
            names = random.sample(sorted(periods(actor)), 2)
            stored = all_numbers(actor, company, *names)
            with from_rows():
                counted = all_numbers(actor, company, *names)

        assert {name: (one, counted[name]) for name, one in stored.items() if one != counted[name]} == {}
