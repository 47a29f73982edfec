"""Reverts of whole operations that the worker runs in steps, with the records that they skipped."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, one_of, tenant_fk, tenant_table

#: Longer reasons are cut.
MAX_REASON_LENGTH = 1_000


class RevertStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OperationRevert(TenantRow, Base):
    """A revert of the operation `target_id`, whose entries have the operation `operation_id`.

    The records are reverted in the order of their last entry in the operation, latest first; `position` is the entry
    up to which that is done and committed. An operation has at most one unfinished revert.
    """

    __tablename__ = "operation_reverts"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "users"),
        one_of("status", RevertStatus),
        length("failure", MAX_REASON_LENGTH),
        CheckConstraint(
            "least(records_total, records_reverted, records_unchanged, records_skipped) >= 0",
            name="check_revert_counts_positive",
        ),
        CheckConstraint(
            "records_reverted + records_unchanged + records_skipped <= records_total",
            name="check_revert_counts_within_total",
        ),
        CheckConstraint(
            "(status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name="check_revert_finished_at",
        ),
        Index(
            "uq_operation_reverts_unfinished",
            "organization_id",
            "target_id",
            unique=True,
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
    )

    target_id: Mapped[UUID]
    operation_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default=RevertStatus.QUEUED)
    records_total: Mapped[int]
    records_reverted: Mapped[int] = mapped_column(server_default=text("0"))
    records_unchanged: Mapped[int] = mapped_column(server_default=text("0"))
    records_skipped: Mapped[int] = mapped_column(server_default=text("0"))
    position: Mapped[UUID | None]
    failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)


class SkippedRecord(TenantRow, Base):
    """A record that a revert skipped, with the reason.

    `place` is its order; `entry_id` is the id of the entry whose change stays.
    """

    __tablename__ = "skipped_records"
    __table_args__ = tenant_table(
        tenant_fk("revert_id", "operation_reverts", "CASCADE"),
        CheckConstraint("place >= 1", name="check_skipped_place"),
        length("resource", 60),
        length("reason", MAX_REASON_LENGTH),
        UniqueConstraint("organization_id", "revert_id", "place", name="uq_skipped_records_place"),
    )

    revert_id: Mapped[UUID]
    place: Mapped[int]
    entry_id: Mapped[UUID]
    resource: Mapped[str] = mapped_column(info=holds.NOBODY)
    record_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(info=holds.MENTIONS)
