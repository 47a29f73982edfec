"""SQL for the part of a row of `audit_logs a` that a seal covers, shared by sealing and verification.

Only built-in functions of PostgreSQL are used: the owner of the schema could replace one of ours to return whatever
they like (`verify` ensures that no other function is used in place of a built-in one). The text output of a record is
unambiguous (quotes are doubled, NULL differs from ''), and no setting affects it: timestamps are passed as
microseconds, bytes as hexadecimal.
"""

#: The order matters; a column that is left out could be changed without detection.
COVERED = (
    "organization_id",
    "id",
    "user_id",
    "actor_label",
    "actor_role",
    "source",
    "action",
    "resource_type",
    "resource_id",
    "metadata",
    "ip_address",
    "user_agent",
    "request_id",
    "correlation_id",
    "operation_id",
    "created_at",
    "pos",
    "payload_hash",
)
#: Columns that erasing a person empties: covered by payload_hash, or by the record of the erasure.
ERASABLE = ("before", "after", "resource_label", "salt", "redacted_at")


def _microseconds(column: str) -> str:
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


_AS_TEXT = {"created_at": _microseconds("a.created_at"), "payload_hash": "encode(a.payload_hash, 'hex')"}
_COLUMNS = ", ".join(_AS_TEXT.get(column, f"a.{column}") for column in COVERED)

#: 16 bytes of id, followed by 32 bytes of hash.
ENTRY = f"uuid_send(a.id) || sha256(convert_to(ROW({_COLUMNS})::text, 'UTF8'))"
ENTRY_BYTES = 48
ID_BYTES = 16

MONTH = "date_trunc('month', a.created_at AT TIME ZONE 'UTC')::date"

#: The payload is present and unchanged since it was written.
INTACT = (
    "coalesce(a.redacted_at IS NULL AND a.payload_hash = sha256(a.salt || convert_to("
    "coalesce(a.before::text, '') || chr(31) || coalesce(a.after::text, '') || "
    "coalesce(chr(31) || a.resource_label, ''), 'UTF8')), false)"
)

#: Rows emptied by a recorded erasure: (id, moment). Written so that a forged record can't make it fail.
ERASED = """
    SELECT e.id #>> '{}' AS id, r.metadata ->> 'moment' AS moment
    FROM public.audit_logs r, jsonb_path_query(r.metadata, '$.entries[*]') AS e (id)
    WHERE r.organization_id = :organization AND r.action = 'audit.erased'
"""
EMPTIED_ON_RECORD = (
    "coalesce(a.before IS NULL AND a.after IS NULL AND a.resource_label IS NULL AND a.salt IS NULL AND "
    f"(a.id::text, {_microseconds('a.redacted_at')}::text) IN (SELECT id, moment FROM erased), false)"
)
