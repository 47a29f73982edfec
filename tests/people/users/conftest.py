"""Functions that read the company's users from the database, and that run commands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.models import Organization, Role, User
from tests.support.factories import Factories


@pytest.fixture
def people(admin_engine: Engine, organization: Organization) -> Callable[..., list[User]]:
    """Function that returns the users of the company, bypassing the app: `people(role="csr")`."""

    def read(**values: Any) -> list[User]:
        with Session(admin_engine) as session:
            rows = select(User).filter_by(organization_id=organization.id, **values).order_by(User.id)
            return list(session.scalars(rows))

    return read


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """Function that runs a command of the app: `flask("user", "create", …)`."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return app.test_cli_runner().invoke(args=list(arguments), input=stdin)

    return run


@pytest.fixture
def tomorrow() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP, name="Rita Rep")


@pytest.fixture
def other_rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP, name="Omar Rep")


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Cem Csr")


@pytest.fixture
def other_csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Dora Csr")


@pytest.fixture
def now_of(admin_engine: Engine) -> Callable[..., Any]:
    """Function that returns a row's current values of columns: `now_of(row, "version", …)`."""

    def read(row: Any, *columns: str) -> Any:
        statement = f"SELECT {', '.join(columns)} FROM {row.__tablename__} WHERE id = :id"
        with admin_engine.connect() as connection:
            return tuple(connection.execute(text(statement), {"id": row.id}).one())

    return read
