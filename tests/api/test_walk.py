"""A walk through all operations of the JSON API: each example works for those who may, and for nobody else."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.api.endpoints import Endpoint, Kind
from app.api.routes import PREFIX, endpoints
from app.declarations.api import Callers
from app.extensions import db
from app.models import ListRead, Role
from app.security.matrix import permissions_of
from tests.api.samples import ApiCompany, place_of, refusal_of
from tests.support.api_client import ApiClient
from tests.support.client import access_token, bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request is rolled back, so that each finds the samples as they were."""

    def roll_back(*, keep: bool) -> None:
        db.session.rollback()

    monkeypatch.setattr("app.db.transaction.end_transaction", roll_back)


def path_of(endpoint: Endpoint) -> str:
    """Return the path of an operation below the prefix, with the ids of the samples."""
    parts = endpoint.path.split("/")
    return "/".join(place_of(endpoint.name, part[1:-1]) if part.startswith("{") else part for part in parts)


def send_example(client: ApiClient, endpoint: Endpoint, **options: Any) -> TestResponse:
    """Send the example of an operation."""
    declared = endpoint.write or endpoint.operation
    body = dict(declared.example) if declared is not None and endpoint.input is not None else None
    return client.send(endpoint.method, path_of(endpoint), body, **options)


def may_use(endpoint: Endpoint, role: Role) -> bool:
    return not endpoint.permissions or bool(set(endpoint.permissions) & permissions_of(role))


def walked(app: Flask) -> Iterator[Endpoint]:
    """Yield the operations for signed-in callers."""
    return (one for one in endpoints(app) if one.callers is not Callers.ANYONE)


@pytest.mark.parametrize("role", list(Role))
def test_every_example_works_for_a_role_that_may_use_it(app: Flask, company: ApiCompany, role: Role) -> None:
    client, wrong = ApiClient(app, company.people[role]), []
    for endpoint in walked(app):
        expected = refusal_of(endpoint.name, role) if may_use(endpoint, role) else 403
        response = send_example(client, endpoint)
        if response.status_code != expected and (expected is not None or not 200 <= response.status_code < 300):
            wrong.append(
                f"{endpoint.name}: {response.status_code}, not {expected or '2xx'} {response.get_data()[:300]!r}"
            )

    assert not wrong, "\n".join(wrong)


def test_what_was_created_has_a_location(app: Flask, company: ApiCompany) -> None:
    client, found = ApiClient(app, company.people[Role.OWNER]), 0
    for endpoint in walked(app):
        response = send_example(client, endpoint) if endpoint.method == "POST" else None
        if response is not None and response.status_code == 201:
            [record] = [one for one in response.get_json()["data"].values() if isinstance(one, dict)]
            path = f"{PREFIX}{path_of(endpoint).removesuffix('/start')}/{record['id']}"
            has_path = endpoint.api is None or endpoint.api.has_one
            assert response.headers.get("Location") == (path if has_path else None), endpoint.name
            found += 1

    assert found > 10


def test_no_operation_serves_strangers(
    app: Flask, company: ApiCompany, make: Factories, code_of: Callable[[TestResponse], str]
) -> None:
    stranger = make.user(make.organization(name="Elsewhere"), role=Role.OWNER)
    expired = {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}
    late = bearer(access_token(app, company.people[Role.OWNER], **expired))
    for endpoint in walked(app):
        anonymous = send_example(ApiClient(app), endpoint)
        assert (anonymous.status_code, code_of(anonymous)) == (401, "TOKEN_MISSING"), endpoint.name
        ended = ApiClient(app).send(endpoint.method, path_of(endpoint), headers=late)
        assert (ended.status_code, code_of(ended)) == (401, "TOKEN_EXPIRED"), endpoint.name
        elsewhere = send_example(ApiClient(app, stranger), endpoint)
        if "{" in endpoint.path:
            assert (elsewhere.status_code, code_of(elsewhere)) == (404, "RESOURCE_NOT_FOUND"), endpoint.name
        else:
            assert elsewhere.status_code < 500, endpoint.name


def test_a_cursor_of_another_organization_is_refused(
    app: Flask, company: ApiCompany, code_of: Callable[[TestResponse], str]
) -> None:
    client = ApiClient(app, company.people[Role.OWNER])
    for endpoint in walked(app):
        if endpoint.kind is Kind.LIST:
            response = client.get(f"{path_of(endpoint)}?cursor=MDE5")
            assert (response.status_code, code_of(response)) == (400, "INVALID_CURSOR"), endpoint.name


def test_every_list_counts_the_rows_that_it_hands_out(app: Flask, company: ApiCompany, behind: Behind) -> None:
    client, counts = ApiClient(app, company.people[Role.OWNER]), {}
    for endpoint in walked(app):
        if endpoint.kind is Kind.LIST and endpoint.api is not None:
            resource = endpoint.api.resource.name
            before = sum(read.rows_read for read in behind.rows(ListRead, resource_type=resource))
            handed_out = len(send_example(client, endpoint).get_json()["data"])
            after = sum(read.rows_read for read in behind.rows(ListRead, resource_type=resource))
            counts[endpoint.name] = (after - before, handed_out)

    assert {name: count for name, count in counts.items() if count[0] != count[1]} == {}
    assert [name for name, (count, _) in counts.items() if count == 0] == []


def test_paths_are_those_of_the_document(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}

    assert rules == {PREFIX + endpoint.rule for endpoint in endpoints(app)}
