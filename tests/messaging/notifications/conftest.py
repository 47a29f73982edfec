"""Recipients of notifications, and functions that notify them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.context import Context
from app.db.session import organization_scope
from app.declarations.notice import Notice
from app.extensions import db
from app.models import Organization, Role, User
from app.tenancy.notification_service import NewNotification, notify
from tests.support.client import Client
from tests.support.factories import Factories

#: The rows of notifications, oldest first.
Told = Callable[[], list[dict[str, Any]]]
#: Notifies people as a request of a user does; the last argument is that user.
Tell = Callable[..., None]


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP, name="Rita Rep")


@pytest.fixture
def told(admin_engine: Engine) -> Told:
    def look() -> list[dict[str, Any]]:
        with admin_engine.connect() as connection:
            rows = connection.execute(text("SELECT * FROM notifications ORDER BY told_at, id"))
            return [dict(row._mapping) for row in rows]

    return look


@contextmanager
def acting(app: Flask, organization: Organization, by: User | None = None, **facts: Any) -> Iterator[None]:
    """Run the block in a transaction, on behalf of the user `by` if given, and commit it at the end."""
    context = Context(organization_id=organization.id, actor_id=by.id if by else None, **facts)
    with app.app_context(), organization_scope(context, db.session):
        yield
        db.session.commit()


@pytest.fixture
def tell(app: Flask, organization: Organization) -> Tell:
    def do(notice: Notice, *tellings: NewNotification, by: User | None = None) -> None:
        with acting(app, organization, by):
            notify(notice, tellings)

    return do


@pytest.fixture
def csr(make: Factories, organization: Organization, owner: User) -> User:
    return make.user(organization, name="Cara Csr", manager_id=owner.id)


@pytest.fixture
def as_csr(new_client: Callable[[], Client], csr: User) -> Client:
    """A browser in which the CSR is signed in."""
    return new_client().sign_in(csr)
