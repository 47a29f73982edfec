"""Bulk changes of rows, each with its progress and its undo."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, declared_name, length, one_of, tenant_fk, tenant_table


class BulkStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class BulkOperation(TenantRow, Base):
    """A bulk change of the selected rows of a list (`row_ids`), or else of all that match `filters`.

    Rows created after `rows_until` are not changed. Undo reads the changes from the audit trail, under `operation_id`;
    those of a deletion are in its batch. `position` is the progress: everything up to it is done and committed.
    `refusals` counts the rows that were not changed, by reason.
    """

    __tablename__ = "bulk_operations"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "users"),
        tenant_fk("deletion_batch_id", "deletion_batches"),
        tenant_fk("api_key_id", "api_keys"),
        declared_name("action"),
        one_of("status", BulkStatus),
        length("failure", 1000),
        CheckConstraint("cardinality(row_ids) BETWEEN 1 AND 100", name="check_row_ids_count"),
        CheckConstraint(
            "least(rows_total, rows_changed, rows_unchanged, rows_refused, rows_undone, rows_moved_on) >= 0",
            name="check_bulk_counts_positive",
        ),
        CheckConstraint(
            "status IN ('queued', 'running', 'failed') OR finished_at IS NOT NULL", name="check_bulk_finished_at"
        ),
        Index(
            "idx_bulk_operations_created_by",
            "organization_id",
            "created_by",
            text("created_at DESC"),
            text("id DESC"),
        ),
        Index(
            "idx_bulk_operations_api_key",
            "organization_id",
            "api_key_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("api_key_id IS NOT NULL"),
        ),
        Index("idx_bulk_operations_operation", "organization_id", "operation_id"),
        Index(
            "idx_bulk_operations_deletion",
            "organization_id",
            "deletion_batch_id",
            postgresql_where=text("deletion_batch_id IS NOT NULL"),
        ),
    )

    action: Mapped[str] = mapped_column(info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=BulkStatus.QUEUED)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.MENTIONS)
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.MENTIONS)
    row_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    rows_until: Mapped[datetime]
    rows_total: Mapped[int]
    rows_changed: Mapped[int] = mapped_column(server_default=text("0"))
    rows_unchanged: Mapped[int] = mapped_column(server_default=text("0"))
    rows_refused: Mapped[int] = mapped_column(server_default=text("0"))
    rows_undone: Mapped[int] = mapped_column(server_default=text("0"))
    rows_moved_on: Mapped[int] = mapped_column(server_default=text("0"))
    position: Mapped[UUID | None]
    operation_id: Mapped[UUID]
    deletion_batch_id: Mapped[UUID | None]
    refusals: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    #: The key that started it, if no person did.
    api_key_id: Mapped[UUID | None]
