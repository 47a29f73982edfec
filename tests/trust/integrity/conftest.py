"""Fixtures for tests of checks and repairs: commands, and damage that bypasses constraints."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
from tests.support.factories import Factories

Run = Callable[..., Result]
Damage = Callable[..., None]


@pytest.fixture
def run(app: Flask) -> Run:
    """Function that runs a command of the app and returns its result."""
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An intact organization with an owner."""
    organization = make.organization(slug="comfort")
    make.subscription(organization)
    make.user(organization, role=Role.OWNER, email="owner@comfort.example")
    return organization


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, email="casey@comfort.example", name="Casey")


@pytest.fixture
def damage(admin_engine: Engine) -> Damage:
    """Function that executes a statement without triggers and foreign keys, as a failed restore might."""

    def change(statement: str, **values: Any) -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement), values)

    return change


@pytest.fixture
def without_check(admin_engine: Engine, damage: Damage) -> Iterator[Callable[[str, str, str], None]]:
    """Function that damages rows in violation of a CHECK constraint.

    The constraint is dropped and then added again as NOT VALID, as if it were newer than the rows.
    """
    dropped: list[tuple[str, str, str]] = []

    def change(table: str, constraint: str, statement: str) -> None:
        with admin_engine.begin() as connection:
            find = text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name AND conrelid = "
                "CAST(:table AS regclass)"
            )
            definition = connection.execute(find, {"name": constraint, "table": table}).scalar_one()
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))
            connection.execute(text(statement))
            connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition} NOT VALID"))
        dropped.append((table, constraint, definition))

    yield change
    with admin_engine.begin() as connection:
        for table, constraint, definition in dropped:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"DELETE FROM {table}"))
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))
            connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}"))
