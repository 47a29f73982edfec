"""Organizations, users and authentication."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import TENANT, Reference, audit, create_tenant_table, protect, touch

revision = "0002_organizations_and_users"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

description = "Organizations, users and how they sign in"
breaking = False


def _organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="America/New_York", nullable=False),
        sa.Column("country", sa.Text(), server_default="US", nullable=False),
        sa.Column("currency", sa.Text(), server_default="USD", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("week_start", sa.Text(), server_default="monday", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("require_mfa", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "business_hours", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("billing_email", sa.Text(), nullable=True),
        sa.Column("call_minutes_quota", sa.Integer(), server_default=sa.text("1000"), nullable=False),
        sa.Column("team_members_quota", sa.Integer(), server_default=sa.text("25"), nullable=False),
        sa.Column("phone_numbers_quota", sa.Integer(), server_default=sa.text("5"), nullable=False),
        sa.Column("storage_quota_bytes", sa.BigInteger(), server_default=sa.text("10737418240"), nullable=False),
        sa.Column(
            "retention_days", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("legal_hold", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("legal_hold_reason", sa.Text(), nullable=True),
        sa.Column("rescue_window_days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column("missed_call_sla_minutes", sa.Integer(), server_default=sa.text("15"), nullable=False),
        sa.Column("trash_days", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("webhook_key", sa.Text(), nullable=False),
        sa.Column(
            "dashboard_settings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.Uuid(), nullable=True),
        sa.Column("deletion_batch_id", sa.Uuid(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), sa.Computed("deleted_at IS NOT NULL", persisted=True), nullable=False),
        sa.CheckConstraint("billing_email ~ '^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$'", name="check_billing_email"),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="check_org_country"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="check_org_currency"),
        sa.CheckConstraint(
            "jsonb_typeof(retention_days) = 'object' AND NOT "
            "jsonb_path_exists(retention_days, 'strict $.* ? (@.type() != \"number\" || @ < 1)')",
            name="check_retention_days",
        ),
        sa.CheckConstraint("language IN ('en', 'ru', 'uz')", name="check_language"),
        sa.CheckConstraint(
            "slug NOT IN ('admin', 'api', 'www', 'support', 'billing', 'status', 'help', 'docs', 'blog', 'mail', 'ftp', 'localhost', 'dashboard', 'app', 'auth', 'login', 'signup', 'register')",
            name="check_slug_reserved",
        ),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(?:-[a-z0-9]+)*$'", name="check_slug_format"),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="check_status"),
        sa.CheckConstraint("week_start IN ('monday', 'sunday')", name="check_week_start"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name="check_org_name_length"),
        sa.CheckConstraint("char_length(slug) BETWEEN 2 AND 50", name="check_slug_length"),
        sa.CheckConstraint("missed_call_sla_minutes BETWEEN 1 AND 1440", name="check_missed_call_sla_minutes"),
        sa.CheckConstraint("rescue_window_days BETWEEN 1 AND 90", name="check_rescue_window_days"),
        sa.CheckConstraint("call_minutes_quota >= 0", name="check_call_minutes_quota"),
        sa.CheckConstraint("phone_numbers_quota >= 0", name="check_phone_numbers_quota"),
        sa.CheckConstraint("storage_quota_bytes >= 0", name="check_storage_quota_bytes"),
        sa.CheckConstraint("team_members_quota >= 0", name="check_team_members_quota"),
        sa.CheckConstraint("trash_days BETWEEN 1 AND 365", name="check_trash_days"),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint("slug", name="uq_organizations_slug"),
    )
    op.create_index("idx_organizations_deleted", "organizations", ["is_deleted"], unique=False)
    protect("organizations", tenant=TENANT.replace("organization_id", "id", 1))
    touch("organizations")
    audit("organizations", "organization", redacted=("webhook_key",))


def _organization_usage() -> None:
    create_tenant_table(
        "organization_usage",
        sa.Column("used_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("used_storage_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "quota_warning_80_sent",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column(
            "quota_warning_90_sent",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column(
            "quota_warning_100_sent",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.CheckConstraint("used_minutes >= 0 AND used_storage_bytes >= 0", name="check_usage_not_negative"),
        sa.UniqueConstraint("organization_id", name="uq_organization_usage_organization_id"),
    )


def _deletion_batches() -> None:
    create_tenant_table(
        "deletion_batches",
        sa.Column("deleted_by", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("root_type", sa.Text(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("root_label", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_by", sa.Uuid(), nullable=True),
        sa.Column("restored_by_label", sa.Text(), nullable=True),
        sa.Column("purge_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(reason) BETWEEN 3 AND 500", name="check_reason_length"),
        sa.CheckConstraint("restored_at IS NULL OR purged_at IS NULL", name="check_restored_or_purged"),
    )
    op.create_index(
        "idx_deletion_batches_date",
        "deletion_batches",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_deletion_batches_due",
        "deletion_batches",
        ["purge_after"],
        unique=False,
        postgresql_where=sa.text("restored_at IS NULL AND purged_at IS NULL"),
    )

    audit("deletion_batches", "deletion_batch")


def _users() -> None:
    create_tenant_table(
        "users",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("avatar_url", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("is_active", sa.Boolean(), sa.Computed("status = 'active'", persisted=True), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("mfa_secret", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deactivation_reason", sa.Text(), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("density", sa.Text(), nullable=True),
        sa.Column("shortcuts_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("density IN ('compact', 'comfortable')", name="check_density"),
        sa.CheckConstraint("email ~ '^[^\\s@]+@[^\\s@]+$'", name="check_email_format"),
        sa.CheckConstraint("language IN ('en', 'ru', 'uz')", name="check_language"),
        sa.CheckConstraint("phone ~ '^\\+[1-9]\\d{1,14}$'", name="check_phone_format"),
        sa.CheckConstraint(
            "role IN ('csr', 'sales_rep', 'support', 'manager', 'exec', 'admin', 'owner')", name="check_role"
        ),
        sa.CheckConstraint("status IN ('active', 'inactive', 'suspended')", name="check_status"),
        sa.CheckConstraint("theme IN ('light', 'dark')", name="check_theme"),
        sa.CheckConstraint(
            "char_length(deactivation_reason) BETWEEN 3 AND 500", name="check_deactivation_reason_length"
        ),
        sa.CheckConstraint("char_length(email) BETWEEN 3 AND 254", name="check_email_length"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name="check_name_length"),
        sa.CheckConstraint("manager_id <> id", name="check_not_own_manager"),
        references=[Reference("manager_id", "users")],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_users_deleted", "users", ["organization_id", "is_deleted"], unique=False)
    op.create_index(
        "idx_users_email",
        "users",
        [sa.literal_column("lower(email)")],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "idx_users_email_org",
        "users",
        ["organization_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "idx_users_last_seen",
        "users",
        ["organization_id", "last_seen_at"],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index("idx_users_manager", "users", ["organization_id", "manager_id"], unique=False)
    op.create_index(
        "idx_users_organization_name", "users", ["organization_id", sa.literal_column("lower(name)")], unique=False
    )
    op.create_index("idx_users_organization_role", "users", ["organization_id", "role"], unique=False)

    audit("users", "user", ignored=("is_active", "last_seen_at"), redacted=("password_hash", "mfa_secret"))


def _user_permissions() -> None:
    create_tenant_table(
        "user_permissions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("permission ~ '^[a-z_]+:[a-z_]+$'", name="check_permission_format"),
        sa.UniqueConstraint("organization_id", "user_id", "permission", name="uq_user_permissions_user_permission"),
        references=[Reference("granted_by", "users"), Reference("user_id", "users", "CASCADE")],
    )

    audit("user_permissions", "user_permission")


def _user_sessions() -> None:
    create_tenant_table(
        "user_sessions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("char_length(user_agent) BETWEEN 0 AND 400", name="check_user_agent_length"),
        sa.UniqueConstraint("organization_id", "token_hash", name="uq_user_sessions_token_hash"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.create_index("idx_user_sessions_expiry", "user_sessions", ["expires_at"], unique=False)
    op.create_index(
        "idx_user_sessions_user", "user_sessions", ["organization_id", "user_id", "expires_at"], unique=False
    )

    audit("user_sessions", "session", ignored=("last_seen_at",), redacted=("token_hash",))


def _login_attempts() -> None:
    create_tenant_table(
        "login_attempts",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.create_index(
        "idx_login_attempts_user", "login_attempts", ["organization_id", "user_id", "created_at"], unique=False
    )


def _password_resets() -> None:
    create_tenant_table(
        "password_resets",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("organization_id", "token_hash", name="uq_password_resets_token_hash"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.create_index("idx_password_resets_user", "password_resets", ["organization_id", "user_id"], unique=False)

    audit("password_resets", "password_reset", redacted=("token_hash",))


# URLs, commands and the sign-ins of imported users are derived from it.
KEEP_SLUG = """
CREATE FUNCTION keep_slug() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'the short name of an organization never changes'
    USING ERRCODE = '23514', CONSTRAINT = 'slug_stays', TABLE = 'organizations';
