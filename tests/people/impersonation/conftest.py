"""An organization with an admin who views the pages as a CSR."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import AuditLog, Organization, User
from app.storage import new_key, storage
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page

WHY = "They say that a call is missing"

Looking = Callable[..., Page]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The CSR whose pages are viewed."""
    return make.user(organization, name="Cora Counter")


@pytest.fixture
def look() -> Looking:
    """Function that submits the form for viewing as another user: `look(client, csr)`."""

    def begin(client: Client, person: User, status: int = 303, reason: str = WHY) -> Page:
        return client.post(f"/users/{person.id}/view-as", {"reason": reason}, status=status)

    return begin


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Callable[..., list[Any]]:
    """Function that returns users' audit entries with an action prefix, oldest first: `trail("session.")`."""

    def read(action: str = "") -> list[Any]:
        wanted = select(AuditLog).where(
            AuditLog.organization_id == organization.id,
            AuditLog.actor_label != "postgres",
            AuditLog.action.startswith(action),
        )
        with Session(admin_engine) as session:
            return list(session.scalars(wanted.order_by(AuditLog.id)))

    return read


@pytest.fixture
def stored_sound(app: Flask) -> Callable[[Organization], str]:
    """Function that stores a short recording and returns its key."""

    def store(organization: Organization) -> str:
        key = new_key(organization.id, "recordings") + ".wav"
        with app.app_context():
            storage().save(key, io.BytesIO(b"sound"), max_bytes=5)
        return key

    return store


@pytest.fixture
def by_hand(admin_engine: Engine) -> Callable[..., None]:
    """Function that executes a statement bypassing the app: `by_hand("UPDATE …", id=…)`."""

    def run(statement: str, **values: Any) -> None:
        with admin_engine.begin() as connection:
            connection.execute(text(statement), values)

    return run
