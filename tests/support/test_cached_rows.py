"""Rows that are restored by COPY: they equal the original ones, and are written again after a change."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.db.embedded import SUPERUSER
from app.models import AuditLog, Organization, OrganizationUsage, Role, User
from tests.support.cached_rows import CachedRows, driver_connection, restored_by_copy
from tests.support.client import Client
from tests.support.database import Cleaner, WorkerDatabase
from tests.support.direct_access import Behind
from tests.support.factories import Factories

calls: list[str] = []


@restored_by_copy
def person(make: Factories) -> User:
    """Create the owner of a new organization, or restore them by COPY."""
    calls.append("made")
    return make.user(make.organization(name="Blue Ridge Air"), role=Role.OWNER)


@pytest.fixture
def first(make: Factories, cleaner: Cleaner) -> User:
    """The owner, newly created or restored by COPY, whose rows have then been deleted."""
    found = person(make)
    cleaner.clean()
    return found


@pytest.fixture
def restored(first: User, admin_engine: Engine) -> User:
    """The owner, restored after their rows were deleted."""
    return person(Factories(admin_engine))


def test_rows_are_made_once_and_are_the_same_again(first: User, restored: User, behind: Behind) -> None:
    stored = behind.one(User, id=restored.id)

    assert calls == ["made"]
    assert restored is not first
    assert (restored.id, restored.name, restored.role) == (first.id, first.name, first.role)
    assert (stored.email, stored.created_at) == (first.email, first.created_at)
    assert behind.one(OrganizationUsage).organization_id == first.organization_id


def test_the_trail_of_their_making_is_restored_too(restored: User, behind: Behind) -> None:
    assert {entry.action for entry in behind.rows(AuditLog, resource_id=restored.id)} == {"user.created"}


def test_the_person_signs_in(restored: User, client: Client) -> None:
    assert restored.name in client.sign_in(restored).get("/account").text


def test_one_test_changes_nothing_for_the_next(restored: User, admin_engine: Engine, cleaner: Cleaner) -> None:
    restored.name = "Somebody else"
    with Session(admin_engine) as session, session.begin():
        session.add(session.merge(restored))
    cleaner.clean()

    assert person(Factories(admin_engine)).name != "Somebody else"


def test_rows_that_are_made_after_them_get_other_numbers(
    restored: User, admin_engine: Engine, cleaner: Cleaner
) -> None:
    cleaner.clean()
    make = Factories(admin_engine)
    before = person(make)

    assert make.organization().slug != before.email.split("@")[1].removesuffix(".example")


def test_a_test_that_has_made_rows_before_gets_new_ones(first: User, admin_engine: Engine) -> None:
    make = Factories(admin_engine)
    neighbour = make.organization()
    after = person(make)

    assert after.organization_id not in (neighbour.id, first.organization_id)


class TestRowsThatStay:
    """`Cleaner.fill`, which writes the rows again only if something might have been written since."""

    @pytest.fixture
    def rows(self, make: Factories, admin_engine: Engine) -> CachedRows:
        make.organization(name="Blue Ridge Air")
        with admin_engine.connect() as connection:
            return CachedRows(driver_connection(connection))

    @pytest.fixture
    def names(self, behind: Behind) -> Callable[[], list[str]]:
        return lambda: [organization.name for organization in behind.rows(Organization)]

    def test_they_stay_while_others_only_read(
        self, cleaner: Cleaner, rows: CachedRows, names: Callable[[], list[str]], admin_engine: Engine
    ) -> None:
        cleaner.fill(rows)
        with Session(admin_engine) as session:
            session.execute(text("UPDATE organizations SET name = 'Never committed'"))

        assert cleaner.is_untouched
        assert names() == ["Blue Ridge Air"]

    def test_a_commit_of_a_session_is_noticed(
        self, cleaner: Cleaner, rows: CachedRows, names: Callable[[], list[str]], make: Factories
    ) -> None:
        cleaner.fill(rows)
        make.organization(name="Zebra Plumbing")
        assert not cleaner.is_untouched

        cleaner.fill(rows)
        assert names() == ["Blue Ridge Air"]

    def test_a_request_is_noticed(self, cleaner: Cleaner, rows: CachedRows, client: Client) -> None:
        client.get("/login")
        cleaner.fill(rows)
        client.answer_of("/login", {"email": "nobody@nowhere.example", "password": "anything"})

        assert not cleaner.is_untouched

    def test_a_connection_that_commits_by_itself_is_noticed(
        self, cleaner: Cleaner, rows: CachedRows, names: Callable[[], list[str]], database: WorkerDatabase
    ) -> None:
        cleaner.fill(rows)
        with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
            connection.execute("UPDATE organizations SET name = 'Zebra Plumbing'")
        assert not cleaner.is_untouched

        cleaner.fill(rows)
        assert names() == ["Blue Ridge Air"]

    def test_an_engine_that_commits_by_itself_is_noticed(
        self, cleaner: Cleaner, rows: CachedRows, admin_engine: Engine
    ) -> None:
        cleaner.fill(rows)
        with admin_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("UPDATE organizations SET name = 'Zebra Plumbing'"))

        assert not cleaner.is_untouched

    def test_other_rows_take_their_place(
        self, cleaner: Cleaner, rows: CachedRows, names: Callable[[], list[str]], make: Factories, admin_engine: Engine
    ) -> None:
        cleaner.clean()
        make.organization(name="Zebra Plumbing")
        with admin_engine.connect() as connection:
            others = CachedRows(driver_connection(connection))
        cleaner.fill(rows)
        cleaner.fill(others)

        assert names() == ["Zebra Plumbing"]
