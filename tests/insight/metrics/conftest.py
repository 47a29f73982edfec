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
from tests.support.database import Fillable
from tests.support.factories import Factories
from tests.support.kept_rows import KeptRows, driver_connection

NEW_YORK = "America/New_York"
HALF_AN_HOUR_OFF = "Australia/Lord_Howe"

Asking = Callable[..., AbstractContextManager[Actor]]


#: More than the factories have numbered in a random company.
ENOUGH = 1000


@pytest.fixture(scope="session")
def _kept() -> dict[str, tuple[RandomCompany, KeptRows]]:
    """By time zone."""
    return {}


@pytest.fixture
def company_in(
    make: Factories,
    admin_engine: Engine,
    fill_database: Callable[[Fillable | None], None],
    _kept: dict[str, tuple[RandomCompany, KeptRows]],
) -> Callable[[str], RandomCompany]:
    """`company_in(timezone)`: some hundred rows, made once and restored by COPY, without the trail of their making.

    They stay from test to test as long as nothing is committed.
    """

    def made_or_kept(timezone: str) -> RandomCompany:
        if timezone not in _kept:
            fill_database(None)
            company = make_random_company(make, admin_engine, timezone)
            with admin_engine.connect() as connection:
                _kept[timezone] = company, KeptRows(driver_connection(connection))
            return company
        company, rows = _kept[timezone]
        fill_database(rows)
        make.skip_numbers(ENOUGH)
        return company

    return made_or_kept


@pytest.fixture(params=[NEW_YORK, HALF_AN_HOUR_OFF])
def random_company(request: pytest.FixtureRequest, company_in: Callable[[str], RandomCompany]) -> RandomCompany:
    """In a zone of whole hours and in one of half an hour."""
    return company_in(request.param)


@pytest.fixture
def company(company_in: Callable[[str], RandomCompany]) -> RandomCompany:
    """In one zone."""
    return company_in(NEW_YORK)


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
