"""Deletion batches: rows that are deleted and restored together."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, tenant_fk, tenant_table

_IN_TRASH = text("restored_at IS NULL AND purged_at IS NULL")
_NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))


class DeletionBatch(TenantRow, Base):
    """A deletion, of one or more rows with the records that belong to them, or of a whole organization.

    `counts` is {resource type: rows}. While the worker deletes or restores the rest, `deleting_at` or `restoring_at` is
    when that began; `delete_failure` or `restore_failure` is the reason if it stopped. `parent_batch_id` is the
    deletion whose restore left these rows out.
    """

    __tablename__ = "deletion_batches"
    __table_args__ = tenant_table(
        tenant_fk("deleted_by", "users", use_alter=True),
        tenant_fk("restored_by", "users", use_alter=True),
        tenant_fk("parent_batch_id", "deletion_batches"),
        length("reason", 500, 3),
        CheckConstraint("restored_at IS NULL OR purged_at IS NULL", name="check_restored_or_purged"),
        CheckConstraint(
            "purged_at IS NULL OR (deleting_at IS NULL AND delete_failure IS NULL)",
            name="check_purged_when_all_deleted",
        ),
        CheckConstraint("deleting_at IS NULL OR restoring_at IS NULL", name="check_deleting_or_restoring"),
        Index(
            "idx_deletion_batches_parent",
            "organization_id",
            "parent_batch_id",
            postgresql_where=text("parent_batch_id IS NOT NULL"),
        ),
        Index("idx_deletion_batches_date", "organization_id", *_NEWEST_FIRST),
        Index(
            "idx_deletion_batches_due",
            "purge_after",
            postgresql_where=_IN_TRASH,
        ),
        Index("idx_deletion_batches_in_trash", "organization_id", *_NEWEST_FIRST, postgresql_where=_IN_TRASH),
        Index("idx_deletion_batches_purge_after", "organization_id", "purge_after", "id", postgresql_where=_IN_TRASH),
        Index("idx_deletion_batches_kind", "organization_id", "root_type", *_NEWEST_FIRST),
        Index("idx_deletion_batches_person", "organization_id", "deleted_by", *_NEWEST_FIRST),
        Index(
            "idx_deletion_batches_restored",
            "organization_id",
            *_NEWEST_FIRST,
            postgresql_where=text("restored_at IS NOT NULL"),
        ),
    )

    deleted_by: Mapped[UUID | None]
    deleted_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    reason: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    root_type: Mapped[str] = mapped_column(info=holds.NOBODY)
    root_id: Mapped[UUID]
    root_label: Mapped[str] = mapped_column(info=holds.MENTIONS)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    restored_at: Mapped[datetime | None]
    restored_by: Mapped[UUID | None]
    restored_by_label: Mapped[str | None] = mapped_column(info=holds.STAFF)
    purge_after: Mapped[datetime]
    purged_at: Mapped[datetime | None]
    restoring_at: Mapped[datetime | None]
    restore_failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    deleting_at: Mapped[datetime | None]
    delete_failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    parent_batch_id: Mapped[UUID | None]
