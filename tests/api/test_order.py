"""The order of errors: if several apply to a request, a client always gets the same one first."""

from typing import Any

import pytest
from flask import Flask

from app.models import Organization, Task, User
from tests.support.api_client import ApiClient, error_of
from tests.support.direct_access import Behind
from tests.support.factories import Factories

_TOO_LARGE = b'{"title": "%s"}' % (b"a" * 1024 * 1024)


@pytest.fixture
def path(make: Factories, organization: Organization, csr: User) -> str:
    return f"/tasks/{make.task(organization, assignee=csr).id}"


def code(client: ApiClient, method: str, path: str, status: int, **options: Any) -> str:
    error = error_of(client.send(method, path, **options), status=status)
    return str(error["code"])


def test_errors_come_in_their_order(app: Flask, as_csr: ApiClient, path: str) -> None:
    anonymous = ApiClient(app)
    html, text = {"Accept": "text/html"}, {"content_type": "text/plain"}

    assert code(anonymous, "GET", "/nothing", 404, headers=html) == "RESOURCE_NOT_FOUND"
    assert code(anonymous, "PUT", path, 405, headers=html) == "METHOD_NOT_ALLOWED"
    assert code(anonymous, "DELETE", path, 401, headers=html) == "TOKEN_MISSING"
    assert code(as_csr, "DELETE", path, 403, headers=html) == "INSUFFICIENT_PERMISSIONS"
    assert code(as_csr, "PATCH", path, 406, headers=html, data=_TOO_LARGE, **text) == "NOT_ACCEPTABLE"
    assert code(as_csr, "PATCH", path, 415, data=_TOO_LARGE, **text) == "UNSUPPORTED_MEDIA_TYPE"
    json = {"content_type": "application/json"}
    wrong_key = {"headers": {"Idempotency-Key": "a b"}}
    assert code(as_csr, "PATCH", path, 413, data=_TOO_LARGE, **json, **wrong_key) == "PAYLOAD_TOO_LARGE"
    assert code(as_csr, "PATCH", f"{path}0?x=%00", 400, data=b"{", **json) == "VALIDATION_ERROR"
    assert code(as_csr, "PATCH", f"{path}0", 400, data=b"{", **json, **wrong_key) == "VALIDATION_ERROR"
    assert code(as_csr, "PATCH", f"{path}0", 400, data=b"{", **json) == "INVALID_JSON"
    assert code(as_csr, "PATCH", f"{path}0", 404, body={"title": "a"}) == "RESOURCE_NOT_FOUND"
    assert code(as_csr, "PATCH", path, 409, body={"title": "a", "version": 9}) == "VERSION_CONFLICT"


def test_a_replay_comes_before_the_body_and_the_record(as_csr: ApiClient, path: str, behind: Behind) -> None:
    key = {"Idempotency-Key": "one"}
    first = as_csr.patch(path, {"title": "Renamed"}, headers=key)
    behind.change(behind.one(Task), title="Renamed since")

    again = as_csr.patch(path, {"title": "Renamed"}, headers=key)
    assert (again.status_code, again.get_data()) == (first.status_code, first.get_data())


def test_options_tell_the_methods_of_a_path(as_csr: ApiClient, path: str) -> None:
    answer = as_csr.send("OPTIONS", path)

    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["Allow"].split(", "))
    assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]


def test_head_is_like_get_without_the_body(as_csr: ApiClient, path: str) -> None:
    whole, head = as_csr.get(path), as_csr.send("HEAD", path)

    assert (head.status_code, head.get_data()) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
