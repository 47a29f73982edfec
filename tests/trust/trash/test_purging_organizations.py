"""Purging of organizations with all of their rows, except for the audit trail."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, User
from tests.support.company import make_company
from tests.support.factories import Factories
from tests.trust.trash.conftest import Stored, Trail


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """Function that runs a command of the app."""

    def run(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=list(arguments))

    return run


@pytest.fixture
def deleted(
    make: Factories, organization: Organization, owner: User, csr: User, flask: Callable[..., Result]
) -> Organization:
    """A deleted organization with rows of many kinds."""
    call = make.call(organization, csr=csr, contact_card_id=make.contact(organization).id)
    make.note(call, csr)
    make.transcript(call)
    make.missed_entry(organization)
    make.appointment(organization, csr_id=csr.id)
    make.task(organization, assignee=csr)
    done = flask("org", "delete", "blue-ridge", "--confirm", "blue-ridge", "--reason", "They moved away")
    assert done.exit_code == 0, done.output
    return organization


def test_an_organization_goes_with_all_its_rows_and_leaves_its_trail(
    deleted: Organization,
    flask: Callable[..., Result],
    expire: Callable[[], None],
    admin_engine: Engine,
    trail: Trail,
) -> None:
    expire()

    done = flask("trash", "purge")

    assert done.exit_code == 0, done.output
    assert "1 organization" in done.output
    assert _rows_of(admin_engine, deleted.id) == {}
    assert len(trail("organization.purged")) == 1
    assert len(trail("call.deleted")) == 2


def test_it_goes_whatever_kinds_of_rows_it_has(
    make: Factories, flask: Callable[..., Result], expire: Callable[[], None], admin_engine: Engine
) -> None:
    company = make_company(make, slug="all-kinds").organization
    others = make_company(make, slug="others").organization
    before = _rows_of(admin_engine, others.id)
    done = flask("org", "delete", "all-kinds", "--confirm", "all-kinds", "--reason", "They moved away")
    assert done.exit_code == 0, done.output
    expire()

    done = flask("trash", "purge")

    assert done.exit_code == 0, done.output
    assert _rows_of(admin_engine, company.id) == {}
    # Their trash was due as well.
    assert _rows_of(admin_engine, others.id) == {**before, "tasks": before["tasks"] - 1}


def test_before_its_time_it_stays(deleted: Organization, flask: Callable[..., Result], stored: Stored) -> None:
    flask("trash", "purge")

    assert stored(deleted) != {}


def test_while_it_is_held_it_stays(
    deleted: Organization,
    flask: Callable[..., Result],
    expire: Callable[[], None],
    admin_engine: Engine,
    stored: Stored,
) -> None:
    expire()
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE organizations SET legal_hold = true"))

    flask("trash", "purge")

    assert stored(deleted) != {}


def _rows_of(engine: Engine, organization_id: UUID) -> dict[str, int]:
    """Return the number of an organization's rows in each table, except for the audit trail."""
    with engine.connect() as connection:
        tables = connection.scalars(
            text(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND column_name = 'organization_id' AND table_name NOT LIKE 'audit%' ORDER BY table_name"
            )
        ).all()
        counts: dict[str, Any] = {
            table: connection.scalar(
                text(f"SELECT count(*) FROM {table} WHERE organization_id = :id"), {"id": organization_id}
            )
            for table in tables
        }
    return {table: number for table, number in counts.items() if number}
