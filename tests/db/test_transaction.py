"""A write that can be refused without losing the rest of the work."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DataError, IntegrityError

from app.db.session import jobs_role
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, ValidationFailed
from app.extensions import db
from app.models import Organization, Role, User
from tests.support.factories import Factories
from tests.support.work import at_work


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def work(app: Flask, organization: Organization) -> Iterator[None]:
    """An open transaction of the organization."""
    with at_work(app, organization.id):
        yield


def person(organization: Organization, email: str, name: str = "Maya Torres") -> User:
    return User(organization_id=organization.id, email=email, name=name, role=Role.CSR)


def emails(engine: Engine, organization: Organization) -> list[str]:
    """Return the stored users' addresses, as another connection sees them."""
    query = select(User.email).where(User.organization_id == organization.id).order_by(User.email)
    with engine.connect() as connection:
        return list(connection.scalars(query))


def test_duplicate_goes_alone(app: Flask, organization: Organization, admin_engine: Engine) -> None:
    with at_work(app, organization.id):
        db.session.add(person(organization, "before@here.example"))
        with pytest.raises(Conflict) as refused, translated_integrity_errors():
            db.session.add(person(organization, "before@here.example"))
        db.session.add(person(organization, "after@here.example"))

    assert refused.value.extra["conflict_field"] == "email"
    assert emails(admin_engine, organization) == ["after@here.example", "before@here.example"]


def test_wrong_value_is_said_beside_its_field(organization: Organization, work: None) -> None:
    with pytest.raises(ValidationFailed) as refused, translated_integrity_errors():
        db.session.add(person(organization, "no address"))

    assert [error.field for error in refused.value.field_errors] == ["email"]
    assert refused.value.__suppress_context__


def test_what_is_fine_is_written_by_the_end_of_the_block(organization: Organization, work: None) -> None:
    with translated_integrity_errors():
        db.session.add(maya := person(organization, "maya@here.example"))

    assert maya not in db.session.new


def test_what_was_wrong_before_the_block_is_not_put_into_its_words(organization: Organization, work: None) -> None:
    db.session.add(person(organization, "no address"))

    with pytest.raises(IntegrityError), translated_integrity_errors():
        pass
    db.session.rollback()


def test_other_errors_pass_as_they_are(organization: Organization, work: None) -> None:
    with pytest.raises(DataError), translated_integrity_errors():
        db.session.add(person(organization, "nul@here.example", name="a\0b"))


def test_a_transaction_has_one_connection_and_the_next_one_may_have_another(
    app: Flask, organization: Organization
) -> None:
    with at_work(app, organization.id):
        first, again = db.session.connection(), db.session.connection()
        with db.session.begin_nested():
            inner = db.session.connection()
        db.session.rollback()
        later = db.session.connection()

    assert first is again is inner
    assert (first.closed, later is first) == (True, False)


def test_each_role_has_a_connection_of_its_own(app: Flask, organization: Organization) -> None:
    with at_work(app, organization.id):
        own = db.session.connection()
        with jobs_role():
            role = db.session.connection().scalar(text("SELECT current_user"))
        assert (db.session.connection() is own, role, own.scalar(text("SELECT current_user"))) == (
            True,
            "app_jobs",
            "app_rw",
        )


def test_a_refused_part_leaves_the_connection_of_its_transaction(organization: Organization, work: None) -> None:
    whole = db.session.connection()
    with pytest.raises(ValidationFailed), translated_integrity_errors():
        db.session.add(person(organization, "no address"))

    assert db.session.connection() is whole
