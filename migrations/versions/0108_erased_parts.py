"""Erased parts are attributed to a record only if no other record of its kind was erased in the same operation."""

from importlib import import_module

from alembic import op

from migrations.support import once

revision = "0108_erased_parts"
down_revision = "0107_reverts_of_operations"
branch_labels = None
depends_on = None

description = "The audit trail of a record leaves out erased parts that may be another record's"
breaking = False

_PARTS = import_module("migrations.versions.0103_parts_and_numbers")

_OWN = "WHERE own.redacted_at IS NOT NULL"
# A creation is left out because it belongs to an import, whose entries are many, and no part is purged with it.
_ONLY = """WHERE own.redacted_at IS NOT NULL AND own.action <> kind || '.created'
      AND NOT EXISTS (
        SELECT FROM audit_logs other
        WHERE other.organization_id = organization AND other.operation_id = own.operation_id
          AND other.resource_type = kind AND other.resource_id <> record AND other.redacted_at IS NOT NULL
      )"""

PARTS_GONE = _PARTS.PARTS_GONE.replace(
    "operation_id, redacted_at FROM", "operation_id, action, redacted_at FROM"
).replace(_OWN, _ONLY)


def upgrade() -> None:
    once(revision, lambda: _replace(PARTS_GONE))


def downgrade() -> None:
    _replace(_PARTS.PARTS_GONE)


def _replace(function: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute("SET LOCAL ROLE app_search")
    op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
