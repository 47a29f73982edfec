"""API keys as callers: found by one function, and a signed fact of the context, of entries and of jobs."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import audit, once

revision = "0113_api_keys_as_callers"
down_revision = "0112_refresh_tokens"
branch_labels = None
depends_on = None

description = "Programs work with API keys, and the trail names the key"
breaking = False

_VISITS = import_module("migrations.versions.0106_visits_and_views")

# The key is part of the proof, like the visit: without one, the proof is unchanged. The word before it keeps it
# apart from a visit.
_KEY = "nullif(current_setting('app.api_key_id', true), '')"
_LAST = f"quote_literal({_VISITS._VISIT}));"


def _with_key(function: str) -> str:
    return function.replace("%L%s'", "%L%s%s'").replace(_LAST, f"{_LAST[:-2]}, 'key' || quote_literal({_KEY}));")


CONTEXT_PROOF = _with_key(_VISITS.CONTEXT_PROOF)
SIGNED_ENTRY = _with_key(_VISITS.SIGNED_ENTRY)
SET_CONTEXT = _VISITS.SET_CONTEXT.replace(
    "  done := set_config('app.action', '', true);\n",
    "  done := set_config('app.api_key_id', coalesce(fact ->> 'api_key_id', ''), true);\n"
    "  done := set_config('app.action', '', true);\n",
)
AUDIT_APPEND = _VISITS.AUDIT_APPEND.replace(
    "  INSERT INTO audit_logs (",
    f"""  IF {_KEY} IS NOT NULL THEN
    facts := facts || jsonb_build_object('apiKeyId', current_setting('app.api_key_id'));
  END IF;
  INSERT INTO audit_logs (""",
    1,
)
_VISIT_OBJECT = "jsonb_build_object('visit', current_setting('app.visit')::jsonb) END"
AUDIT_INSERTED = _VISITS.AUDIT_INSERTED.replace(
    f"{_VISIT_OBJECT};",
    f"""{_VISIT_OBJECT}
    || CASE WHEN {_KEY} IS NULL THEN '{{}}'
    ELSE jsonb_build_object('apiKeyId', current_setting('app.api_key_id')) END;""",
    1,
)
SIGNED_JOB = _VISITS.SIGNED_JOB.replace("correlation_id,visit}", "correlation_id,visit,api_key_id}")

#: Columns of a key with its creator and organization, with their type and source.
COLUMNS = (
    ("api_key_id", "uuid", "k.id"),
    ("name", "text", "k.name"),
    ("permissions", "text[]", "k.permissions"),
    ("expires_at", "timestamptz", "k.expires_at"),
    ("revoked_at", "timestamptz", "k.revoked_at"),
    ("last_used_at", "timestamptz", "k.last_used_at"),
    ("creator_id", "uuid", "u.id"),
    ("creator_name", "text", "u.name"),
    ("creator_role", "text", "u.role"),
    ("creator_status", "text", "u.status"),
    ("creator_has_second_factor", "boolean", "u.mfa_secret IS NOT NULL"),
    (
        "creator_granted",
        "text[]",
        """ARRAY(SELECT g.permission FROM user_permissions g WHERE g.organization_id = k.organization_id
                 AND g.user_id = k.created_by AND (g.expires_at IS NULL OR g.expires_at > now()))""",
    ),
    ("organization_name", "text", "o.name"),
    ("organization_slug", "text", "o.slug"),
    ("is_organization_active", "boolean", "o.status = 'active' AND o.deleted_at IS NULL"),
    ("timezone", "text", "o.timezone"),
    ("week_start", "text", "o.week_start"),
    ("country", "text", "o.country"),
    ("language", "text", "o.language"),
    ("require_mfa", "boolean", "o.require_mfa"),
    (
        "revisions",
        "jsonb",
        """(SELECT coalesce(jsonb_object_agg(r.kind, r.revision), '{}') FROM revisions r
            WHERE r.organization_id = k.organization_id)""",
    ),
)
# Like `find_session`, with a cached plan, and with nothing from organizations other than the proven one. A request
# presents the key's digest, a job has its ID.
FIND_API_KEY = f"""
CREATE FUNCTION find_api_key(organization uuid, digest bytea, wanted uuid DEFAULT NULL)
RETURNS TABLE ({", ".join(f"{name} {kind}" for name, kind, _source in COLUMNS)})
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  IF organization IS DISTINCT FROM current_organization() THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT {", ".join(source for _name, _kind, source in COLUMNS)}
    FROM api_keys k
    JOIN organizations o ON o.id = k.organization_id
    LEFT JOIN users u ON u.organization_id = k.organization_id AND u.id = k.created_by AND u.deleted_at IS NULL
    WHERE k.organization_id = organization AND k.id = coalesce(
      wanted, (SELECT a.id FROM api_keys a WHERE a.organization_id = organization AND a.key_hash = digest)
    );
END
$$
"""
SIGNATURE = "find_api_key(uuid, bytea, uuid)"

_NEW = (CONTEXT_PROOF, SET_CONTEXT, SIGNED_ENTRY, AUDIT_APPEND, AUDIT_INSERTED, SIGNED_JOB)
_FORMER = (
    _VISITS.SIGNED_JOB,
    _VISITS.AUDIT_INSERTED,
    _VISITS.AUDIT_APPEND,
    _VISITS.SIGNED_ENTRY,
    _VISITS.SET_CONTEXT,
    _VISITS.CONTEXT_PROOF,
)

_OPERATION = "check_last_used_operation_length"
#: Background work that a key can start.
WORK = ("bulk_operations", "exports", "imports")


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that people can keep working.
    with op.get_context().autocommit_block():
        for table in WORK:
            op.execute(
                f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT fk_{table}_api_key_id"
            )
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS idx_{table}_api_key")
            op.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_{table}_api_key ON {table}"
                " (organization_id, api_key_id, created_at DESC, id DESC) WHERE api_key_id IS NOT NULL"
            )
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE api_keys VALIDATE CONSTRAINT {_OPERATION}")


def downgrade() -> None:
    for table in WORK:
        op.drop_column(table, "api_key_id")
    op.execute("DROP TRIGGER audit ON api_keys")
    audit("api_keys", "api_key", ignored=("last_used_at",), redacted=("key_hash",))
    for column in ("last_used_operation", "last_used_ip"):
        op.drop_column("api_keys", column)
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {SIGNATURE}")
    for function in _FORMER:
        op.execute(function)


def _at_once() -> None:
    for function in (*_NEW, FIND_API_KEY):
        op.execute(function)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO app_rw")
    op.add_column("api_keys", sa.Column("last_used_ip", postgresql.INET()))
    op.add_column("api_keys", sa.Column("last_used_operation", sa.Text()))
    op.execute(
        f"ALTER TABLE api_keys ADD CONSTRAINT {_OPERATION}"
        " CHECK (char_length(last_used_operation) BETWEEN 1 AND 300) NOT VALID"
    )
    op.execute("DROP TRIGGER audit ON api_keys")
    audit(
        "api_keys",
        "api_key",
        ignored=("last_used_at", "last_used_ip", "last_used_operation"),
        redacted=("key_hash",),
    )
    for table in WORK:
        op.add_column(table, sa.Column("api_key_id", sa.Uuid()))
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_api_key_id FOREIGN KEY (organization_id, api_key_id)"
            " REFERENCES api_keys (organization_id, id) ON DELETE SET NULL (api_key_id) NOT VALID"
        )
