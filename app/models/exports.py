"""Exports: files that are created in the background, retained for a while and then removed."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, declared_name, length, one_of, tenant_fk, tenant_table


class ExportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    #: The file was removed, by time or by hand; the row remains as history.
    REMOVED = "removed"


class Export(TenantRow, Base):
    """A file of all rows that match `filters`; `rows_total` is their number when the export began.

    An archive counts its rows while it is written; before, `rows_total` is None. For the data of a person, `filters` is
    {contact_id: id}; for those of an organization, it can contain {audio: "y"}.
    """

    __tablename__ = "exports"
    __table_args__ = tenant_table(
        tenant_fk("requested_by", "users"),
        tenant_fk("api_key_id", "api_keys"),
        declared_name("kind"),
        one_of("status", ExportStatus),
        length("failure", 1000),
        CheckConstraint("least(row_count, rows_total, file_bytes) >= 0", name="check_export_counts_positive"),
        CheckConstraint("(status = 'completed') = (file_path IS NOT NULL)", name="check_export_file"),
        CheckConstraint("status <> 'completed' OR expires_at IS NOT NULL", name="check_export_expires_at"),
        CheckConstraint(
            "(status IN ('completed', 'failed', 'removed')) = (finished_at IS NOT NULL)",
            name="check_export_finished_at",
        ),
        Index("idx_exports_requested_by", "organization_id", "requested_by", text("created_at DESC"), text("id DESC")),
        Index(
            "idx_exports_api_key",
            "organization_id",
            "api_key_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("api_key_id IS NOT NULL"),
        ),
        Index(
            "idx_exports_expiry",
            "organization_id",
            "expires_at",
            postgresql_where=text("file_path IS NOT NULL"),
        ),
    )

    kind: Mapped[str] = mapped_column(info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=ExportStatus.QUEUED)
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.MENTIONS)
    sort: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    rows_total: Mapped[int | None]
    row_count: Mapped[int] = mapped_column(server_default=text("0"))
    file_path: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    file_bytes: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    requested_by: Mapped[UUID | None]
    requested_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    #: The key that started it, if no person did.
    api_key_id: Mapped[UUID | None]
