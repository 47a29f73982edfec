"""Erasures: whose personal data were taken out, on whose word, and what that touched. Never what they were."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, TenantRow, length, one_of, tenant_fk, tenant_table


class ErasureStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Erasure(TenantRow, Base):
    """One person's. counts: rows changed per table, files removed under `files`."""

    __tablename__ = "erasures"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards"),
        tenant_fk("requested_by", "users"),
        one_of("status", ErasureStatus),
        length("reason", 500, 3),
        length("failure", 1000),
        CheckConstraint("jsonb_typeof(counts) = 'object'", name="check_counts"),
        CheckConstraint(
            "(status IN ('completed', 'failed')) = (finished_at IS NOT NULL)", name="check_erasure_finished_at"
        ),
        Index("idx_erasures_date", "organization_id", text("created_at DESC"), text("id DESC")),
        Index("idx_erasures_contact", "organization_id", "contact_card_id"),
    )

    contact_card_id: Mapped[UUID | None]
    requested_by: Mapped[UUID | None]
    requested_by_label: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=ErasureStatus.QUEUED)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    failure: Mapped[str | None]
    finished_at: Mapped[datetime | None]
