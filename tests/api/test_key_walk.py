"""A walk as API keys: a key reads as itself whatever its creator does, and names no person in what it writes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from app.api.endpoints import Endpoint, Kind, outside_endpoints_of
from app.api.routes import endpoints
from app.declarations.api import Callers
from app.declarations.registry import registry_of
from app.extensions import db
from app.models import AuditLog, Role
from app.security.key_rules import NEVER_FOR_KEYS
from app.security.matrix import permissions_of
from app.security.scope import unscoped
from tests.api.samples import ApiCompany
from tests.api.test_walk import path_of, send_example
from tests.support.api_client import PREFIX, ApiClient
from tests.support.client import bearer
from tests.support.factories import Factories
from tests.support.programs import make_key


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[AuditLog]:
    """The entries of the last request, which is rolled back."""
    entries: list[AuditLog] = []

    def roll_back(*, keep: bool) -> None:
        entries.clear()
        if keep:
            of_request = select(AuditLog).where(AuditLog.request_id == g.request_id)
            entries.extend(db.session.scalars(unscoped(of_request, why="the test’s own request")))
            db.session.expunge_all()
        db.session.rollback()

    monkeypatch.setattr("app.db.transaction.end_transaction", roll_back)
    return entries


def for_keys(app: Flask, *kinds: Kind) -> Iterator[Endpoint]:
    """Yield the operations of these kinds that keys can have the permission for."""
    return (
        one
        for one in endpoints(app)
        if one.kind in kinds
        and one.callers is Callers.ALL
        and one.permissions
        and one.permissions[0] not in NEVER_FOR_KEYS
    )


def test_a_key_reads_the_same_before_between_and_after_requests_of_its_creator(
    app: Flask, company: ApiCompany, make: Factories
) -> None:
    creator = company.people[Role.OWNER]
    person, wrong = ApiClient(app, creator), []
    for endpoint in (one for one in for_keys(app, Kind.LIST, Kind.GET, Kind.OPERATION) if one.method == "GET"):
        opening = endpoint.permissions[0]
        _key, token = make_key(make, creator, *{opening, *endpoint.reads.get(opening, ())})

        def as_key(endpoint: Endpoint = endpoint, token: str = token) -> Any:
            answer = ApiClient(app).get(path_of(endpoint), headers=bearer(token))
            seen = answer.get_json()
            if endpoint.kind is Kind.OPERATION and isinstance(seen.get("data"), dict):
                seen["data"].get("comparison", {}).pop("end", None)  # as far into that period as this one has come
            return answer.status_code, seen.get("data"), seen.get("error", {}).get("code")

        seen = [as_key()]
        for _ in range(2):
            person.get(path_of(endpoint))
            seen.append(as_key())
        if not seen[0] == seen[1] == seen[2] or seen[0][0] not in {200, 404}:
            wrong.append((endpoint.name, seen))

    assert wrong == []


def test_no_row_that_a_key_writes_names_a_person(
    app: Flask, company: ApiCompany, make: Factories, written: list[AuditLog]
) -> None:
    creator = make.user(company.organization, role=Role.OWNER, name="Nora Named")
    key, token = make_key(make, creator, *(permissions_of(Role.OWNER) - NEVER_FOR_KEYS))
    wrong, done = [], 0
    for endpoint in (one for one in for_keys(app, *Kind) if one.method != "GET"):
        answer = send_example(ApiClient(app), endpoint, headers=bearer(token))
        if answer.status_code >= 500:
            wrong.append(f"{endpoint.name}: {answer.status_code}")
        for entry in written:
            told = json.dumps([entry.before, entry.after, entry.details, entry.actor_label], default=str)
            is_own = entry.user_id is None and (entry.details or {}).get("apiKeyId") == str(key.id)
            if not is_own or str(creator.id) in told or entry.source != "external":
                wrong.append(f"{endpoint.name}: {entry.action} {told}")
        done += bool(written)

    assert not wrong, "\n".join(wrong)
    assert done >= 10


def test_a_key_does_nothing_that_its_permissions_do_not_include(
    app: Flask, company: ApiCompany, make: Factories
) -> None:
    creator = company.people[Role.OWNER]
    narrow = {permission: make_key(make, creator, permission)[1] for permission in ("calls:read", "exports:create")}
    wrong, refused = [], 0
    for endpoint in (*endpoints(app), *outside_endpoints_of(registry_of(app))):
        if endpoint.callers is Callers.ANYONE:
            continue
        prefix = "/api" if endpoint.outside is not None and endpoint.outside.is_unversioned else PREFIX
        for permission, token in narrow.items():
            is_open = endpoint.callers is Callers.ALL and (
                not endpoint.permissions or permission in endpoint.permissions
            )
            answer = ApiClient(app).send(endpoint.method, path_of(endpoint), headers=bearer(token), prefix=prefix)
            if (answer.status_code == 403) == is_open:
                wrong.append(f"{endpoint.name} with {permission}: {answer.status_code}")
            refused += not is_open

    assert not wrong, "\n".join(wrong)
    assert refused >= 200
