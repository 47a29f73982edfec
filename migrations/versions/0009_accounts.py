"""Two-factor authentication, invitations, API keys, platform staff, messages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table, once

revision = "0009_accounts"
down_revision = "0008_jobs"
branch_labels = None
depends_on = None

description = "Second factor, invitations, API keys, platform staff, messages"
breaking = False

ROLES = "'csr', 'sales_rep', 'support', 'manager', 'exec', 'admin', 'owner'"
E164 = r"^\+[1-9]\d{1,14}$"

# Platform staff belong to the platform's own organization, and nowhere else.
STAFF_OF_PLATFORM = """
CREATE FUNCTION staff_of_platform() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM FROM system_settings WHERE platform_organization_id = NEW.organization_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'only people of the platform''s own organization are platform staff'
      USING ERRCODE = '23514', CONSTRAINT = 'staff_of_platform', TABLE = 'platform_staff';
  END IF;
  RETURN NEW;
END
$$
"""

#: Columns of all organizations that platform staff can read, and only after giving a reason.
SEEN_BY_PLATFORM = {
    "organizations": "id, name, slug, timezone, status, created_at, deleted_at",
    "users": "organization_id, id, status, last_seen_at, deleted_at",
}
REASON_IS_STATED = "(SELECT nullif(current_setting('app.platform_reason', true), '')) IS NOT NULL"


def _second_factor() -> None:
    op.add_column("users", sa.Column("mfa_last_step", sa.BigInteger()))
    op.execute("DROP TRIGGER audit ON users")
    # The step of the last TOTP code changes with every sign-in, which is recorded itself.
    audit(
        "users",
        "user",
        ignored=("is_active", "last_seen_at", "mfa_last_step"),
        redacted=("password_hash", "mfa_secret"),
    )
    create_tenant_table(
        "mfa_recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("organization_id", "user_id", "code_hash", name="uq_mfa_recovery_codes_code_hash"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    audit("mfa_recovery_codes", "mfa_recovery_code", redacted=("code_hash",))


def _sessions() -> None:
    op.add_column("user_sessions", sa.Column("mfa_passed_at", sa.DateTime(timezone=True)))
    op.add_column("user_sessions", sa.Column("entered_organization_id", sa.Uuid()))
    op.add_column("user_sessions", sa.Column("entered_at", sa.DateTime(timezone=True)))
    op.add_column("user_sessions", sa.Column("entered_reason", sa.Text()))
    _add_constraint(
        "user_sessions",
        "fk_user_sessions_entered_organization_id",
        "FOREIGN KEY (entered_organization_id) REFERENCES organizations (id) ON DELETE SET NULL",
    )
    _add_constraint(
        "user_sessions",
        "check_entered_with_reason",
        "CHECK (entered_organization_id IS NULL OR (entered_at IS NOT NULL AND entered_reason IS NOT NULL))",
    )
    _add_constraint(
        "user_sessions", "check_entered_reason_length", "CHECK (char_length(entered_reason) BETWEEN 3 AND 500)"
    )


def _add_constraint(table: str, name: str, definition: str) -> None:
    """Add a constraint for new rows; `_validate` checks existing ones under a weaker lock."""
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")


def _validate() -> None:
    """Validate the constraints last, in separate transactions, so that no one has to wait."""
    with op.get_context().autocommit_block():
        for table, name in (
            ("user_sessions", "fk_user_sessions_entered_organization_id"),
            ("user_sessions", "check_entered_with_reason"),
            ("user_sessions", "check_entered_reason_length"),
            ("system_settings", "fk_system_settings_platform_organization_id"),
        ):
            # Can be repeated without a transaction.
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def _tokens() -> None:
    create_tenant_table(
        "refresh_tokens",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("organization_id", "token_hash", name="uq_refresh_tokens_token_hash"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.create_index("idx_refresh_tokens_family", "refresh_tokens", ["organization_id", "family_id"])
    op.create_index("idx_refresh_tokens_user", "refresh_tokens", ["organization_id", "user_id"])
    audit("refresh_tokens", "refresh_token", redacted=("token_hash",))
    create_tenant_table(
        "api_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name="check_name_length"),
        sa.UniqueConstraint("organization_id", "key_hash", name="uq_api_keys_key_hash"),
        references=[Reference("created_by", "users")],
        versioned=True,
    )
    audit("api_keys", "api_key", ignored=("last_used_at",), redacted=("key_hash",))


def _invitations() -> None:
    create_tenant_table(
        "invitations",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid()),
        sa.Column("invited_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("user_id", sa.Uuid()),
        sa.CheckConstraint("char_length(email) BETWEEN 3 AND 254", name="check_email_length"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name="check_name_length"),
        sa.CheckConstraint(f"role IN ({ROLES})", name="check_role"),
        sa.CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="check_accepted_or_revoked"),
        sa.UniqueConstraint("organization_id", "token_hash", name="uq_invitations_token_hash"),
        references=[Reference("invited_by", "users"), Reference("user_id", "users")],
    )
    op.create_index(
        "uq_invitations_open_email",
        "invitations",
        ["organization_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_index(
        "idx_invitations_date",
        "invitations",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
    )
    audit("invitations", "invitation", redacted=("token_hash",))


def _platform_staff() -> None:
    op.add_column("system_settings", sa.Column("platform_organization_id", sa.Uuid()))
    _add_constraint(
        "system_settings",
        "fk_system_settings_platform_organization_id",
        "FOREIGN KEY (platform_organization_id) REFERENCES organizations (id) ON DELETE RESTRICT",
    )
    create_tenant_table(
        "platform_staff",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.UniqueConstraint("organization_id", "user_id", name="uq_platform_staff_user_id"),
        sa.CheckConstraint("role IN ('support', 'admin')", name="check_role"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.execute("REVOKE INSERT, UPDATE, DELETE ON platform_staff FROM app_rw")
    audit("platform_staff", "platform_staff")
    op.execute(STAFF_OF_PLATFORM)
    op.execute(
        "CREATE TRIGGER staff_of_platform BEFORE INSERT OR UPDATE ON platform_staff "
        "FOR EACH ROW EXECUTE FUNCTION staff_of_platform()"
    )


def _reading_across() -> None:
    for table, columns in SEEN_BY_PLATFORM.items():
        op.execute(f"CREATE POLICY platform ON {table} FOR SELECT TO app_platform USING ({REASON_IS_STATED})")
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO app_platform")
    op.execute(
        "GRANT EXECUTE ON FUNCTION set_context("
        "uuid, uuid, text, text, text, text, text, text, text, uuid, boolean) TO app_platform"
    )


def _messages() -> None:
    create_tenant_table(
        "messages",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), server_default="outbound", nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("from_address", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link_secret", sa.LargeBinary()),
        sa.Column("template", sa.Text()),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("receiver_id", sa.Uuid()),
        sa.Column("receiver_role", sa.Text()),
        sa.Column("provider_sid", sa.Text()),
        sa.Column("error_code", sa.Text()),
        sa.Column("cost", sa.Numeric(12, 4)),
        sa.Column("contact_card_id", sa.Uuid()),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("dedupe_key", sa.Text()),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("channel IN ('sms', 'email')", name="check_channel"),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name="check_direction"),
        sa.CheckConstraint("status IN ('queued', 'sent', 'delivered', 'undelivered', 'failed')", name="check_status"),
        sa.CheckConstraint(f"receiver_role IN ({ROLES})", name="check_receiver_role"),
        sa.CheckConstraint("char_length(to_address) BETWEEN 1 AND 254", name="check_to_address_length"),
        sa.CheckConstraint(f"channel <> 'sms' OR to_address ~ '{E164}'", name="check_sms_to_number"),
        sa.CheckConstraint("char_length(subject) BETWEEN 1 AND 200", name="check_subject_length"),
        sa.CheckConstraint("char_length(body) BETWEEN 0 AND 10000", name="check_body_length"),
        sa.CheckConstraint("cost >= 0", name="check_cost_positive"),
        references=[
            Reference("contact_card_id", "contact_cards"),
            Reference("appointment_id", "appointments"),
            Reference("receiver_id", "users"),
        ],
    )
    for column in ("contact_card_id", "appointment_id"):
        op.create_index(
            f"idx_messages_{column.removesuffix('_id')}",
            "messages",
            ["organization_id", column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    for column in ("provider_sid", "dedupe_key"):
        op.create_index(f"uq_messages_{column}", "messages", ["organization_id", column], unique=True)
    op.create_index(
        "idx_messages_date",
        "messages",
        ["organization_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
    )
    audit(
        "messages",
        "message",
        ignored=("status", "sent_at", "provider_sid", "error_code", "cost"),
        redacted=("body", "link_secret", "dedupe_key"),
    )


def _notes_of_staff() -> None:
    """Allow notes by platform staff, who are not users of the organization: a name without a reference."""
    op.add_column("call_notes", sa.Column("author_label", sa.Text(), server_default="", nullable=False))
    # The previous version joins notes with their authors, and therefore omits those that only the new one writes.
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE call_notes ALTER COLUMN user_id DROP NOT NULL")


def upgrade() -> None:
    once(revision, _everything)
    _validate()


def _everything() -> None:
    _second_factor()
    _sessions()
    _tokens()
    _invitations()
    _platform_staff()
    _reading_across()
    _messages()
    _notes_of_staff()


def downgrade() -> None:
    op.execute("DELETE FROM call_notes WHERE user_id IS NULL")
    op.alter_column("call_notes", "user_id", nullable=False)
    op.drop_column("call_notes", "author_label")
    op.drop_table("messages")
    op.execute(
        "REVOKE EXECUTE ON FUNCTION set_context("
        "uuid, uuid, text, text, text, text, text, text, text, uuid, boolean) FROM app_platform"
    )
    for table, columns in SEEN_BY_PLATFORM.items():
        op.execute(f"REVOKE SELECT ({columns}) ON {table} FROM app_platform")
        op.execute(f"DROP POLICY platform ON {table}")
    op.drop_table("platform_staff")
    op.execute("DROP FUNCTION staff_of_platform()")
    op.drop_constraint("fk_system_settings_platform_organization_id", "system_settings")
    op.drop_column("system_settings", "platform_organization_id")
    for table in ("invitations", "api_keys", "refresh_tokens"):
        op.drop_table(table)
    for constraint in ("check_entered_reason_length", "check_entered_with_reason"):
        op.drop_constraint(constraint, "user_sessions")
    op.drop_constraint("fk_user_sessions_entered_organization_id", "user_sessions")
    for column in ("entered_reason", "entered_at", "entered_organization_id", "mfa_passed_at"):
        op.drop_column("user_sessions", column)
    op.drop_table("mfa_recovery_codes")
    op.execute("DROP TRIGGER audit ON users")
    audit("users", "user", ignored=("is_active", "last_seen_at"), redacted=("password_hash", "mfa_secret"))
    op.drop_column("users", "mfa_last_step")
