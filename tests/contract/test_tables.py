"""What every table must have, found by looking into the database: a table that comes later falls under it unchanged."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import inspect

from app.db.constraints import find_refusal
from app.models import Base, SoftDeleted, Versioned
from tests.support.database import WorkerDatabase
from tests.support.models import MODELS

#: Not of an organization, each for a reason.
GLOBAL = {
    "system_settings": "one row for the installation",
    "rate_limits": "counts strangers too, by hashed key",
    "alembic_version": "the migrations' own",
    "plans": "what can be subscribed to, the same for all",
    "backup_checks": "a backup is of the whole installation",
    "audit_epoch": "one row for the installation",
    "context_keys": "of the installation, and the app cannot read them",
}
#: Changed by no person, so that an audit row would only be noise.
UNAUDITED = {
    "audit_logs": "is the trail",
    "audit_seals": "are the seals over the trail",
    "organization_usage": "counters, changed by every call",
    "login_attempts": "is a record itself; a failed one leaves an event",
    "known_devices": "follow from signing in, which is audited",
    "jobs": "the worker's own record; what people do to a job leaves an event",
    "import_errors": "a report of the import, which is audited",
    "import_rows": "what an import did, each of which is audited",
    "busy_times": "follow from events and appointments, which are audited",
    "usage_costs": "written by what costs something, and never changed",
    "notifications": "tell of a change that is audited itself",
    "ask_questions": "are a record themselves",
    "idempotency_keys": "answers that are kept; what a request did is audited",
    "deprecated_calls": "counters",
    "payment_events": "what a provider told; what it changes is audited",
    "reports": "made by a job from the numbers, and never changed",
    "recording_parts": "pieces of an upload, whose recording is audited",
    "provider_tasks": "kept by jobs; what a result changes is audited",
    "revisions": "follow from what people change, which is audited",
    "list_visits": "how far somebody has seen a list: read by nobody else",
    "offered_values": "follow from calls, which are audited",
}
#: The few indexes that cross organizations, each used before or outside of one.
CROSSING = {
    "uq_organizations_slug": "short names are unique over all",
    "idx_organizations_deleted": "the list of organizations",
    "pk_organizations": "is the tenant key",
    "idx_contact_cards_search": "each of its words begins with the organization",
    "idx_contact_cards_misspelt": "each of its words is salted with the organization",
    "idx_users_misspelt": "each of its words is salted with the organization",
    "idx_tasks_misspelt": "each of its words is salted with the organization",
    "idx_knowledge_misspelt": "each of its words is salted with the organization",
    "idx_contact_cards_tags": "each of its keys begins with the organization",
    "idx_contact_phones_search": "each of its words begins with the organization",
    "idx_users_search": "each of its words begins with the organization",
    "idx_tasks_search": "each of its words begins with the organization",
    "idx_events_search": "each of its words begins with the organization",
    "idx_users_email": "signing in starts from an address alone",
    "idx_user_sessions_expiry": "the clean-up job",
    "idx_deletion_batches_due": "the purge job",
    "idx_subscriptions_status": "the job that begins billing periods anew",
    "idx_idempotency_keys_expiry": "the clean-up job",
    "busy_times_overlap": "begins with the organization as a range, which is how GiST compares it",
    "idx_audit_words": "has the organization, and its months, among its words",
    "idx_knowledge_search": "has the organization among its words",
    "idx_contact_cards_name_words": "each of its words begins with the organization",
    "idx_tasks_name_words": "each of its words begins with the organization",
    "idx_events_name_words": "each of its words begins with the organization",
    "uq_phone_numbers_number": "a number rings in one organization",
    "uq_organizations_webhook_key": "a webhook's address names its organization by its key alone",
}


@pytest.fixture
def catalogue(database: WorkerDatabase) -> Iterator[psycopg.Connection]:
    """The database's own description, read as the owner of the tables."""
    with psycopg.connect(database.url("app_owner")) as connection:
        yield connection


def tenant_tables(catalogue: psycopg.Connection) -> list[str]:
    """All tables but the queue's and the global ones."""
    rows = catalogue.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND relname NOT LIKE 'procrastinate%' ORDER BY relname"
    ).fetchall()
    return [name for (name,) in rows if name not in GLOBAL]


def test_every_tenant_table_has_forced_row_security_for_the_app_and_the_owner(catalogue: psycopg.Connection) -> None:
    for table in tenant_tables(catalogue):
        enabled, forced = catalogue.execute(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [table]
        ).fetchone() or (False, False)
        roles = {
            role
            for (found,) in catalogue.execute("SELECT roles::text[] FROM pg_policies WHERE tablename = %s", [table])
            for role in found
        }
        assert enabled, f"{table}: migrations.support.protect is missing"
        assert forced, f"{table}: row security does not bind its owner"
        assert {"app_rw", "app_owner"} <= roles, f"{table}: policies only for {roles}"


def test_every_policy_of_the_app_compares_with_the_signed_organization(catalogue: psycopg.Connection) -> None:
    for table in tenant_tables(catalogue):
        row = catalogue.execute(
            "SELECT qual, coalesce(with_check, qual) FROM pg_policies WHERE tablename = %s AND roles = '{app_rw}'",
            [table],
        ).fetchone()
        assert row is not None, table
        for predicate in row:
            assert "current_organization()" in predicate, f"{table}: {predicate}"
            assert "SELECT" in predicate, f"{table}: it is asked again for every row"


