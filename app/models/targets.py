"""Targets: goals for a figure in a month."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    one_of,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)


class TargetMetric(StrEnum):
    """Figures that can have a target, by name."""

    BOOKING_RATE = "booking_rate"
    APPOINTMENTS_BOOKED = "appointments_booked"
    QUALIFIED_LEADS = "qualified_leads"
    MISS_RATE = "miss_rate"
    ANSWER_RATE = "answer_rate"
    SOP_COMPLIANCE = "sop_compliance"
    WIN_RATE = "win_rate"
    REVENUE_WON = "revenue_won"
    AVERAGE_DEAL = "average_deal"
    VISITS_WON = "visits_won"
    FIRST_ATTEMPT_IN_TIME = "first_attempt_in_time"


class Target(TenantRow, Versioned, SoftDeleted, Base):
    """Target for a figure of one person, or (`user_id` NULL) of the whole organization, in a month.

    The month is stored as its first day. `value` is in the figure's own unit: a rate is a fraction of 1.
    """

    __tablename__ = "targets"
    __table_args__ = tenant_table(
        # The target of a deleted person must not become the company's.
        tenant_fk("user_id", "users", "CASCADE"),
        *soft_delete_constraints("targets"),
        one_of("metric", TargetMetric),
        CheckConstraint("extract(day FROM month) = 1", name="check_month_first_day"),
        CheckConstraint("value BETWEEN 0 AND 9999999999.99", name="check_value_range"),
        Index(
            "uq_targets_metric_user_month",
            "organization_id",
            "metric",
            "user_id",
            "month",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_targets_month", "organization_id", text("month DESC"), text("id DESC")),
        Index("idx_targets_user", "organization_id", "user_id"),
        Index("idx_targets_deleted", "organization_id", "is_deleted"),
    )

    metric: Mapped[str]
    user_id: Mapped[UUID | None]
    month: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(14, 4))
