"""A fixture that runs searches as a user, without opening a page."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.extensions import db
from app.models import Role, User
from app.security.actor import Actor

Asking = Callable[[User], AbstractContextManager[Actor]]


@pytest.fixture
def asking(app: Flask) -> Asking:
    """Context manager that runs its block as the given user."""

    @contextmanager
    def as_person(user: User) -> Iterator[Actor]:
        actor = Actor(
            organization_id=user.organization_id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=Role(user.role),
        )
        with app.test_request_context(), use_context(Context(organization_id=user.organization_id)):
            try:
                yield actor
            finally:
                db.session.rollback()

    return as_person
