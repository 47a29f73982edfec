"""Single rows by ID, whose statements are kept by person and model."""

from dataclasses import replace

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.extensions import db
from app.models import Call, Role
from app.security.actor import Actor
from app.security.rows import find_row
from tests.support.factories import Factories
from tests.support.owner_races import acting


@pytest.mark.parametrize("lock", [False, True])
def test_a_row_is_found_by_those_who_see_it_whoever_asked_before(app: Flask, make: Factories, lock: bool) -> None:
    organization, other = make.organization(), make.organization()
    csr, colleague, manager = (make.user(organization, role) for role in (Role.CSR, Role.CSR, Role.MANAGER))
    stranger = make.user(other, Role.MANAGER)
    call, theirs = make.call(organization, csr=csr), make.call(organization, csr=colleague)

    def sees(actor: Actor, one: Call) -> bool:
        with app.app_context(), use_context(Context(organization_id=actor.organization_id)):
            found = find_row(actor, Call, one.id, lock=lock)
            is_it = found is not None and found.id == one.id
            db.session.rollback()
            return is_it

    assert [sees(acting(manager), one) for one in (call, theirs)] == [True, True]
    assert [sees(acting(csr), one) for one in (call, theirs)] == [True, False]
    assert [sees(acting(stranger), one) for one in (call, theirs)] == [False, False]
    assert [sees(replace(acting(csr), role=Role.MANAGER), one) for one in (call, theirs)] == [True, True]
    assert [sees(acting(csr), one) for one in (call, theirs)] == [True, False]


def test_a_further_condition_holds_for_one_question_only(app: Flask, make: Factories) -> None:
    organization = make.organization()
    manager, call = acting(make.user(organization, Role.MANAGER)), make.call(organization)

    with app.app_context(), use_context(Context(organization_id=organization.id)):
        found = [
            find_row(manager, Call, call.id, *conditions)
            for conditions in ((), (Call.status == "missed",), (), (Call.status == "completed",))
        ]
        assert [row is not None for row in found] == [True, False, True, True]
