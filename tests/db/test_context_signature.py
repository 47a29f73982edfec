"""The database serves only the context that the app has signed, in the transaction it was signed for."""

import hashlib
from collections.abc import Iterator

import psycopg
import pytest

from app.db.context import Context
from app.db.context_signature import SET_CONTEXT, signed, store_key
from app.db.ids import uuid7
from tests.support.contexts import enter
from tests.support.database import SECRET_KEY, WorkerDatabase, scratch_database

OURS, THEIRS = Context(organization_id=uuid7()), Context(organization_id=uuid7())
CURRENT = "SELECT current_organization()"


@pytest.fixture
def scratch(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A migrated database whose keys a test can change."""
    with scratch_database(database, "keys") as scratch:
        yield scratch


def is_believed(database: WorkerDatabase, secret_key: str) -> bool:
    """Return whether the database accepts a context signed with this secret."""
    with psycopg.connect(database.url("app_rw")) as connection:
        try:
            connection.execute(SET_CONTEXT, signed(OURS, secret_key))
        except psycopg.errors.InsufficientPrivilege:
            return False
        return connection.execute(CURRENT).fetchone() == (OURS.organization_id,)


def believes_own_key(database: WorkerDatabase, inner: bytes, outer: bytes) -> bool:
    """Return whether the key stored in the database is enough to enter an organization."""
    with psycopg.connect(database.url("app_rw")) as connection:
        facts = connection.execute("SELECT int4send(pg_backend_pid()) || timestamptz_send(now())").fetchone() or (b"",)
        organization = str(OURS.organization_id)
        inside = hashlib.sha256(inner + facts[0] + organization.encode()).digest()
        proof = hashlib.sha256(outer + inside).hexdigest()
        connection.execute(
            "SELECT set_config('app.organization_id', %s, true), set_config('app.organization_proof', %s, true)",
            [organization, proof],
        )
        try:
            return connection.execute(CURRENT).fetchone() == (OURS.organization_id,)
        except psycopg.errors.InsufficientPrivilege:
            return False


def test_a_context_is_believed_as_it_was_signed(database: WorkerDatabase) -> None:
    facts, key, signature = signed(OURS, SECRET_KEY)
    forged, _, _ = signed(THEIRS, SECRET_KEY)

    with psycopg.connect(database.url("app_rw")) as connection:
        for values in ((forged, key, signature), (facts, key, b""), (facts, "own", signature), (facts, "none", None)):
            with pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
                connection.execute(SET_CONTEXT, values)
            assert "flask db upgrade" in str(refused.value.diag.message_hint)
            connection.rollback()
            assert connection.execute(CURRENT).fetchone() == (None,)


def test_it_ends_with_its_transaction(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_rw")) as connection:
        connection.execute(SET_CONTEXT, signed(OURS, SECRET_KEY))
        connection.commit()

        assert connection.execute(CURRENT).fetchone() == (None,)


def test_a_proof_is_good_in_its_own_transaction_only(database: WorkerDatabase) -> None:
    proof = "SELECT current_setting('app.organization_proof')"
    with psycopg.connect(database.url("app_rw")) as connection:
        connection.execute(SET_CONTEXT, signed(THEIRS, SECRET_KEY))
        [kept] = connection.execute(proof).fetchone() or ()
        connection.commit()
        enter(connection, OURS.organization_id)
        connection.execute(
            "SELECT set_config('app.organization_id', %s, true), set_config('app.organization_proof', %s, true)",
            [str(THEIRS.organization_id), kept],
        )

        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not serve"):
            connection.execute(CURRENT)


@pytest.mark.parametrize("label", ["O'Brien", 'Zoë "Zed" \\ Núñez', "two\nlines", "🙂", ""])
def test_any_name_can_be_signed(database: WorkerDatabase, label: str) -> None:
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, OURS.organization_id, actor_label=label, user_agent=label)
        connection.execute("SELECT record_event('session.ended', 'session', NULL, '{}')")
        told = connection.execute("SELECT actor_label, coalesce(user_agent, '') FROM audit_logs").fetchall()
        connection.rollback()

    assert told == [(label or "app_rw", label)]


def test_another_secret_is_believed_once_the_database_was_told_and_the_former_one_still_is(
    scratch: WorkerDatabase,
) -> None:
    assert is_believed(scratch, SECRET_KEY)
    assert not is_believed(scratch, "a new secret of the installation")

    store_key(scratch.url("app_owner"), "a new secret of the installation")
    assert is_believed(scratch, "a new secret of the installation")
    assert is_believed(scratch, SECRET_KEY)

    store_key(scratch.url("app_owner"), "a newer one, for the first was stolen")
    assert not is_believed(scratch, SECRET_KEY)


def test_stolen_keys_are_worth_nothing_once_there_are_new_ones(scratch: WorkerDatabase) -> None:
    with psycopg.connect(scratch.url("app_owner")) as connection:
        [inner, outer] = connection.execute(
            "SELECT inner_pad, outer_pad FROM context_keys WHERE id = 'own'"
        ).fetchone() or (b"", b"")
    assert is_believed(scratch, SECRET_KEY)
    assert believes_own_key(scratch, inner, outer)

    store_key(scratch.url("app_owner"), "a new secret of the installation", alone=True)

    assert is_believed(scratch, "a new secret of the installation")
    assert not is_believed(scratch, SECRET_KEY)
    assert not believes_own_key(scratch, inner, outer)


def test_who_owns_the_tables_needs_no_signature(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        connection.execute("SELECT set_config('app.organization_id', %s, true)", [str(OURS.organization_id)])

        assert connection.execute(CURRENT).fetchone() == (OURS.organization_id,)
