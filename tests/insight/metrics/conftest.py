"""Companies with all kinds of rows, and users who request their numbers."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.db.context import Context, use_context
from app.extensions import db
from app.models import Role, User
from app.security.actor import Actor
from tests.insight.metrics.company import RandomCompany, make_random_company
from tests.support.cached_rows import CachedRows, driver_connection
from tests.support.database import Fillable
from tests.support.factories import Factories
from tests.support.shared import made_once

NEW_YORK = "America/New_York"
HALF_AN_HOUR_OFF = "Australia/Lord_Howe"

Asking = Callable[..., AbstractContextManager[Actor]]


#: More than the factories have numbered in a random company.
ENOUGH = 1000


@pytest.fixture(scope="session")
def _kept() -> dict[str, tuple[RandomCompany, CachedRows]]:
    """Cached companies and their rows, by time zone."""
    return {}


@pytest.fixture
def company_in(
    make: Factories,
    admin_engine: Engine,
    fill_database: Callable[[Fillable | None], None],
    run_folder: Path,
    _kept: dict[str, tuple[RandomCompany, CachedRows]],
) -> Callable[[str], RandomCompany]:
    """Function that returns the company in a time zone: created once per run, and restored by COPY.

    The audit trail of its creation is omitted. The rows persist from test to test as long as nothing is committed.
    """

    def made_or_kept(timezone: str) -> RandomCompany:
        def create() -> tuple[RandomCompany, CachedRows]:
            fill_database(None)
            company = make_random_company(make, admin_engine, timezone)
            with admin_engine.connect() as connection:
                return company, CachedRows(driver_connection(connection))

        if timezone not in _kept:
            _kept[timezone] = made_once(run_folder / f"random-company-{timezone.replace('/', '-')}", create)
        company, rows = _kept[timezone]
        fill_database(rows)
        make.skip_numbers(ENOUGH)
        return company

    return made_or_kept


@pytest.fixture(params=[NEW_YORK, HALF_AN_HOUR_OFF])
def random_company(request: pytest.FixtureRequest, company_in: Callable[[str], RandomCompany]) -> RandomCompany:
    """The company, once in New York and once in a time zone with a half-hour offset."""
    return company_in(request.param)


@pytest.fixture
def company(company_in: Callable[[str], RandomCompany]) -> RandomCompany:
    """The company in New York."""
    return company_in(NEW_YORK)


@pytest.fixture
def asking(app: Flask) -> Asking:
    """Context manager that runs its block as a user of the company: `asking(company, user)`.

    With `on_page`, it is the block of a page, which reads only, so that rows are cached by revision.
    """

    @contextmanager
    def as_person(company: RandomCompany, user: User, *, on_page: bool = False, **values: Any) -> Iterator[Actor]:
        organization = company.organization
        actor = Actor(
            organization_id=organization.id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=Role(user.role),
            timezone=organization.timezone,
            revisions={} if on_page else None,
            **values,
        )
        context = Context(organization_id=organization.id, read_only=on_page)
        with app.test_request_context(), use_context(context):
            try:
                yield actor
            finally:
                db.session.rollback()

    return as_person
