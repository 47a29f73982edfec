"""Suspension of people and organizations; extra permissions have a reason and an end."""

from alembic import op

revision = "0038_suspension"
down_revision = "0037_retention_with_notice"
branch_labels = None
depends_on = None

description = "People and organizations are suspended and let back, and a grant has a reason and an end"
breaking = False

COLUMNS = {
    "users": {"suspended_until": "timestamptz", "suspension_reason": "text"},
    "organizations": {"suspended_at": "timestamptz", "suspension_reason": "text"},
    "user_permissions": {"reason": "text", "expires_at": "timestamptz"},
}
CHECKS = {
    ("users", "check_suspension_reason_length"): "char_length(suspension_reason) BETWEEN 3 AND 500",
    ("users", "check_suspended"): "status = 'suspended' OR num_nonnulls(suspended_until, suspension_reason) = 0",
    ("organizations", "check_suspension_reason_length"): "char_length(suspension_reason) BETWEEN 3 AND 500",
    ("organizations", "check_suspended"): "status = 'suspended' OR num_nonnulls(suspended_at, suspension_reason) = 0",
    ("user_permissions", "check_reason_length"): "char_length(reason) BETWEEN 3 AND 500",
    ("user_permissions", "check_grant_ends_later"): "expires_at > created_at",
}

# A user whose suspension has expired can sign in even before the job has processed it.
IS_ACTIVE = "users.status = 'active'"
IS_OVER = "(users.status = 'active' OR users.status = 'suspended' AND users.suspended_until <= now())"
FIND_ACCOUNTS = """
CREATE OR REPLACE FUNCTION find_accounts(address text) RETURNS TABLE (
  organization_id uuid, organization_name text, user_id uuid, password_hash text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT users.organization_id, organizations.name, users.id, users.password_hash
  FROM users JOIN organizations ON organizations.id = users.organization_id
  WHERE lower(users.email) = lower(address) AND users.deleted_at IS NULL AND {who}
    AND users.password_hash IS NOT NULL AND organizations.deleted_at IS NULL AND organizations.status = 'active'
  ORDER BY organizations.name, organizations.id
  LIMIT 20
$$
"""
# Users who, with a correct password, are told why they cannot sign in.
FIND_SUSPENDED = """
CREATE OR REPLACE FUNCTION find_suspended_accounts(address text) RETURNS TABLE (
  organization_id uuid, organization_name text, user_id uuid, password_hash text, organization_is_suspended boolean,
  suspended_until timestamptz, timezone text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT users.organization_id, organizations.name, users.id, users.password_hash,
    organizations.status = 'suspended', users.suspended_until, organizations.timezone
  FROM users JOIN organizations ON organizations.id = users.organization_id
  WHERE lower(users.email) = lower(address) AND users.deleted_at IS NULL AND users.password_hash IS NOT NULL
    AND organizations.deleted_at IS NULL AND users.status <> 'inactive'
    AND (organizations.status = 'suspended'
      OR users.status = 'suspended' AND (users.suspended_until IS NULL OR users.suspended_until > now()))
  ORDER BY organizations.name, organizations.id
  LIMIT 20
$$
"""
OVER = """
CREATE OR REPLACE FUNCTION organizations_with_suspensions_over() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT organization_id FROM users
  WHERE status = 'suspended' AND suspended_until <= now() AND deleted_at IS NULL
$$
"""
WARNINGS_DUE = """
CREATE OR REPLACE FUNCTION organizations_with_quota_warnings_due() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT organizations.id
  FROM organizations JOIN organization_usage AS usage ON usage.organization_id = organizations.id
  CROSS JOIN LATERAL (VALUES
    ('call_minutes', call_minutes_quota::bigint, used_minutes::bigint),
    ('storage', storage_quota_bytes, used_storage_bytes),
    ('team_members', team_members_quota, (
      SELECT count(*) FROM users
      WHERE users.organization_id = organizations.id AND {who} AND users.deleted_at IS NULL
    )),
    ('phone_numbers', phone_numbers_quota, (
      SELECT count(*) FROM phone_numbers
      WHERE phone_numbers.organization_id = organizations.id AND phone_numbers.deleted_at IS NULL
    ))
  ) AS quota (kind, allowed, used)
  CROSS JOIN LATERAL (VALUES
    (80, quota_warning_80_sent), (90, quota_warning_90_sent), (100, quota_warning_100_sent)
  ) AS warning (percent, sent)
  WHERE organizations.deleted_at IS NULL AND used > 0 AND used * 100 >= allowed * percent AND NOT sent ? kind
$$
"""
TAKES_A_SEAT = "users.status <> 'inactive'"

SEATS = "idx_users_seats"
SUSPENDED = "idx_users_suspended"


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}")
    _as_search(
        FIND_ACCOUNTS.format(who=IS_OVER),
        FIND_SUSPENDED,
        "REVOKE EXECUTE ON FUNCTION find_suspended_accounts(text) FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION find_suspended_accounts(text) TO app_rw",
    )
    op.execute(WARNINGS_DUE.format(who=TAKES_A_SEAT))
    op.execute(OVER)
    op.execute("REVOKE EXECUTE ON FUNCTION organizations_with_suspensions_over() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION organizations_with_suspensions_over() TO app_jobs")
    # Outside a transaction, so that users can keep working. Leftovers of an interrupted run are created again.
    with op.get_context().autocommit_block():
        for (table, name), rule in CHECKS.items():
            op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
        # A suspended user keeps the seat.
        _build(SEATS, "organization_id", "deleted_at IS NULL AND status <> 'inactive'")
        _build(SUSPENDED, "organization_id, suspended_until", "status = 'suspended'")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _build(SEATS, "organization_id", "deleted_at IS NULL AND status = 'active'")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {SUSPENDED}")
    _as_search(FIND_ACCOUNTS.format(who=IS_ACTIVE), "DROP FUNCTION find_suspended_accounts(text)")
    op.execute(WARNINGS_DUE.format(who=IS_ACTIVE))
    op.execute("DROP FUNCTION organizations_with_suspensions_over()")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)


def _build(name: str, columns: str, where: str) -> None:
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON users ({columns}) WHERE {where}")


def _as_search(*statements: str) -> None:
    """Run statements as the role that can read accounts of all organizations, and can do nothing else.

    That role owns the functions that search for accounts.
    """
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute("SET LOCAL ROLE app_search")
    for statement in statements:
        op.execute(statement)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
