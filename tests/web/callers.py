"""Request headers for users and response formats, and helpers for responses."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

from flask import Flask, request
from werkzeug.test import TestResponse

from app.db.context import update_context
from app.db.ids import uuid7
from app.errors import TokenInvalid
from app.extensions import db
from app.security.actor import Actor
from app.security.permissions import Permission, Role

ORGANIZATION_ID = uuid7()
USER_ID = uuid7()

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://localhost/calls?status=missed"}


def said_actor() -> Actor | None:
    """Return an actor with the role in the header `Test-Role`, or None without one.

    Like a program, they have no session, unless its ID is in the header `Test-Session`.

    Raises TokenInvalid for the role `ended`, which stands for a session that has ended.
    """
    role = request.headers.get("Test-Role")
    if role is None:
        return None
    if role == "ended":
        raise TokenInvalid("Your role was changed, so you were signed out.")
    update_context(organization_id=ORGANIZATION_ID, actor_id=USER_ID, actor_label="Maya Torres", actor_role=role)
    return Actor(
        organization_id=ORGANIZATION_ID,
        user_id=USER_ID,
        name="Maya Torres",
        email="maya@comfort.example",
        role=Role(role),
        granted=frozenset(map(Permission, request.headers.get("Test-Granted", "").split())),
        organization_name="Comfort",
        session_id=UUID(session) if (session := request.headers.get("Test-Session")) else None,
    )


@contextmanager
def all_connections_taken(app: Flask) -> Iterator[None]:
    """Occupy all of the app's database connections for the duration of the block."""
    with app.app_context(), ExitStack() as taken:
        for _ in range(app.config["SETTINGS"].pool_size):
            taken.enter_context(db.engine.connect())
        yield


def error_of(response: TestResponse) -> dict[str, Any]:
    """Return the error in a JSON response."""
    assert response.mimetype == "application/json", response.text[:500]
    error: dict[str, Any] = response.get_json()["error"]
    return error


def as_role(role: Role | str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return headers that make a request as a user with `role`."""
    return {"Test-Role": str(role), **(headers or {})}
