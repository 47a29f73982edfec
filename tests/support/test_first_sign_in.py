"""A session that tests start is stored like one that the service starts."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, User, UserStatus
from tests.support import client
from tests.support.cached_rows import driver_connection
from tests.support.client import session_token
from tests.support.database import filled_by_tests
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.first_sign_in import start_first_session

#: Ids, times and hashes, which differ between two sign-ins.
_UNIQUE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d[T ][\d:.+]+|[0-9a-f]{64}")

_ROWS_ABOUT = "SELECT (to_jsonb(t) - '{{pos,salt}}'::text[])::text FROM {} t WHERE to_jsonb(t)::text LIKE :user"


@pytest.fixture
def person(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Mia Manager", email="mia@example.com")


def test_rows_of_a_first_session_equal_those_of_the_service(
    app: Flask,
    admin_engine: Engine,
    make: Factories,
    organization: Organization,
    person: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    colleague = make.user(organization, role=Role.MANAGER, name="Mia Manager", email="may@example.com")
    session_token(app, person)
    monkeypatch.setattr(client, "start_first_session", lambda *_: None)
    session_token(app, colleague)

    rows = _rows_about(admin_engine, person)
    assert {"audit_logs", "login_attempts", "user_sessions", "users"} <= {table for table, _row in rows}
    assert rows == _rows_about(admin_engine, colleague)


@pytest.mark.parametrize(
    "values",
    [
        {"status": UserStatus.INACTIVE, "deactivated_at": DAY},
        {"mfa_secret": b"secret"},
        {"status": UserStatus.SUSPENDED, "suspended_until": DAY, "suspension_reason": "Vacation"},
        {"last_seen_at": DAY},
        {"name": "Mia Married"},
        {"role": Role.CSR},
    ],
)
def test_the_service_decides_about_everybody_else(
    app: Flask, admin_engine: Engine, behind: Behind, person: User, values: dict[str, Any]
) -> None:
    behind.change(person, **values)
    before = _rows_about(admin_engine, person)

    assert start_first_session(app, person) is None
    assert _rows_about(admin_engine, person) == before


def test_a_second_session_is_left_to_the_service(app: Flask, person: User) -> None:
    assert start_first_session(app, person) is not None
    assert start_first_session(app, person) is None


def _rows_about(engine: Engine, user: User) -> list[tuple[str, str]]:
    """List the rows that name a person, with their tables, without values that are unique."""
    with engine.connect() as connection:
        rows = [
            (table, row.replace(user.email, ""))
            for table in filled_by_tests(driver_connection(connection))
            for row in connection.scalars(text(_ROWS_ABOUT.format(table)), {"user": f"%{user.id}%"})
        ]
    return sorted((table, _UNIQUE.sub("", row)) for table, row in rows)
