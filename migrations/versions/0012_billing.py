"""Plans, subscriptions, invoices, costs, budgets, the assistant's settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import audit, create_tenant_table, touch

revision = "0012_billing"
down_revision = "0011_calendar_and_knowledge"
branch_labels = None
depends_on = None

description = "Plans, subscriptions, invoices, costs, budgets, the assistant's settings"
breaking = False

_GIB = 1024**3
_COST_KINDS = "kind IN ('call_minutes', 'sms', 'ai_tokens', 'storage', 'transcription')"


def _plans() -> None:
    plans = op.create_table(
        "plans",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("call_minutes", sa.Integer(), nullable=False),
        sa.Column("team_members", sa.Integer(), nullable=False),
        sa.Column("phone_numbers", sa.Integer(), nullable=False),
        sa.Column("storage_bytes", sa.BigInteger(), nullable=False),
        sa.Column("monthly_price", sa.Numeric(12, 2), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("code IN ('starter', 'professional', 'enterprise')", name="check_code"),
        sa.CheckConstraint(
            "least(call_minutes, team_members, phone_numbers, storage_bytes) > 0", name="check_plan_limits_positive"
        ),
        sa.CheckConstraint("monthly_price >= 0", name="check_monthly_price_positive"),
        sa.PrimaryKeyConstraint("code", name="pk_plans"),
    )
    touch("plans")
    op.execute("GRANT SELECT ON plans TO app_rw")
    names = ("code", "call_minutes", "team_members", "phone_numbers", "storage_bytes", "monthly_price")
    rows = (
        ("starter", 1_000, 25, 5, 10 * _GIB, 149),
        ("professional", 10_000, 100, 25, 100 * _GIB, 499),
        ("enterprise", 100_000, 1_000, 200, 1_000 * _GIB, 1_499),
    )
    op.bulk_insert(plans, [dict(zip(names, row, strict=True)) for row in rows])


def _subscriptions() -> None:
    create_tenant_table(
        "subscriptions",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("current_period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheduled_plan", sa.Text()),
        sa.Column(
            "scheduled_users_to_deactivate",
            postgresql.ARRAY(sa.Uuid()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("scheduled_for", sa.DateTime(timezone=True)),
        sa.Column("payment_failed_at", sa.DateTime(timezone=True)),
        sa.Column("retry_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("status IN ('trialing', 'active', 'past_due', 'cancelled')", name="check_status"),
        sa.CheckConstraint("current_period_end > current_period_start", name="check_period_end_after_start"),
        sa.CheckConstraint("retry_count >= 0", name="check_retry_count_positive"),
        sa.CheckConstraint("(scheduled_plan IS NULL) = (scheduled_for IS NULL)", name="check_scheduled_plan_and_day"),
        sa.ForeignKeyConstraint(["plan"], ["plans.code"], name="fk_subscriptions_plan", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["scheduled_plan"], ["plans.code"], name="fk_subscriptions_scheduled_plan", ondelete="RESTRICT"
        ),
        sa.UniqueConstraint("organization_id", name="uq_subscriptions_organization_id"),
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_subscriptions_status", "subscriptions", ["status", "current_period_end"])
    audit("subscriptions", "subscription")


# Existing organizations get the largest plan whose quotas cover them, starting today.
SUBSCRIBE_THOSE_WHO_ARE_HERE = """
INSERT INTO subscriptions (
  organization_id, id, plan, status, current_period_start, current_period_end, deleted_at, deleted_by,
  deletion_batch_id
)
SELECT id, new_uuid7(),
       coalesce((SELECT code FROM plans WHERE plans.call_minutes <= organizations.call_minutes_quota
                 ORDER BY plans.call_minutes DESC LIMIT 1), 'starter'),
       'active', now(), now() + interval '1 month', deleted_at, deleted_by, deletion_batch_id
