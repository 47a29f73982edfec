"""Rows inserted in bulk are recorded like single rows."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories

KEY = uuid4()
TABLES = ("calls", "contact_cards", "contact_phones", "leads", "appointments")
#: Fields in which two entries of one row differ.
OWN = {"id", "created_at", "salt", "payload_hash"}
ENTRIES = """
    SELECT to_jsonb(entry), payload_hash = audit_payload_hash(salt, before, after, resource_label)
    FROM audit_logs entry WHERE resource_id = ANY (%s) ORDER BY resource_id, created_at
"""
COLUMNS = """
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
TOLD = "SELECT tgname, tgargs FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname IN ('audit', 'audit_inserted')"


@pytest.mark.parametrize("table", TABLES)
def test_an_entry_is_what_the_trigger_of_a_single_row_writes(
    table: str, make: Factories, database: WorkerDatabase
) -> None:
    organization = make.organization()
    within = {"none": None, "list": [None, {"none": None, "some": 1}]}
    card = make.contact(organization, first_name="Ann", last_name="Lee", custom_metadata=within)
    make.call(organization, contact_card_id=card.id, topic="Leak")
    lead = make.lead(organization, contact=card, stage="dead", closed_at=DAY)
    make.appointment(organization, contact=card, lead_id=lead.id, deal_value=12.5, notes="Gate code")
    with psycopg.connect(database.url("postgres")) as connection:
        told = _told(connection, table)
        arguments = ", ".join(f"'{part}'" for part in told["audit_inserted"])
        single = (
            f"CREATE TRIGGER audit_one AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION audit_row({arguments})"
        )
        connection.execute(single.encode())
        enter(
            connection, organization.id, actor_label="Somebody", source="user", request_id="request-1", api_key_id=KEY
        )
        made = _put_in_twice(connection, table, told["audit_inserted"][0], organization.id)
        entries = connection.execute(ENTRIES, (made,)).fetchall()
        connection.rollback()

    assert told["audit"] == told["audit_inserted"]
    assert all(is_sealed_right for _entry, is_sealed_right in entries)
    said = [{name: value for name, value in entry.items() if name not in OWN} for entry, _ in entries]
    assert said[::2] == said[1::2]
    assert len(said) == 4
    named = [entry for entry in said if entry["action"] == "call.reclassified"]
    assert {entry["resource_id"] for entry in named} == {str(made[0])}
    assert all(entry["metadata"] == {"why": "a test", "apiKeyId": str(KEY)} for entry in named)
    assert all(entry["metadata"]["apiKeyId"] == str(KEY) for entry in said)
    assert {entry["action"] for entry in said if entry not in named} == {f"{told['audit'][0]}.created"}


def _told(connection: psycopg.Connection, table: str) -> dict[str, list[str]]:
    """Return the arguments of a table's two audit triggers, by the name of the trigger.

    The catalog ends each argument with a NUL.
    """
    found = connection.execute(TOLD, (table,)).fetchall()
    return {name: bytes(arguments).decode().split("\0")[:-1] for name, arguments in found}


def _put_in_twice(connection: psycopg.Connection[Any], table: str, kind: str, organization_id: UUID) -> list[UUID]:
    """Insert two copies of the organization's first row in one statement; return their IDs.

    The copies have new IDs and, if the table has them, new phone numbers. An action is named for the first copy only.
    """
    columns = (connection.execute(COLUMNS, (table,)).fetchone() or ("",))[0]
    ids = [connection.execute("SELECT new_uuid7()").fetchone() for _ in range(2)]
    first, second = (one[0] for one in ids if one)
    named = {"app.action": "call.reclassified", "app.action_target": f"{kind}:{first}"}
    for name, value in {**named, "app.action_metadata": '{"why": "a test"}'}.items():
        connection.execute("SELECT set_config(%s, %s, true)", (name, value))
    connection.execute(
        f"""
        INSERT INTO {table} ({columns})
        SELECT {columns} FROM (
          SELECT (jsonb_populate_record(there, jsonb_build_object('id', new.id, 'phone', '+1646' || place))).*
          FROM {table} there, unnest(%s::uuid[]) WITH ORDINALITY new (id, place)
          WHERE there.id = (SELECT id FROM {table} WHERE organization_id = %s ORDER BY id LIMIT 1)
        ) made
        """.encode(),
        ([first, second], organization_id),
    )
    return [first, second]
