"""Checks whether the latest backups can be restored.

They belong to the installation, not to an organization.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.ids import uuid7
from app.models.base import Base, Timestamps, length


class BackupCheck(Timestamps, Base):
    """Check of a backup.

    `findings` is empty if and only if it succeeded, `counts` are the restored rows per table.
    """

    __tablename__ = "backup_checks"
    __table_args__ = (
        length("file_name", 255),
        CheckConstraint("file_bytes >= 0", name="check_file_bytes_positive"),
        CheckConstraint("jsonb_typeof(findings) = 'array'", name="check_findings"),
        CheckConstraint("succeeded = (findings = '[]')", name="check_succeeded_without_findings"),
        Index("idx_backup_checks_date", text("checked_at DESC")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)
    checked_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    file_name: Mapped[str]
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    succeeded: Mapped[bool]
    findings: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
