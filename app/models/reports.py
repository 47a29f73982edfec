"""Reports: the numbers of a week as they were when it had ended."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, TenantRow, one_of, tenant_table


class ReportKind(StrEnum):
    WEEKLY = "weekly"


class Report(TenantRow, Base):
    """One a week, whole or not at all. The days are local, both inside; numbers: by the name of the metric."""

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
    numbers: Mapped[dict[str, Any]] = mapped_column(JSONB)
