"""Client of the JSON API: a program that sends a token and reads JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.models import User
from tests.support.client import access_token, bearer

PREFIX = "/api/v1"


class ApiClient:
    """A program that a person has just signed in to, with `values` of its session; paths are below /api/v1."""

    def __init__(self, app: Flask, user: User | None = None, **values: Any) -> None:
        self._client = app.test_client()
        now = {"confirmed_at": datetime.now(UTC)}
        self._credentials = {} if user is None else bearer(access_token(app, user, **{**now, **values}))

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        prefix: str = PREFIX,
        **options: Any,
    ) -> TestResponse:
        """Send a request, with a JSON `body` unless that is None, and return the response."""
        given = {} if body is None else {"json": body}
        return self._client.open(
            prefix + path, method=method, headers={**self._credentials, **(headers or {})}, **given, **options
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.send("POST", path, body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self.send("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.send("DELETE", path, **options)


def data_of(response: TestResponse, key: str | None = None, *, status: int = 200) -> Any:
    """Return the data of a response, or the record with this key in it, and check the status."""
    assert response.status_code == status, f"{response.status_code}, not {status}: {response.get_data(as_text=True)}"
    data = response.get_json()["data"]
    return data if key is None else data[key]


def error_of(response: TestResponse, *, status: int) -> dict[str, Any]:
    """Return the error of a response, and check the status."""
    assert response.status_code == status, f"{response.status_code}, not {status}: {response.get_data(as_text=True)}"
    error: dict[str, Any] = response.get_json()["error"]
    return error


def wrong_fields(response: TestResponse) -> set[str]:
    """Return the names of the wrong fields in a 400."""
    return {wrong["field"] for wrong in error_of(response, status=400)["details"]}
