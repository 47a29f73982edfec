"""The number of statements that a request sends, which doesn't depend on the number of rows."""

from collections.abc import Callable, Mapping
from itertools import count

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import Organization, User
from tests.support.api_client import ApiClient
from tests.support.api_lists import Queries
from tests.support.client import access_token, bearer
from tests.support.factories import Factories
from tests.support.programs import make_key

Send = Callable[[ApiClient, Mapping[str, str]], TestResponse]
Caller = Callable[[Flask, Factories, User], str]

#: The caller, the rows, and for a list their count; for a new record the caller and the effect.
_READ, _LIST, _CREATE = 2, 3, 2
#: Statements around those of a request with an Idempotency-Key: the key is written, the work has a savepoint, deferred
#: constraints are checked, and the response is stored.
_ONCE = 6

_MORE = 12
_numbers = count()


def _key_of(_app: Flask, make: Factories, user: User) -> str:
    return make_key(make, user, "calls:read", "tasks:read", "tasks:write")[1]


def _list(client: ApiClient, headers: Mapping[str, str]) -> TestResponse:
    return client.get("/calls?limit=100", headers=headers)


def _create(client: ApiClient, headers: Mapping[str, str]) -> TestResponse:
    return client.post("/tasks", {"title": "Call back", "assignedToType": "csr"}, headers=headers)


def _create_once(client: ApiClient, headers: Mapping[str, str]) -> TestResponse:
    return _create(client, {**headers, "Idempotency-Key": f"key-{next(_numbers)}"})


@pytest.fixture(params=[lambda app, _make, user: access_token(app, user), _key_of], ids=["token", "key"])
def credentials(request: pytest.FixtureRequest, app: Flask, make: Factories, manager: User) -> dict[str, str]:
    """Headers of a manager's program, with an access token and with an API key."""
    caller: Caller = request.param
    return bearer(caller(app, make, manager))


@pytest.mark.parametrize(
    ("send", "statements"),
    [(_list, _LIST), (_create, _CREATE), (_create_once, _CREATE + _ONCE)],
    ids=["list", "create", "create once"],
)
def test_a_request_sends_as_many_statements_for_many_rows_as_for_few(
    app: Flask,
    make: Factories,
    organization: Organization,
    credentials: dict[str, str],
    queries: Queries,
    send: Send,
    statements: int,
) -> None:
    client = ApiClient(app)
    make.call(organization, contact_card_id=make.contact(organization).id)
    few = _statements_of(lambda: send(client, credentials), queries)
    for _ in range(_MORE):
        make.call(organization, contact_card_id=make.contact(organization).id)
        _create_once(client, credentials)

    assert _statements_of(lambda: send(client, credentials), queries) == few == statements


def test_a_record_is_read_in_as_many_statements_among_many_as_among_few(
    app: Flask, make: Factories, organization: Organization, credentials: dict[str, str], queries: Queries
) -> None:
    call = make.call(organization, lead_id=make.lead(organization).id)
    client = ApiClient(app)
    few = _statements_of(lambda: client.get(f"/calls/{call.id}", headers=credentials), queries)
    for _ in range(_MORE):
        make.call(organization, contact_card_id=make.contact(organization).id)

    assert _statements_of(lambda: client.get(f"/calls/{call.id}", headers=credentials), queries) == few == _READ


def _statements_of(send: Callable[[], TestResponse], queries: Queries) -> int:
    """Return the number of statements of a request, after one that fills the caches."""
    assert send().status_code in {200, 201}
    with queries() as sent:
        assert send().status_code in {200, 201}
    return len(sent)
