"""Effects of the row triggers, applied in bulk.

Writing one audit trail entry per row would take most of the loading time, and would date a year of calls to today.
Instead, the rows of the last two weeks get the entries that they would have received at their own time, and one entry
with the current time states that the loader imported the rest. This requires the owner of the tables and one
transaction, after which the triggers are enabled as before.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from app.audit.actions import Action

#: Rows created since then get their own entry in the audit trail.
RECORDED = timedelta(days=14)

_AUDITED = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit' AND tgrelid = ANY (%s::regclass[])"
_BUSY = """
    INSERT INTO busy_times (organization_id, id, user_id, range, source, appointment_id)
    SELECT organization_id, new_uuid7(), sales_rep_id, tstzrange(scheduled_start_at, scheduled_end_at), 'appointment',
      id
    FROM appointments
    WHERE organization_id = %s AND sales_rep_id IS NOT NULL AND status IN ('scheduled', 'completed')
      AND deleted_at IS NULL
    ORDER BY scheduled_start_at
"""
# Column with the user who created the row, for tables that have one.
_ACTORS = {
    "appointments": "created_by",
    "booking_disputes": "raised_by",
    "call_notes": "user_id",
    "contact_notes": "user_id",
    "deletion_batches": "deleted_by",
    "events": "created_by",
    "exports": "requested_by",
    "invitations": "invited_by",
    "saved_views": "user_id",
    "tasks": "created_by",
}
# The entry the trigger would have written, using the trigger's own arguments: resource, ignored and redacted columns.
_RECORD = sql.SQL("""
    WITH trigger AS (
      SELECT string_to_array(encode(tgargs, 'escape'), '\\000') AS args
      FROM pg_trigger WHERE tgname = 'audit' AND tgrelid = {name}::regclass
    ), entry AS MATERIALIZED (
      SELECT r.organization_id, r.id AS resource_id, r.created_at, {actor} AS actor_id, args[1] AS type,
        audit_changed(
          to_jsonb(r) - '{{deleted_at,deleted_by,deletion_batch_id}}'::text[], NULL, args[2]::text[], args[3]::text[]
        ) AS after,
        audit_label(args[1], to_jsonb(r)) AS label, uuid_send(gen_random_uuid()) AS salt
      FROM {table} r, trigger WHERE r.organization_id = %(organization)s AND r.created_at >= %(since)s
    )
    INSERT INTO audit_logs (
      organization_id, id, user_id, actor_label, actor_role, source, action, resource_type, resource_id, after,
      resource_label, operation_id, created_at, pos, salt, payload_hash
    )
    SELECT e.organization_id, (left(e.resource_id::text, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid,
      u.id, coalesce(u.name, 'Switchboard'), u.role, CASE WHEN u.id IS NULL THEN 'system' ELSE 'user' END,
      e.type || '.created', e.type, e.resource_id, e.after, e.label, e.resource_id, e.created_at,
      (SELECT audit_position()), e.salt, audit_payload_hash(e.salt, NULL, e.after, e.label)
    FROM entry e LEFT JOIN users u ON u.organization_id = e.organization_id AND u.id = e.actor_id
""")
#: For staged entries: the columns that seals are computed from.
SEALABLE = {
    "pos": sql.SQL("(SELECT audit_position())"),
    "payload_hash": sql.SQL("audit_payload_hash(salt, before, after)"),
}


@contextmanager
def triggers_of_single_rows_off(connection: psycopg.Connection[Any], tables: Sequence[str]) -> Iterator[None]:
    """Disable the row triggers within the block; `write_trigger_effects` replaces them.

    Inserts into `tables` then write neither audit trail entries nor busy times. Others who write to these tables wait
    until the transaction ends.
    """
    audited = [row[0] for row in connection.execute(_AUDITED, [list(tables)])]
    switches = [(table, "audit") for table in sorted(audited)] + [("appointments", "takes_time")]
    _switch(connection, "DISABLE", switches)
    yield
    # A table with pending deferred constraint checks cannot be altered.
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _switch(connection, "ENABLE", switches)


def write_trigger_effects(
    connection: psycopg.Connection[Any],
    organization_id: UUID,
    tables: Sequence[str],
    now: datetime,
    counts: dict[str, int],
) -> None:
    """Write the busy times and audit trail that the triggers would have written.

    `counts` are the loaded rows by table.
    """
    connection.execute(_BUSY, [organization_id])
    audited = [row[0] for row in connection.execute(_AUDITED, [list(tables)])]
    for table in audited:
        if table == "organizations":
            continue
        statement = _RECORD.format(
            name=sql.Literal(table),
            table=sql.Identifier(table),
            actor=sql.Identifier("r", _ACTORS[table]) if table in _ACTORS else sql.SQL("NULL::uuid"),
        )
        connection.execute(statement, {"organization": organization_id, "since": now - RECORDED})
    connection.execute(
        "SELECT record_event(%s, 'organization', %s, %s)",
        [
            Action.DEMONSTRATION_LOADED,
            organization_id,
            Jsonb({"rows": counts, "recorded_since": (now - RECORDED).isoformat()}),
        ],
    )


def _switch(connection: psycopg.Connection[Any], verb: str, switches: Sequence[tuple[str, str]]) -> None:
    for table, trigger in switches:
        connection.execute(
            sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(
                sql.Identifier(table), sql.SQL(verb), sql.Identifier(trigger)
            )
        )
