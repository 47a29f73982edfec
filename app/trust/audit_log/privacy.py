"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "audit_logs",
        staff=("actor_label", "actor_role", "ip_address", "user_agent"),
        secrets=("salt",),
        in_the_trail=("before", "after", "resource_label"),
        nobody=("action", "resource_type", "metadata", "request_id", "correlation_id", "payload_hash"),
    ),
    ColumnsOf(
        "audit_seals",
        nobody=("entries", "rows_hash", "prev_hash", "key_id", "hash"),
    ),
)
