"""Notifications, assistant questions, erasures, idempotency, reports, backup checks, deprecated calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table, touch

revision = "0016_bookkeeping"
down_revision = "0015_trash"
branch_labels = None
depends_on = None

description = "Notifications, questions asked, erasures, idempotency, reports, checks of backups, deprecated use"
breaking = False

_NEWEST_FIRST = [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
_ONE_CALLER = "num_nonnulls(user_id, api_key_id) = 1"
_CALLER = [Reference("user_id", "users", "CASCADE"), Reference("api_key_id", "api_keys", "CASCADE")]


def _notifications() -> None:
    create_tenant_table(
        "notifications",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "kind IN ('task_assigned', 'lead_assigned', 'appointment_assigned', 'coaching_note', 'dispute_raised', "
            "'dispute_decided', 'import_finished', 'export_ready', 'bulk_finished', 'report_ready', 'quota_warning', "
            "'budget_warning', 'payment_failed', 'plan_changed', 'job_failed', 'backup_failed', 'security')",
            name="check_kind",
        ),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 500", name="check_text_length"),
        sa.CheckConstraint("char_length(link) BETWEEN 1 AND 500", name="check_link_length"),
        sa.CheckConstraint(r"link ~ '^/([^/\\]|$)'", name="check_link_within_app"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.create_index("idx_notifications_user", "notifications", ["organization_id", "user_id", *_NEWEST_FIRST])
    op.create_index(
        "idx_notifications_unread",
        "notifications",
        ["organization_id", "user_id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )


def _ask_questions() -> None:
    create_tenant_table(
        "ask_questions",
        sa.Column("user_id", sa.Uuid()),
        sa.Column("user_label", sa.Text(), server_default="", nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("citations", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("cost", sa.Numeric(18, 6)),
        sa.CheckConstraint("scope IN ('self', 'team', 'company')", name="check_scope"),
        sa.CheckConstraint("char_length(question) BETWEEN 1 AND 1000", name="check_question_length"),
        sa.CheckConstraint("jsonb_typeof(citations) = 'array'", name="check_citations"),
        sa.CheckConstraint("cost >= 0", name="check_cost_positive"),
        references=[Reference("user_id", "users")],
    )
    op.create_index("idx_ask_questions_user", "ask_questions", ["organization_id", "user_id", *_NEWEST_FIRST])


def _erasures() -> None:
    create_tenant_table(
        "erasures",
        sa.Column("contact_card_id", sa.Uuid()),
        sa.Column("requested_by", sa.Uuid()),
        sa.Column("requested_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("status IN ('queued', 'running', 'completed', 'failed')", name="check_status"),
        sa.CheckConstraint("char_length(reason) BETWEEN 3 AND 500", name="check_reason_length"),
        sa.CheckConstraint("char_length(failure) BETWEEN 1 AND 1000", name="check_failure_length"),
        sa.CheckConstraint("jsonb_typeof(counts) = 'object'", name="check_counts"),
        sa.CheckConstraint(
            "(status IN ('completed', 'failed')) = (finished_at IS NOT NULL)", name="check_erasure_finished_at"
        ),
        references=[Reference("contact_card_id", "contact_cards"), Reference("requested_by", "users")],
    )
    op.create_index("idx_erasures_date", "erasures", ["organization_id", *_NEWEST_FIRST])
    op.create_index("idx_erasures_contact", "erasures", ["organization_id", "contact_card_id"])
    audit("erasures", "erasure")


def _idempotency_keys() -> None:
    create_tenant_table(
        "idempotency_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("api_key_id", sa.Uuid()),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("request_fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status_code", sa.Integer()),
        sa.Column("headers", postgresql.JSONB()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_ONE_CALLER, name="check_idempotency_one_caller"),
        sa.CheckConstraint("key ~ '^[!-~]{1,255}$'", name="check_key_format"),
        sa.CheckConstraint("octet_length(request_fingerprint) = 32", name="check_request_fingerprint"),
        sa.CheckConstraint("status_code BETWEEN 200 AND 499", name="check_status_code_range"),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "api_key_id",
            "key",
            name="uq_idempotency_keys_caller_key",
            postgresql_nulls_not_distinct=True,
        ),
        references=_CALLER,
    )
    op.create_index("idx_idempotency_keys_api_key", "idempotency_keys", ["organization_id", "api_key_id"])
    op.create_index("idx_idempotency_keys_user", "idempotency_keys", ["organization_id", "user_id"])
    op.create_index("idx_idempotency_keys_expiry", "idempotency_keys", ["expires_at"])


def _deprecated_calls() -> None:
    create_tenant_table(
        "deprecated_calls",
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("api_key_id", sa.Uuid()),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("char_length(operation) BETWEEN 1 AND 200", name="check_operation_length"),
        sa.CheckConstraint(_ONE_CALLER, name="check_deprecated_call_one_caller"),
        sa.CheckConstraint("calls >= 1", name="check_calls_positive"),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "api_key_id",
            "operation",
            "day",
            name="uq_deprecated_calls_caller_operation_day",
            postgresql_nulls_not_distinct=True,
        ),
        references=_CALLER,
    )
    op.create_index(
        "idx_deprecated_calls_day", "deprecated_calls", ["organization_id", sa.literal_column("day DESC"), "operation"]
    )
    op.create_index("idx_deprecated_calls_api_key", "deprecated_calls", ["organization_id", "api_key_id"])
    op.create_index("idx_deprecated_calls_user", "deprecated_calls", ["organization_id", "user_id"])


def _reports() -> None:
    create_tenant_table(
        "reports",
        sa.Column("kind", sa.Text(), server_default="weekly", nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("numbers", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("kind IN ('weekly')", name="check_kind"),
        sa.CheckConstraint("last_day >= first_day", name="check_last_day_after_first"),
        sa.CheckConstraint("jsonb_typeof(numbers) = 'object'", name="check_numbers"),
        sa.UniqueConstraint("organization_id", "kind", "first_day", name="uq_reports_kind_first_day"),
    )


def _backup_checks() -> None:
    """Create backup_checks, written by the command and the job and shown to platform staff; the app only reads it."""
    op.create_table(
        "backup_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "checked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("char_length(file_name) BETWEEN 1 AND 255", name="check_file_name_length"),
        sa.CheckConstraint("file_bytes >= 0", name="check_file_bytes_positive"),
        sa.CheckConstraint("jsonb_typeof(findings) = 'array'", name="check_findings"),
        sa.CheckConstraint("succeeded = (findings = '[]')", name="check_succeeded_without_findings"),
        sa.PrimaryKeyConstraint("id", name="pk_backup_checks"),
    )
    op.create_index("idx_backup_checks_date", "backup_checks", [sa.literal_column("checked_at DESC")])
    touch("backup_checks")
    op.execute("GRANT SELECT ON backup_checks TO app_rw")
    op.execute("GRANT INSERT ON backup_checks TO app_jobs")


def _limits_of_earlier_tables() -> None:
    """Add limits to earlier tables in a separate step, so that contacts can be written during validation.

    If a later step fails, the limits remain, which does no harm; the next run creates them again.
    """
    with op.get_context().autocommit_block():
        for table, name, limit in (
            ("contact_cards", "check_email_format", r"email = '' OR email ~ '^[^\s@]+@[^\s@]+$'"),
            ("organizations", "check_legal_hold_reason_length", "char_length(legal_hold_reason) BETWEEN 3 AND 500"),
        ):
            # One left by an interrupted run is created again.
            op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({limit}) NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    _limits_of_earlier_tables()
    _notifications()
    _ask_questions()
    _erasures()
    _idempotency_keys()
    _deprecated_calls()
    _reports()
    _backup_checks()


def downgrade() -> None:
    for table in (
        "backup_checks",
        "reports",
        "deprecated_calls",
        "idempotency_keys",
        "erasures",
        "ask_questions",
        "notifications",
    ):
        op.drop_table(table)
    op.drop_constraint("check_legal_hold_reason_length", "organizations")
    op.drop_constraint("check_email_format", "contact_cards")