END
$$
"""

# An organization that is not deleted keeps an active owner. Checked at commit; the lock serializes two transactions
# that each remove one of two owners, which would otherwise both pass.
KEEP_OWNER = """
CREATE FUNCTION keep_active_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM organizations WHERE id = OLD.organization_id AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM FROM users
  WHERE organization_id = OLD.organization_id AND role = 'owner' AND status = 'active' AND deleted_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'an organization keeps at least one active owner'
      USING ERRCODE = '23514', CONSTRAINT = 'last_owner', TABLE = 'users';
  END IF;
  RETURN NULL;
END
$$
"""

# Before a user has signed in, the organization is unknown. These functions answer only that question, as a role that
# can do nothing else.
FIND_ACCOUNTS = """
CREATE FUNCTION find_accounts(address text) RETURNS TABLE (
  organization_id uuid, organization_name text, user_id uuid, password_hash text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT users.organization_id, organizations.name, users.id, users.password_hash
  FROM users JOIN organizations ON organizations.id = users.organization_id
  WHERE lower(users.email) = lower(address) AND users.deleted_at IS NULL AND users.status = 'active'
    AND users.password_hash IS NOT NULL AND organizations.deleted_at IS NULL AND organizations.status = 'active'
  ORDER BY organizations.name, organizations.id
  LIMIT 20
$$
"""

FIND_ORGANIZATION = """
CREATE FUNCTION find_organization(wanted_slug text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT id FROM organizations WHERE slug = wanted_slug
$$
"""


def _slug_stays() -> None:
    op.execute(KEEP_SLUG)
    op.execute(
        "CREATE TRIGGER keep_slug BEFORE UPDATE OF slug ON organizations FOR EACH ROW "
        "WHEN (NEW.slug <> OLD.slug) EXECUTE FUNCTION keep_slug()"
    )


def _last_owner() -> None:
    """Limit the check that an owner remains to changes of role, status or deletion.

    Recording when an owner was last seen must not wait for the organization's lock.
    """
    op.execute(KEEP_OWNER)
    op.execute(
        "CREATE CONSTRAINT TRIGGER keep_active_owner AFTER UPDATE OF role, status, deleted_at OR DELETE ON users "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "WHEN (OLD.role = 'owner' AND OLD.status = 'active' AND OLD.deleted_at IS NULL) "
        "EXECUTE FUNCTION keep_active_owner()"
    )


def _sign_in_lookup() -> None:
    op.execute("CREATE POLICY search ON users FOR SELECT TO app_search USING (true)")
    op.execute("CREATE POLICY search ON organizations FOR SELECT TO app_search USING (true)")
    op.execute("GRANT SELECT ON users, organizations TO app_search")
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for function, signature in ((FIND_ACCOUNTS, "find_accounts(text)"), (FIND_ORGANIZATION, "find_organization(text)")):
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
        op.execute(f"ALTER FUNCTION {signature} OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def upgrade() -> None:
    _organizations()
    _organization_usage()
    _deletion_batches()
    _users()
    _user_permissions()
    _user_sessions()
    _login_attempts()
    _password_resets()
    op.create_foreign_key(
        "fk_deletion_batches_deleted_by",
        "deletion_batches",
        "users",
        ["organization_id", "deleted_by"],
        ["organization_id", "id"],
        ondelete="SET NULL (deleted_by)",
    )
    op.create_foreign_key(
        "fk_deletion_batches_restored_by",
        "deletion_batches",
        "users",
        ["organization_id", "restored_by"],
        ["organization_id", "id"],
        ondelete="SET NULL (restored_by)",
    )
    _slug_stays()
    _last_owner()
    _sign_in_lookup()


def downgrade() -> None:
    op.execute("DROP FUNCTION find_accounts(text)")
    op.execute("DROP FUNCTION find_organization(text)")
    op.drop_constraint("fk_deletion_batches_deleted_by", "deletion_batches")
    op.drop_constraint("fk_deletion_batches_restored_by", "deletion_batches")
    op.drop_table("password_resets")
    op.drop_table("login_attempts")
    op.drop_table("user_sessions")
    op.drop_table("user_permissions")
    op.drop_table("users")
    op.drop_table("deletion_batches")
    op.drop_table("organization_usage")
    op.drop_table("organizations")
    op.execute("DROP FUNCTION keep_active_owner()")
    op.execute("DROP FUNCTION keep_slug()")
