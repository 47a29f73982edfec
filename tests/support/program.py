"""A program that signs in to the JSON API by itself, with its address and the tokens that it has been given."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.models import User
from tests.support.api_client import PREFIX
from tests.support.factories import PASSWORD


@dataclass(frozen=True)
class Answer:
    """A response of the API, with `data` or `error`."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def data(self) -> Any:
        return self.response.get_json()["data"]

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.response.get_json()["error"]
        return found

    @property
    def code(self) -> str:
        """The code of the error."""
        return str(self.error["code"])


class Program:
    """A program with the tokens of its last sign-in or refresh, whose requests assert the status of the response."""

    def __init__(self, app: Flask, address: str = "127.0.0.1", client_id: str = "scheduler") -> None:
        self._client = app.test_client(use_cookies=False)
        self._client.environ_base["REMOTE_ADDR"] = address
        self.client_id = client_id
        self.token, self.refresh_token = "", ""

    def send(self, method: str, path: str, body: Any = None, *, status: int | None = 200, **options: Any) -> Answer:
        """Send a request with the access token, if there is one; with the status None, any response is accepted."""
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **options.pop("headers", {})}
        sent = {} if body is None else {"json": body}
        answer = Answer(self._client.open(PREFIX + path, method=method, headers=headers, **sent, **options))
        assert status in (None, answer.status), f"{method} {path}: {answer.status}\n{answer.response.text[:2000]}"
        return answer

    def get(self, path: str, *, status: int = 200) -> Answer:
        return self.send("GET", path, status=status)

    def post(self, path: str, body: Any = None, *, status: int | None = 200, **options: Any) -> Answer:
        return self.send("POST", path, body, status=status, **options)

    def sign_in(self, user: User, *, password: str = PASSWORD, status: int | None = 200, **more: str) -> Answer:
        """Sign in and keep the tokens; `more` are further fields of the body."""
        credentials = {"email": user.email, "password": password, "clientId": self.client_id}
        return self._kept(self.post("/auth/login", {**credentials, **more}, status=status))

    def refresh(self, token: str | None = None, *, status: int | None = 200) -> Answer:
        """Refresh the session with `token`, or else with the newest refresh token, and keep the new tokens."""
        return self._kept(self.post("/auth/refresh", {"refreshToken": token or self.refresh_token}, status=status))

    def reauthenticate(self, password: str = PASSWORD, **options: Any) -> Answer:
        """Confirm the session and keep its new tokens."""
        return self._kept(self.post("/auth/reauthenticate", {"password": password}, **options))

    def may_use(self, token: str) -> bool:
        """Return whether an access token is accepted."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.send("GET", "/auth/me", status=None, headers=headers).status == 200

    def _kept(self, answer: Answer) -> Answer:
        if answer.status == 200:
            self.token, self.refresh_token = answer.data["token"], answer.data["refreshToken"]
        return answer
