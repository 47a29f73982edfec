"""Rows that a key sees: those its permissions cover, and background work that it started itself."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.db.context import current_context
from app.declarations.registry import registry
from app.errors import Forbidden, TokenInvalid
from app.extensions import db
from app.models import ApiKey, Call, Export, Import, Lead, Role, User
from app.models.bulk import BulkOperation
from app.people.users.credential_service import reset_second_factor, send_password_link
from app.people.users.edit_service import check_address_change
from app.people.users.service import refuse_stale_rights
from app.security.actor import Actor, current_actor
from app.security.permissions import Permission
from app.security.scope import scoped_models, visible
from app.tenancy.actor_rules import refuse_guest, require_own_person
from app.work.missed_calls.service import claim, release
from tests.support.cached_rows import restored_by_copy
from tests.support.client import access_token, bearer
from tests.support.company import Company, make_company
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import ME, calling, make_key


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Company:
    """A company with a row of every kind, beside another one. Restored by COPY."""
    make_company(make)
    return make_company(make)


@pytest.fixture
def creator(company: Company, make: Factories) -> User:
    """The owner, with rows of their own of the kinds that need no permission."""
    owner = company.people[Role.OWNER]
    make.notification(owner)
    make.saved_view(owner, is_shared=True)
    make.list_settings(owner)
    make.export_of_calls(owner)
    make.bulk_operation(owner)
    make.task(company.organization, assignee=owner)
    return owner


def seen_by(actor: Actor) -> dict[str, tuple[Any, ...]]:
    """Return the IDs of all rows that the actor sees by table, and the pages of all lists that they can open."""
    seen: dict[str, tuple[Any, ...]] = {}
    for model in sorted(scoped_models(), key=lambda one: one.__name__):
        seen[model.__name__] = tuple(
            db.session.scalars(visible(model, actor).with_only_columns(model.id).order_by(model.id))
        )
    for resource in registry().resources.values():
        if resource.listed is not None and actor.may(resource.listed.permission):
            query = resource.listed.query(actor, resource.listed.filters())
            seen[f"list of {resource.name}"] = (repr(query.page().rows), query.count(exact=True))
    return seen


def as_caller(app: Flask, token: str) -> dict[str, tuple[Any, ...]]:
    with app.test_request_context(ME, headers=bearer(token)):
        app.preprocess_request()
        return seen_by(current_actor())


@pytest.mark.parametrize("permission", ["calls:read", "leads:read", "exports:create"])
def test_what_a_key_sees_is_unaffected_by_its_creators_requests(
    app: Flask, company: Company, creator: User, make: Factories, permission: str
) -> None:
    _key, token = make_key(make, creator, permission)
    person = access_token(app, creator)

    looks = []
    for _ in range(3):
        looks.append(as_caller(app, token))
        theirs = as_caller(app, person)

    assert looks[0] == looks[1] == looks[2]
    assert len(theirs["Notification"]) == len(theirs["Export"]) == 1
    found = {name for name, rows in looks[0].items() if rows and not name.startswith("list of ")}
    permitted = {
        resource.model.__name__
        for resource in registry_of(app).values()
        if resource.scope is not None and Permission(permission) in resource.scope.permissions
    }
    assert found <= permitted
    assert (permission == "exports:create") == (found == set())


def registry_of(app: Flask) -> Mapping[str, Any]:
    with app.app_context():
        return registry().resources


def test_a_key_sees_all_rows_that_its_permission_covers_and_none_of_a_neighbour(
    app: Flask, company: Company, creator: User, make: Factories, behind: Behind
) -> None:
    _key, token = make_key(make, creator, "calls:read")

    seen = as_caller(app, token)

    ours = {row.id for row in behind.rows(Call, organization_id=company.organization.id)}
    assert set(seen["Call"]) == ours
    assert len(behind.rows(Call)) > len(ours)
    assert seen["Lead"] == ()
    assert behind.rows(Lead, organization_id=company.organization.id)


def test_a_key_sees_only_the_background_work_that_it_started(
    app: Flask, company: Company, creator: User, make: Factories
) -> None:
    one, token = make_key(make, creator, "exports:create")
    other, _text = make_key(make, creator, "exports:create")
    work = _work_of(make, creator, one)
    _work_of(make, creator, other)

    seen = as_caller(app, token)

    for model in (Export, BulkOperation, Import):
        assert seen[model.__name__] == (work[model.__name__],)
    theirs = as_caller(app, access_token(app, creator))
    assert work["Export"] not in theirs["Export"], "a file contains what the key may see, not its creator"


def _work_of(make: Factories, creator: User, key: ApiKey) -> dict[str, UUID]:
    """Create an export, a bulk change and an import of a key; return their IDs by table."""
    of = {"api_key_id": key.id}
    return {
        "Export": make.export_of_calls(creator, requested_by=None, **of).id,
        "BulkOperation": make.bulk_operation(creator, created_by=None, **of).id,
        "Import": make.add(Import(**_import(creator), **of)).id,
    }


def _import(creator: User) -> dict[str, Any]:
    return {
        "organization_id": creator.organization_id,
        "kind": "calls",
        "file_name": "calls.csv",
        "file_bytes": 100,
        "storage_key": f"{creator.organization_id}/imports/{creator.id}",
    }


@pytest.fixture
def key_with_everything(app: Flask, creator: User, make: Factories) -> Iterator[Actor]:
    """The actor of a request with a key that has every permission a key can have."""
    _key, token = make_key(make, creator, *(one.value for one in Permission))
    with calling(app, token) as actor:
        yield actor


def test_what_belongs_to_a_person_is_refused_whatever_the_permission(
    key_with_everything: Actor, company: Company
) -> None:
    actor, entry, person = key_with_everything, company.rows["entry"], company.people[Role.CSR]

    refuse_guest(actor, Permission.CALLS_UPDATE)
    for refused in (
        lambda: require_own_person(actor, Permission.CALLS_UPDATE),
        lambda: claim(actor, entry.id),
        lambda: release(actor, entry.id),
        lambda: send_password_link(actor, person.id, "They have lost it", version=person.version),
        lambda: reset_second_factor(actor, person.id, "They have lost it", version=person.version),
        lambda: check_address_change(actor, person),
    ):
        with pytest.raises(Forbidden, match="Only a person can do this"):
            refused()
    db.session.rollback()


def test_the_context_of_a_key_names_no_person(key_with_everything: Actor) -> None:
    context = current_context()

    assert (context.actor_id, context.reference_id) == (None, None)
    assert (context.api_key_id, context.source) == (key_with_everything.api_key_id, "external")


def test_rights_that_a_key_has_just_lost_are_noticed_under_the_lock(
    app: Flask, company: Company, creator: User, make: Factories, behind: Behind
) -> None:
    _key, token = make_key(make, creator, "users:update")
    make.user(company.organization, role=Role.OWNER)
    with calling(app, token) as actor:
        refuse_stale_rights(actor)

        behind.change(creator, role=Role.MANAGER)

        with pytest.raises(TokenInvalid):
            refuse_stale_rights(actor)
