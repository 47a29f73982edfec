"""Plans, subscriptions, invoices, usage costs, and budgets."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer, Uuid

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Timestamps,
    Versioned,
    length,
    one_of,
    soft_delete_constraints,
    tenant_table,
)


class PlanCode(StrEnum):
    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


class SubscriptionStatus(StrEnum):
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"


class InvoiceStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class CostKind(StrEnum):
    CALL_MINUTES = "call_minutes"
    SMS = "sms"
    AI_TOKENS = "ai_tokens"
    STORAGE = "storage"
    TRANSCRIPTION = "transcription"


class PaymentOutcome(StrEnum):
    FAILED = "failed"
    SUCCEEDED = "succeeded"


class Plan(Timestamps, Base):
    """A plan, the same for all organizations.

    Minutes and price are per month, the price in USD. The `api_…` limits apply to each user and each API key, that of
    rows to each resource.
    """

    __tablename__ = "plans"
    __table_args__ = (
        one_of("code", PlanCode),
        CheckConstraint(
            "least(call_minutes, team_members, phone_numbers, storage_bytes) > 0", name="check_plan_limits_positive"
        ),
        CheckConstraint("monthly_price >= 0", name="check_monthly_price_positive"),
        CheckConstraint("least(api_requests_per_hour, api_rows_per_day) > 0", name="check_api_limits_positive"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    call_minutes: Mapped[int]
    team_members: Mapped[int]
    phone_numbers: Mapped[int]
    storage_bytes: Mapped[int] = mapped_column(BigInteger)
    monthly_price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    api_requests_per_hour: Mapped[int] = mapped_column(server_default=text("1000"))
    api_rows_per_day: Mapped[int] = mapped_column(server_default=text("10000"))


class Subscription(TenantRow, Versioned, SoftDeleted, Base):
    """Subscription to a plan, one row per organization.

    A downgrade waits in the `scheduled_…` columns until its time; `scheduled_takers` are the people who take over the
    work of those who leave, by kind of work. `retry_count` counts failed payments since the last successful one.
    `downgrade_refused_at` is when the owners were notified that the waiting downgrade does not fit.
    """

    __tablename__ = "subscriptions"
    __table_args__ = tenant_table(
        ForeignKeyConstraint(["plan"], ["plans.code"], ondelete="RESTRICT"),
        ForeignKeyConstraint(["scheduled_plan"], ["plans.code"], ondelete="RESTRICT"),
        *soft_delete_constraints("subscriptions"),
        UniqueConstraint("organization_id", name="uq_subscriptions_organization_id"),
        CheckConstraint("jsonb_typeof(scheduled_takers) = 'object'", name="check_scheduled_takers"),
        one_of("status", SubscriptionStatus),
        CheckConstraint("current_period_end > current_period_start", name="check_period_end_after_start"),
        CheckConstraint("retry_count >= 0", name="check_retry_count_positive"),
        CheckConstraint("(scheduled_plan IS NULL) = (scheduled_for IS NULL)", name="check_scheduled_plan_and_day"),
        CheckConstraint(
            "downgrade_refused_at IS NULL OR scheduled_for IS NOT NULL", name="check_refused_downgrade_is_scheduled"
        ),
        # For the job that starts new billing periods, which covers all organizations.
        Index("idx_subscriptions_status", "status", "current_period_end"),
    )

    plan: Mapped[str] = mapped_column(info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=SubscriptionStatus.ACTIVE)
    current_period_start: Mapped[datetime]
    current_period_end: Mapped[datetime]
    scheduled_plan: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    scheduled_users_to_deactivate: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"))
    scheduled_takers: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    scheduled_for: Mapped[datetime | None]
    downgrade_refused_at: Mapped[datetime | None]
    payment_failed_at: Mapped[datetime | None]
    retry_count: Mapped[int] = mapped_column(server_default=text("0"))


class Invoice(TenantRow, Base):
    """An amount for a period; `paid_at` is set if and only if it is paid."""

    __tablename__ = "invoices"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "number", name="uq_invoices_number"),
        one_of("status", InvoiceStatus),
        length("number", 50),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="check_currency_format"),
        CheckConstraint("amount >= 0", name="check_amount_positive"),
        CheckConstraint("period_end > period_start", name="check_period_end_after_start"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="check_paid_at"),
        Index("idx_invoices_org_date", "organization_id", text("created_at DESC")),
    )

    number: Mapped[str] = mapped_column(info=holds.NOBODY)
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    currency: Mapped[str] = mapped_column(info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=InvoiceStatus.OPEN)
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]
    issued_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class PaymentEvent(TenantRow, Base):
    """An event of the payment provider.

    Each is processed once, in whatever order and however often events arrive.
    """

    __tablename__ = "payment_events"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "event_id", name="uq_payment_events_event_id"),
        one_of("outcome", PaymentOutcome),
        length("event_id", 200),
        length("invoice_number", 50),
        Index("idx_payment_events_outcome_date", "organization_id", "outcome", "occurred_at"),
    )

    event_id: Mapped[str] = mapped_column(info=holds.NOBODY)
    outcome: Mapped[str]
    occurred_at: Mapped[datetime]
    invoice_number: Mapped[str | None] = mapped_column(info=holds.NOBODY)


class UsageCost(TenantRow, Base):
    """Cost of one use of a service, precise to a millionth, so that many tiny costs add up correctly.

    `resource_type` and `resource_id` identify what it was for; they are not a foreign key, so the cost remains when the
    record is removed.
    """

    __tablename__ = "usage_costs"
    __table_args__ = tenant_table(
        one_of("kind", CostKind),
        length("resource_type", 50),
        CheckConstraint("least(quantity, unit_cost, amount) >= 0", name="check_usage_cost_positive"),
        CheckConstraint("(resource_type IS NULL) = (resource_id IS NULL)", name="check_usage_cost_resource"),
        Index("idx_usage_costs_date", "organization_id", text("occurred_at DESC"), text("id DESC")),
        Index("idx_usage_costs_kind_date", "organization_id", "kind", "occurred_at"),
        Index("idx_usage_costs_resource", "organization_id", "resource_type", "resource_id"),
    )

    occurred_at: Mapped[datetime]
    kind: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    unit_cost: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    resource_type: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    resource_id: Mapped[UUID | None]


class Budget(TenantRow, Versioned, Base):
    """Limit for one kind of cost in a month.

    With `hard_stop`, use is blocked at the limit, not only warned about. `warned_percent` is the highest level that
    people were notified of in `warned_month`, which is its first day.
    """

    unversioned = frozenset({"warned_month", "warned_percent"})

    __tablename__ = "budgets"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "kind", name="uq_budgets_kind"),
        one_of("kind", CostKind),
        CheckConstraint("monthly_amount >= 0", name="check_monthly_amount_positive"),
        CheckConstraint(
            "cardinality(warn_percent) <= 5 AND 1 <= ALL (warn_percent) AND 100 >= ALL (warn_percent)",
            name="check_warn_percent_range",
        ),
        CheckConstraint("warned_percent BETWEEN 0 AND 100", name="check_warned_percent"),
    )

    kind: Mapped[str]
    monthly_amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    warn_percent: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{80,100}'"))
    warned_month: Mapped[date | None]
    warned_percent: Mapped[int] = mapped_column(server_default=text("0"))
    hard_stop: Mapped[bool] = mapped_column(server_default=text("false"))
