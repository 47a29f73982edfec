"""Erasures of personal data: who was erased, by whom, and what was affected, but never the data."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, one_of, tenant_fk, tenant_table


class ErasureStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Erasure(TenantRow, Base):
    """Erasure of one person. `counts` are the changed rows per table, and the removed files under `files`.

    `erased_at` is when the rows were changed. The files whose keys are in `files` are deleted after that; the erasure
    is completed when none are left.
    """

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
        CheckConstraint("places_done BETWEEN 0 AND places_total", name="check_places"),
        CheckConstraint(
            "status <> 'completed' OR (erased_at IS NOT NULL AND files = '{}')", name="check_erased_completely"
        ),
        # No one is erased twice, or by two people at the same time.
        Index(
            "uq_erasures_contact_card",
            "organization_id",
            "contact_card_id",
            unique=True,
            postgresql_where=text("status <> 'failed'"),
        ),
        Index("idx_erasures_date", "organization_id", text("created_at DESC"), text("id DESC")),
        Index("idx_erasures_contact", "organization_id", "contact_card_id"),
    )

    contact_card_id: Mapped[UUID | None]
    requested_by: Mapped[UUID | None]
    requested_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    reason: Mapped[str] = mapped_column(info=holds.MENTIONS)
    status: Mapped[str] = mapped_column(server_default=ErasureStatus.QUEUED)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    places_done: Mapped[int] = mapped_column(server_default=text("0"))
    places_total: Mapped[int] = mapped_column(server_default=text("0"))
    erased_at: Mapped[datetime | None]
    files: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), info=holds.NOBODY)
    failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    finished_at: Mapped[datetime | None]
