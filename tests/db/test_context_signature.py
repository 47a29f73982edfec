"""The database serves only the context that the app has signed, in the transaction it was signed for."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from app.db.context import Context
from app.db.context_signature import SET_CONTEXT, signed, store_key
from app.db.ids import uuid7
from app.ops.jobs.queue import context_to_json
from tests.support.contexts import enter
from tests.support.database import SECRET_KEY, WorkerDatabase, scratch_database
from tests.support.factories import Factories

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


KEY = uuid7()
RECORD = "SELECT record_event('session.ended', 'session', NULL, '{}')"
ASK = """
    INSERT INTO jobs (organization_id, id, name, context, asked_by_label)
    VALUES (current_organization(), gen_random_uuid(), 'exports.make', %s, %s)
"""


@pytest.mark.parametrize("api_key_id", [KEY, None], ids=["a key", "nobody"])
def test_no_statement_claims_a_key_or_leaves_one(database: WorkerDatabase, api_key_id: UUID | None) -> None:
    for forged in {"", str(uuid7()), str(KEY)} - {str(api_key_id or "")}:
        with psycopg.connect(database.url("app_rw")) as connection:
            enter(connection, OURS.organization_id, actor_label="Zapier", api_key_id=api_key_id)
            connection.execute("SELECT set_config('app.api_key_id', %s, true)", [forged])

            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not act in that name"):
                connection.execute(RECORD)


def test_a_key_and_a_visit_are_not_taken_for_each_other(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, OURS.organization_id, actor_label="Sam Staff", visit='{"id": "1"}')
        connection.execute(
            "SELECT set_config('app.visit', '', true), set_config('app.api_key_id', %s, true)", ['{"id": "1"}']
        )

        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not act in that name"):
            connection.execute(RECORD)


def test_an_entry_names_the_key_that_was_signed(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, OURS.organization_id, actor_label="Zapier", api_key_id=KEY, source="external")
        connection.execute(RECORD)
        enter(connection, OURS.organization_id, actor_label="Ann Lee", actor_id=(person := uuid7()))
        connection.execute(RECORD)
        told = connection.execute("SELECT user_id, source, metadata FROM audit_logs ORDER BY created_at").fetchall()
        connection.rollback()

    assert told == [(None, "external", {"apiKeyId": str(KEY)}), (person, "system", {})]


def test_a_job_acts_for_the_key_that_asks_for_it_and_no_other(database: WorkerDatabase, make: Factories) -> None:
    organization = make.organization()
    context = replace(OURS, organization_id=organization.id, actor_label="Zapier", api_key_id=KEY)
    for forged in (None, uuid7()):
        with psycopg.connect(database.url("app_rw")) as connection:
            connection.execute(SET_CONTEXT, signed(context, SECRET_KEY))
            facts = Jsonb(context_to_json(replace(context, api_key_id=forged)))
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="in the name of whoever asks"):
                connection.execute(ASK, [facts, "Zapier"])
    with psycopg.connect(database.url("app_rw")) as connection:
        connection.execute(SET_CONTEXT, signed(context, SECRET_KEY))
        assert connection.execute(ASK, [Jsonb(context_to_json(context)), "Zapier"]).rowcount == 1
        connection.rollback()


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
