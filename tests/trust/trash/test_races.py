"""Concurrent deletions and restores on separate connections: consistent, whichever comes first."""

from collections.abc import Callable
from functools import partial
from itertools import combinations_with_replacement
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.errors import Conflict, NotFound, TokenInvalid
from app.models import Organization, Role, User
from app.trust.trash.delete_service import delete
from app.trust.trash.purge_service import purge_batch
from app.trust.trash.queries import get_batch_of_organization
from app.trust.trash.restore_service import restore
from app.trust.trash.undo_service import undo
from tests.support.factories import Factories
from tests.support.owner_races import SERVICES, WAYS, acting, count_owners
from tests.support.work import both_at_once
from tests.trust.trash.conftest import Delete, Stored

ROUNDS = 10


def removal(organization_id: UUID, batch_id: UUID) -> Callable[[], None]:
    return lambda: purge_batch(get_batch_of_organization(organization_id, batch_id))


def test_of_two_restores_one_wins_and_the_other_is_told(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    for _ in range(ROUNDS):
        task = make.task(organization)
        again = partial(restore, acting(admin), soft_delete(admin, "task", task))

        refused = both_at_once(app, organization.id, again, again)

        assert [error.sentence for error in refused] == ["This was already restored."]
        assert not stored(task)["is_deleted"]


def test_undone_twice_it_is_undone_once(
    app: Flask, make: Factories, organization: Organization, manager: User, soft_delete: Delete, stored: Stored
) -> None:
    for _ in range(ROUNDS):
        task = make.task(organization)
        again = partial(undo, acting(manager), soft_delete(manager, "task", task))

        assert len(both_at_once(app, organization.id, again, again)) == 1
        assert not stored(task)["is_deleted"]


def test_of_two_deletions_one_wins(
    app: Flask, make: Factories, organization: Organization, manager: User, stored: Stored, admin_engine: Engine
) -> None:
    for _ in range(ROUNDS):
        tasks = [make.task(organization) for _ in range(2)]
        ids = [task.id for task in tasks]

        refused = both_at_once(
            app,
            organization.id,
            partial(delete, acting(manager), "task", ids),
            partial(delete, acting(manager), "task", ids[::-1]),
        )

        assert [type(error) for error in refused] == [NotFound]
        assert len({stored(task)["deletion_batch_id"] for task in tasks}) == 1


def test_purge_beside_restore_leaves_all_or_nothing(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    for _ in range(ROUNDS):
        tasks = [make.task(organization) for _ in range(3)]
        batch_id = soft_delete(admin, "task", *tasks)

        refused = both_at_once(
            app, organization.id, partial(restore, acting(admin), batch_id), removal(organization.id, batch_id)
        )

        assert [type(error) for error in refused] == [Conflict]
        assert len({stored(task) == {} for task in tasks}) == 1
        assert {stored(task).get("is_deleted", False) for task in tasks} == {False}


def test_a_lead_restored_while_its_contact_is_deleted_is_never_left_without_it(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    for _ in range(ROUNDS):
        card = make.contact(organization)
        lead = make.lead(organization, contact=card)
        batch_id = soft_delete(admin, "lead", lead)

        refused = both_at_once(
            app,
            organization.id,
            partial(restore, acting(admin), batch_id),
            partial(delete, acting(admin), "contact_card", [card.id]),
        )

        assert [type(error) for error in refused] == [Conflict]
        assert not (stored(card)["is_deleted"] and not stored(lead)["is_deleted"])


def test_an_address_restored_twice_at_once_stands_once(
    app: Flask, make: Factories, organization: Organization, admin: User, soft_delete: Delete, stored: Stored
) -> None:
    for number in range(ROUNDS):
        batches = []
        people = []
        for _ in range(2):
            person = make.user(organization, email=f"same{number}@blue.example", status="inactive")
            people.append(person)
            batches.append(soft_delete(admin, "user", person))

        refused = both_at_once(
            app, organization.id, *(partial(restore, acting(admin), batch_id) for batch_id in batches)
        )

        assert [type(error) for error in refused] == [Conflict]
        assert [stored(person)["is_deleted"] for person in people].count(False) == 1


@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(WAYS, 2)))
def test_two_owners_who_take_each_other_away_leave_one(
    app: Flask, make: Factories, admin_engine: Engine, one: str, other: str
) -> None:
    for _ in range(6):
        organization = make.organization()
        first, second = (make.user(organization, Role.OWNER) for _ in range(2))

        refused = both_at_once(app, organization.id, WAYS[one](second, first), WAYS[other](first, second))

        assert len(refused) == 1
        if {one, other} <= SERVICES:
            assert isinstance(refused[0], TokenInvalid), "who came second was no active owner any more"
        assert count_owners(admin_engine, organization.id) == 1
