"""What a seal covers of a row, in SQL over `audit_logs a`. Sealing and verifying share it, so that they agree.

Only functions of PostgreSQL itself: one of ours could be replaced by whoever owns the schema, and would then answer
what suits them (`verify` sees to it that none is taken for PostgreSQL's). The texts of a record's output are
unambiguous (quotes are doubled, NULL is not ''), and no setting changes them: times go in as microseconds, bytes as
hexadecimal digits.
"""

#: In this order; a column that is left out could be changed without anybody noticing.
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
#: What erasing a person empties: held by payload_hash, or by the record of the erasure.
ERASABLE = ("before", "after", "resource_label", "salt", "redacted_at")


def _microseconds(column: str) -> str:
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


_AS_TEXT = {"created_at": _microseconds("a.created_at"), "payload_hash": "encode(a.payload_hash, 'hex')"}
_COLUMNS = ", ".join(_AS_TEXT.get(column, f"a.{column}") for column in COVERED)

#: 16 bytes of id, then 32 bytes of hash.
ENTRY = f"uuid_send(a.id) || sha256(convert_to(ROW({_COLUMNS})::text, 'UTF8'))"
ENTRY_BYTES = 48
ID_BYTES = 16

MONTH = "date_trunc('month', a.created_at AT TIME ZONE 'UTC')::date"

#: The payload is there and is what was written.
INTACT = (
    "coalesce(a.redacted_at IS NULL AND a.payload_hash = sha256(a.salt || convert_to("
    "coalesce(a.before::text, '') || chr(31) || coalesce(a.after::text, '') || "
    "coalesce(chr(31) || a.resource_label, ''), 'UTF8')), false)"
)

#: Rows that an erasure on record has emptied: (id, moment). Written so that no forged record makes it fail.
ERASED = """
    SELECT e.id #>> '{}' AS id, r.metadata ->> 'moment' AS moment
    FROM public.audit_logs r, jsonb_path_query(r.metadata, '$.entries[*]') AS e (id)
    WHERE r.organization_id = :organization AND r.action = 'audit.erased'
"""
EMPTIED_ON_RECORD = (
    "coalesce(a.before IS NULL AND a.after IS NULL AND a.resource_label IS NULL AND a.salt IS NULL AND "
    f"(a.id::text, {_microseconds('a.redacted_at')}::text) IN (SELECT id, moment FROM erased), false)"
)
