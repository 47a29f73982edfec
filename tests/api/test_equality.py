"""A list has the same records in the same order on its page, in its file and in the API, under the same filters."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import pytest
from flask import Flask

from app.api.endpoints import Endpoint, Kind, endpoints_of
from app.api.routes import endpoints
from app.db.context import Context
from app.db.filters import Filters
from app.db.session import organization_scope
from app.declarations.api_filters import api_name
from app.declarations.listed import Listed
from app.declarations.registry import build_registry
from app.extensions import db
from app.features import FEATURES
from app.models import Role, User
from app.people.sign_in.queries import find_accounts
from app.security.actor import Actor
from app.security.matrix import permissions_of
from tests.api.samples import ApiCompany
from tests.api.test_walk import path_of
from tests.support.api_client import ApiClient

#: Lists that have a page, by operation.
LISTS = [
    one.name
    for one in endpoints_of(build_registry(FEATURES))
    if one.kind is Kind.LIST and one.api is not None and one.api.resource.listed is not None and one.api.parent is None
]
_MOST_FILTERS = 3
#: A value of each type; an id is that of a person.
_VALUES = {bool: "yes", UUID: "", str: "a", date: "2026-01-01"}


def actor_of(user: User) -> Actor:
    """Return the actor of a person, as their pages have it."""
    [account] = [one for one in find_accounts(user.email) if one.user_id == user.id]
    return Actor(
        organization_id=account.organization_id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=Role(user.role),
        timezone="America/New_York",
    )


def some_filters(filters: type[Filters], user: User) -> Iterator[Mapping[str, str]]:
    """Yield parameters of a list: none, and one filter at a time."""
    yield {}
    values = {name: _some_value(field.annotation, user) for name, field in filters.model_fields.items()}
    for name, value in [(name, value) for name, value in values.items() if value][:_MOST_FILTERS]:
        both = {"from": value, "to": value} if name in {"first_day", "last_day"} else {}
        yield {filters.model_fields[name].alias or name: value, **both}


def _some_value(annotation: Any, user: User) -> str | None:
    """Return a value that a filter accepts."""
    if get_origin(annotation) is Literal:
        return str(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return next(iter(annotation)).value
    if annotation in _VALUES:
        return _VALUES[annotation] or str(user.id)
    found = (_some_value(part, user) for part in get_args(annotation) if part not in {type(None), Ellipsis})
    return next((value for value in found if value), None)


def ids_in_api(client: ApiClient, endpoint: Endpoint, parameters: Mapping[str, str]) -> list[str]:
    """Return the ids of all pages of a list."""
    as_sent = {"yes": "true", "no": "false"}
    query = {api_name(name): as_sent.get(value, value) for name, value in parameters.items()}
    path: str | None = f"/api/v1{path_of(endpoint)}?limit=2&" + "&".join(
        f"{name}={value}" for name, value in query.items()
    )
    seen: list[str] = []
    while path:
        page = client.get(path.removeprefix("/api/v1"))
        assert page.status_code == 200, page.get_data()
        seen += [record["id"] for record in page.get_json()["data"]]
        path = page.get_json()["links"]["next"]
    return seen


def ids_on_page(app: Flask, listed: Listed, user: User, parameters: Mapping[str, str]) -> list[str]:
    """Return the ids of the list as its file has them, which is what its page shows."""
    with (
        app.test_request_context(),
        organization_scope(Context(organization_id=user.organization_id, actor_id=user.id), db.session),
    ):
        query = listed.query(actor_of(user), listed.filters.of(parameters))
        return [str(row.id) for row in query.stream()]


@pytest.mark.parametrize("operation", LISTS)
def test_page_file_and_api_have_the_same_records_in_the_same_order(
    app: Flask, company: ApiCompany, operation: str
) -> None:
    endpoint = next(one for one in endpoints(app) if one.name == operation)
    assert endpoint.api is not None
    listed = endpoint.api.resource.list_declared
    for role in (one for one in Role if set(endpoint.permissions) <= permissions_of(one)):
        user = company.people[role]
        client = ApiClient(app, user)
        for parameters in some_filters(listed.filters, company.csr):
            expected = ids_on_page(app, listed, user, parameters)
            assert ids_in_api(client, endpoint, parameters) == expected, (role, parameters)
