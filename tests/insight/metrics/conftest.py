"""Companies with all kinds of rows, and people who ask about them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.db.context import Context, use_context
from app.extensions import db
from app.models import Role, User
from app.security.actor import Actor
from tests.insight.metrics.company import RandomCompany, make_random_company
from tests.support.factories import Factories

NEW_YORK = "America/New_York"
HALF_AN_HOUR_OFF = "Australia/Lord_Howe"

Asking = Callable[..., AbstractContextManager[Actor]]


@pytest.fixture(params=[NEW_YORK, HALF_AN_HOUR_OFF])
def random_company(request: pytest.FixtureRequest, make: Factories, admin_engine: Engine) -> RandomCompany:
    """Some hundred rows, in a zone of whole hours and in one of half an hour."""
    return make_random_company(make, admin_engine, request.param)


@pytest.fixture
def company(make: Factories, admin_engine: Engine) -> RandomCompany:
    """The same in one zone."""
    return make_random_company(make, admin_engine, NEW_YORK)


@pytest.fixture
def asking(app: Flask) -> Asking:
    """`with asking(company, user) as actor:` works as the app does for this person."""

    @contextmanager
    def as_person(company: RandomCompany, user: User, **values: Any) -> Iterator[Actor]:
        organization = company.organization
        actor = Actor(
            organization_id=organization.id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=Role(user.role),
            timezone=organization.timezone,
            **values,
        )
        with app.test_request_context(), use_context(Context(organization_id=organization.id)):
            try:
                yield actor
            finally:
                db.session.rollback()

    return as_person