def test_the_organization_leads_every_key_and_every_index(catalogue: psycopg.Connection) -> None:
    indexes = catalogue.execute(
        "SELECT t.relname, i.relname, a.attname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
        " JOIN pg_class t ON t.oid = x.indrelid"
        " LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]"
        " WHERE t.relnamespace = 'public'::regnamespace"
    ).fetchall()
    for table, index, first in indexes:
        if table in tenant_tables(catalogue) and index not in CROSSING:
            assert first == "organization_id", f"{table}.{index} begins with {first}"


def test_every_reference_between_tenant_tables_carries_the_organization(catalogue: psycopg.Connection) -> None:
    references = catalogue.execute(
        "SELECT conname, conrelid::regclass::text, confrelid::regclass::text, ARRAY("
        "   SELECT attname::text FROM pg_attribute"
        "   WHERE (attrelid, attnum) IN ((conrelid, conkey[1]), (confrelid, confkey[1])))"
        " FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    ).fetchall()
    for name, table, target, begins in references:
        if table in tenant_tables(catalogue) and target not in {"organizations", *GLOBAL}:
            assert set(begins) == {"organization_id"}, f"{table}.{name} could point into another organization"


def test_every_reference_has_an_index_to_follow_it_back(catalogue: psycopg.Connection) -> None:
    """Without one, deleting the row that is referred to reads the whole table. A person whom anything refers to is made
    anonymous and not deleted, so what a person only stands beside (who made it, who deleted it) needs none."""
    missing = catalogue.execute(
        """
        SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c
        WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND array_length(c.conkey, 1) = 2
          AND NOT (c.confrelid = 'users'::regclass AND c.confdeltype = 'n')
          AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid
                          AND (i.indkey::int2[])[0:1] @> c.conkey AND (i.indkey::int2[])[0:1] <@ c.conkey)
        """
    ).fetchall()
    assert missing == []


def test_every_table_that_people_change_is_audited(catalogue: psycopg.Connection) -> None:
    audited = {
        table for (table,) in catalogue.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit'")
    }
    tables = set(tenant_tables(catalogue))

    assert tables - audited == UNAUDITED.keys(), "give the table migrations.support.audit, or a reason in UNAUDITED"


def test_every_secret_column_is_masked_in_the_trail(catalogue: psycopg.Connection) -> None:
    for table in Base.metadata.tables.values():
        stored = [column.name for column in table.columns if column.computed is None]
        secrets = {name for name in stored if name.endswith(("_hash", "_secret", "_key"))}
        secrets -= {"storage_key", "avatar_key", "payload_hash"}  # places and a checksum, no secrets
        definition = catalogue.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'audit' AND tgrelid = %s::regclass",
            [table.name],
        ).fetchone()
        for secret in secrets:
            if definition is not None:
                assert secret in definition[0].rsplit("'{", 1)[1], f"{table.name}.{secret} would stand in the trail"


def test_every_constraint_has_a_sentence(catalogue: psycopg.Connection) -> None:
    constraints = catalogue.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE contype IN ('c', 'u', 'f', 'x') AND connamespace = 'public'::regnamespace AND conrelid <> 0"
        " UNION SELECT tablename, indexname FROM pg_indexes"
        " WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'"
        " AND indexname NOT LIKE 'pk\\_%'"
    ).fetchall()
    silent = [
        f"{table}.{name}"
        for table, name in constraints
        if not table.startswith(("procrastinate", "alembic")) and find_refusal(table, name) is None
    ]
    assert silent == [], "give each a field and a sentence in app.db.constraints"


def test_every_constraint_of_the_models_is_in_the_database(catalogue: psycopg.Connection) -> None:
    """The comparison of the migrations looks at columns and indexes only."""
    there = {
        (table, name)
        for table, name in catalogue.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
    }
    wanted = {
        (table.name, str(constraint.name))
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name
    }
    assert wanted <= there, wanted - there


def test_without_an_organization_the_app_sees_no_row(database: WorkerDatabase, full_database: None) -> None:
    seen = {}
    with psycopg.connect(database.url("app_rw")) as connection:
        for table in sorted(Base.metadata.tables.keys() - GLOBAL.keys()):
            ((number,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
            if number:
                seen[table] = number
    assert seen == {}


def test_the_app_cannot_write_the_trail(database: WorkerDatabase, full_database: None) -> None:
    for statement in ("UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs", "TRUNCATE audit_logs"):
        with psycopg.connect(database.url("app_rw")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    with psycopg.connect(database.url("app_rw")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("INSERT INTO audit_logs SELECT * FROM audit_logs")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_what_people_edit_is_versioned_and_what_they_delete_has_a_batch(model: type[Base]) -> None:
    columns = set(inspect(model).columns.keys())
    if issubclass(model, SoftDeleted):
        assert {"deleted_at", "deleted_by", "deletion_batch_id", "is_deleted"} <= columns
    if issubclass(model, Versioned):
        assert "version" in columns
