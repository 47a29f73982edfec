"""Weekly reports: the numbers as they were when the report was written, and the recipients."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, one_of, tenant_fk, tenant_table
from app.models.messages import Channel


class ReportKind(StrEnum):
    WEEKLY = "weekly"


class Report(TenantRow, Base):
    """Report of one week, stored completely or not at all.

    The local days are inclusive; `numbers` has the numbers of each part (`csr`, `sales`, `missed_calls`), by metric.
    """

    __tablename__ = "reports"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "kind", "first_day", name="uq_reports_kind_first_day"),
        one_of("kind", ReportKind),
        CheckConstraint("last_day >= first_day", name="check_last_day_after_first"),
        CheckConstraint("jsonb_typeof(numbers) = 'object'", name="check_numbers"),
    )

    kind: Mapped[str] = mapped_column(server_default=ReportKind.WEEKLY)
    first_day: Mapped[date]
    last_day: Mapped[date]
    numbers: Mapped[dict[str, Any]] = mapped_column(JSONB, info=holds.STAFF)


class ReportSubscription(TenantRow, Base):
    """The organization's setting for sending a kind of report to a person by a channel.

    Without a row, the declared default applies; a person's own setting takes precedence.
    """

    __tablename__ = "report_subscriptions"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        one_of("kind", ReportKind),
        one_of("channel", Channel),
        UniqueConstraint("organization_id", "user_id", "kind", "channel", name="uq_report_subscriptions_user_kind"),
    )

    kind: Mapped[str]
    user_id: Mapped[UUID]
    channel: Mapped[str]
    is_on: Mapped[bool]


class ReportView(TenantRow, Base):
    """A saved team view that is included in a person's weekly report; `position` is its order there."""

    __tablename__ = "report_views"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        tenant_fk("saved_view_id", "saved_views", "CASCADE"),
        CheckConstraint("position BETWEEN 1 AND 5", name="check_position_range"),
        UniqueConstraint("organization_id", "user_id", "saved_view_id", name="uq_report_views_user_view"),
        UniqueConstraint("organization_id", "user_id", "position", name="uq_report_views_user_position"),
        Index("idx_report_views_view", "organization_id", "saved_view_id"),
    )

    user_id: Mapped[UUID]
    saved_view_id: Mapped[UUID]
    position: Mapped[int]