FROM organizations
"""


def _invoices() -> None:
    create_tenant_table(
        "invoices",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("status IN ('draft', 'open', 'paid', 'void', 'uncollectible')", name="check_status"),
        sa.CheckConstraint("char_length(number) BETWEEN 1 AND 50", name="check_number_length"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="check_currency_format"),
        sa.CheckConstraint("amount >= 0", name="check_amount_positive"),
        sa.CheckConstraint("period_end > period_start", name="check_period_end_after_start"),
        sa.CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="check_paid_at"),
        sa.UniqueConstraint("organization_id", "number", name="uq_invoices_number"),
    )
    op.create_index("idx_invoices_org_date", "invoices", ["organization_id", sa.literal_column("created_at DESC")])
    audit("invoices", "invoice")


def _usage_costs() -> None:
    create_tenant_table(
        "usage_costs",
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(18, 6), nullable=False),
        sa.Column("unit_cost", sa.Numeric(18, 6), nullable=False),
        sa.Column("amount", sa.Numeric(18, 6), nullable=False),
        sa.Column("resource_type", sa.Text()),
        sa.Column("resource_id", sa.Uuid()),
        sa.CheckConstraint(_COST_KINDS, name="check_kind"),
        sa.CheckConstraint("char_length(resource_type) BETWEEN 1 AND 50", name="check_resource_type_length"),
        sa.CheckConstraint("least(quantity, unit_cost, amount) >= 0", name="check_usage_cost_positive"),
        sa.CheckConstraint("(resource_type IS NULL) = (resource_id IS NULL)", name="check_usage_cost_resource"),
    )
    op.create_index(
        "idx_usage_costs_date",
        "usage_costs",
        ["organization_id", sa.literal_column("occurred_at DESC"), sa.literal_column("id DESC")],
    )
    op.create_index("idx_usage_costs_kind_date", "usage_costs", ["organization_id", "kind", "occurred_at"])
    op.create_index("idx_usage_costs_resource", "usage_costs", ["organization_id", "resource_type", "resource_id"])


def _budgets() -> None:
    create_tenant_table(
        "budgets",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("monthly_amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("warn_percent", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{80,100}'"), nullable=False),
        sa.Column("hard_stop", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(_COST_KINDS, name="check_kind"),
        sa.CheckConstraint("monthly_amount >= 0", name="check_monthly_amount_positive"),
        sa.CheckConstraint(
            "cardinality(warn_percent) <= 5 AND 1 <= ALL (warn_percent) AND 100 >= ALL (warn_percent)",
            name="check_warn_percent_range",
        ),
        sa.UniqueConstraint("organization_id", "kind", name="uq_budgets_kind"),
        versioned=True,
    )
    audit("budgets", "budget")


# Per weekday a list of ["from", "to"], in any order, without overlaps.
ARE_BUSINESS_HOURS = r"""
CREATE FUNCTION are_business_hours(hours jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog AS $$
DECLARE
  weekday text;
  spans jsonb;
  span jsonb;
  closed_since text;
BEGIN
  IF jsonb_typeof(hours) <> 'object' THEN
    RETURN false;
  END IF;
  FOR weekday, spans IN SELECT key, value FROM jsonb_each(hours) LOOP
    IF weekday NOT IN ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')
       OR jsonb_typeof(spans) <> 'array'
    THEN
      RETURN false;
    END IF;
    closed_since := '00:00';
    FOR span IN SELECT value FROM jsonb_array_elements(spans) ORDER BY value ->> 0 LOOP
      IF span::text !~ '^\["([01]\d|2[0-3]):[0-5]\d", "(([01]\d|2[0-3]):[0-5]\d|24:00)"\]$'
         OR span ->> 0 >= span ->> 1 OR span ->> 0 < closed_since
      THEN
        RETURN false;
      END IF;
      closed_since := span ->> 1;
    END LOOP;
  END LOOP;
  RETURN true;
END
$$
"""


def _business_hours() -> None:
    op.execute(ARE_BUSINESS_HOURS)
    op.execute("GRANT EXECUTE ON FUNCTION are_business_hours(jsonb) TO app_rw")
    # There are few organizations, so the check is validated immediately.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE organizations ADD CONSTRAINT check_business_hours CHECK (are_business_hours(business_hours))"
    )


def _ai_configs() -> None:
    create_tenant_table(
        "ai_configs",
        sa.Column("assistant_name", sa.Text(), nullable=False),
        sa.Column("greeting", sa.Text(), nullable=False),
        sa.Column("voice", sa.Text(), server_default="elliot", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("model", sa.Text(), server_default="gpt-4.1-mini", nullable=False),
        sa.Column("temperature", sa.Numeric(3, 2), server_default=sa.text("0.3"), nullable=False),
        sa.Column("max_call_minutes", sa.Integer(), server_default=sa.text("15"), nullable=False),
        sa.Column("business_hours", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("escalation_number", sa.Text()),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("vapi_assistant_id", sa.Text()),
        sa.CheckConstraint(
            "voice IN ('elliot', 'kylie', 'rohan', 'lily', 'savannah', 'hana', 'cole', 'paige')", name="check_voice"
        ),
        sa.CheckConstraint("language IN ('en', 'ru', 'uz')", name="check_language"),
        sa.CheckConstraint("model IN ('gpt-4.1', 'gpt-4.1-mini', 'gpt-4o', 'gpt-4o-mini')", name="check_model"),
        sa.CheckConstraint("char_length(assistant_name) BETWEEN 2 AND 50", name="check_assistant_name_length"),
        sa.CheckConstraint("char_length(greeting) BETWEEN 10 AND 500", name="check_greeting_length"),
        sa.CheckConstraint("escalation_number ~ '^\\+[1-9]\\d{1,14}$'", name="check_escalation_number_format"),
        sa.CheckConstraint("temperature BETWEEN 0 AND 1", name="check_temperature_range"),
        sa.CheckConstraint("max_call_minutes BETWEEN 1 AND 60", name="check_max_call_minutes_range"),
        sa.CheckConstraint("are_business_hours(business_hours)", name="check_business_hours"),
        sa.UniqueConstraint("organization_id", name="uq_ai_configs_organization_id"),
        versioned=True,
    )
    audit("ai_configs", "ai_config")


def upgrade() -> None:
    _plans()
    _subscriptions()
    op.execute(SUBSCRIBE_THOSE_WHO_ARE_HERE)
    _invoices()
    _usage_costs()
    _budgets()
    _business_hours()
    _ai_configs()


def downgrade() -> None:
    op.drop_table("ai_configs")
    op.drop_constraint("check_business_hours", "organizations")
    op.execute("DROP FUNCTION are_business_hours(jsonb)")
    op.drop_table("budgets")
    op.drop_table("usage_costs")
    op.drop_table("invoices")
    op.drop_table("subscriptions")
    op.drop_table("plans")
