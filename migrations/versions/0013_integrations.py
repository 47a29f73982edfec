"""Webhook deliveries, integrations, outgoing work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import audit, create_tenant_table

revision = "0013_integrations"
down_revision = "0012_billing"
branch_labels = None
depends_on = None

description = "Webhook deliveries, integrations, work sent out"
breaking = False

PROVIDERS = "('twilio', 'vapi', 'callrail', 'shunya', 'billing')"


def _webhook_deliveries() -> None:
    create_tenant_table(
        "webhook_deliveries",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("signature_ok", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), server_default="received", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effects", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("(status = 'processed') = (processed_at IS NOT NULL)", name="check_processed_at"),
        sa.CheckConstraint("jsonb_typeof(effects) = 'array'", name="check_effects"),
        sa.CheckConstraint(f"provider IN {PROVIDERS}", name="check_provider"),
        sa.CheckConstraint("signature_ok OR octet_length(body) <= 1024", name="check_unsigned_body_is_short"),
        sa.CheckConstraint("signature_ok OR status = 'ignored'", name="check_unsigned_is_ignored"),
        sa.CheckConstraint("status IN ('received', 'processed', 'failed', 'dead', 'ignored')", name="check_status"),
        sa.CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        sa.CheckConstraint("char_length(error) BETWEEN 1 AND 1000", name="check_error_length"),
        sa.CheckConstraint("char_length(event_type) BETWEEN 1 AND 100", name="check_event_type_length"),
        sa.CheckConstraint("char_length(external_id) BETWEEN 1 AND 200", name="check_external_id_length"),
        sa.CheckConstraint("octet_length(body_sha256) = 32", name="check_body_sha256_length"),
    )
    newest_first = [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
    op.create_index("idx_webhook_deliveries_date", "webhook_deliveries", ["organization_id", *newest_first])
    op.create_index(
        "idx_webhook_deliveries_status_date", "webhook_deliveries", ["organization_id", "status", *newest_first]
    )
    op.create_index(
        "idx_webhook_deliveries_due",
        "webhook_deliveries",
        ["organization_id", "next_attempt_at"],
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "uq_webhook_deliveries_external",
        "webhook_deliveries",
        ["organization_id", "provider", "external_id"],
        unique=True,
        postgresql_where=sa.text("signature_ok"),
    )

    # Records arrival and discarding; the progress of the processing is internal.
    audit(
        "webhook_deliveries",
        "webhook_delivery",
        ignored=("status", "attempts", "next_attempt_at", "error", "processed_at", "effects"),
        redacted=("headers", "body"),
    )


def _integrations() -> None:
    create_tenant_table(
        "integrations",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint(f"provider IN {PROVIDERS}", name="check_provider"),
        sa.CheckConstraint("char_length(account_id) BETWEEN 1 AND 200", name="check_account_id_length"),
        sa.UniqueConstraint("organization_id", "provider", name="uq_integrations_provider"),
        versioned=True,
    )

    audit("integrations", "integration", redacted=("secrets",))


def _provider_tasks() -> None:
    create_tenant_table(
        "provider_tasks",
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_task_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("processed_output_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("status IN ('queued', 'sent', 'completed', 'failed')", name="check_status"),
        sa.CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        sa.CheckConstraint("char_length(external_task_id) BETWEEN 1 AND 200", name="check_external_task_id_length"),
        sa.CheckConstraint("char_length(kind) BETWEEN 1 AND 50", name="check_kind_length"),
        sa.CheckConstraint("char_length(subject_type) BETWEEN 1 AND 50", name="check_subject_type_length"),
        sa.UniqueConstraint("organization_id", "external_task_id", name="uq_provider_tasks_external_task_id"),
        sa.UniqueConstraint(
            "organization_id", "subject_type", "subject_id", "kind", name="uq_provider_tasks_natural_key"
        ),
    )
    op.create_index("idx_provider_tasks_status", "provider_tasks", ["organization_id", "status", "updated_at"])


def _outbound_streams() -> None:
    create_tenant_table(
        "outbound_streams",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sent_pos", sa.BigInteger(), nullable=True),
        sa.Column("sent_id", sa.Uuid(), nullable=True),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("(sent_pos IS NULL) = (sent_id IS NULL)", name="check_sent_up_to"),
        sa.CheckConstraint("url ~ '^https://[^\\s/]'", name="check_url_format"),
        sa.CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        sa.CheckConstraint("char_length(last_error) BETWEEN 1 AND 1000", name="check_last_error_length"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 60", name="check_name_length"),
        sa.CheckConstraint("char_length(url) BETWEEN 9 AND 2000", name="check_url_length"),
        sa.UniqueConstraint("organization_id", "name", name="uq_outbound_streams_name"),
        versioned=True,
    )

    audit(
        "outbound_streams",
        "outbound_stream",
        ignored=("sent_pos", "sent_id", "last_sent_at", "attempts", "last_error"),
        redacted=("secret",),
    )


def upgrade() -> None:
    _webhook_deliveries()
    _integrations()
    _provider_tasks()
    _outbound_streams()
    # There are few organizations, so the index is built immediately. A key identifies a single organization.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE UNIQUE INDEX uq_organizations_webhook_key ON organizations (webhook_key)"
    )


def downgrade() -> None:
    op.drop_index("uq_organizations_webhook_key", "organizations")
    op.drop_table("outbound_streams")
    op.drop_table("provider_tasks")
    op.drop_table("integrations")
    op.drop_table("webhook_deliveries")
