"""Audit trail and its seals.

The database writes them (migrations 0001 and 0007); the models are only used to read them.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, one_of

NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))


class AuditSource(StrEnum):
    """Origin of an entry; `database` is a manual change that bypassed the app, such as in psql."""

    USER = "user"
    SYSTEM = "system"
    EXTERNAL = "external"
    DATABASE = "database"


class AuditLog(Base):
    """A changed row or a recorded event, without foreign keys: the trail outlives the rows it refers to.

    `before` and `after` contain only changed columns, with secrets masked. `resource_label` is the name of the row at
    that time; entries from before it was introduced have none. `pos`, `salt` and `payload_hash` are for sealing: pos is
    the transaction's id (plus `AuditEpoch.pos_offset`), payload_hash = sha256(salt ‖ before ‖ after ‖ resource_label).
    """

    __tablename__ = "audit_logs"
    __table_args__ = (
        one_of("source", AuditSource),
        Index("idx_audit_org_date", "organization_id", *NEWEST_FIRST),
        Index("idx_audit_resource", "organization_id", "resource_type", "resource_id", *NEWEST_FIRST),
        # Includes the action, so that a person's actions of one kind are counted in an index-only scan.
        Index("idx_audit_user_date", "organization_id", "user_id", *NEWEST_FIRST, postgresql_include=["action"]),
        Index("idx_audit_action_date", "organization_id", "action", *NEWEST_FIRST),
        Index("idx_audit_address_date", "organization_id", "ip_address", *NEWEST_FIRST),
        Index("idx_audit_type_date", "organization_id", "resource_type", *NEWEST_FIRST),
        Index("idx_audit_operation_date", "organization_id", "operation_id", *NEWEST_FIRST),
        # For the search for entries; used only by the database function `audit_found` (migrations 0063 and 0103).
        Index(
            "idx_audit_words",
            text(
                "audit_words(organization_id, created_at, actor_label, before, after, metadata, resource_id, "
                "request_id, correlation_id, resource_type, resource_label)"
            ),
            postgresql_using="gin",
        ),
        Index("idx_audit_pos", "organization_id", "pos", "id"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None]
    actor_label: Mapped[str] = mapped_column(info=holds.STAFF)
    actor_role: Mapped[str | None] = mapped_column(info=holds.STAFF)
    source: Mapped[str]
    action: Mapped[str] = mapped_column(info=holds.NOBODY)
    resource_type: Mapped[str] = mapped_column(info=holds.NOBODY)
    resource_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB, info=holds.TRAIL)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB, info=holds.TRAIL)
    resource_label: Mapped[str | None] = mapped_column(info=holds.TRAIL)
    # The name `metadata` is reserved in declarative classes.
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    ip_address: Mapped[str | None] = mapped_column(INET, info=holds.STAFF)
    user_agent: Mapped[str | None] = mapped_column(info=holds.STAFF)
    request_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    correlation_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    operation_id: Mapped[UUID]
    created_at: Mapped[datetime]
    pos: Mapped[int] = mapped_column(BigInteger)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.SECRET)
    payload_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.NOBODY)
    redacted_at: Mapped[datetime | None]


class AuditSeal(Base):
    """A link of an organization's chain over a range of rows of one month.

    It covers the rows from (from_pos, from_id) up to (to_pos, to_id), exclusive, that were written in `month` (its
    first day, UTC), in that order. `entries` are the id and the hash of each row, concatenated; they serve to identify
    the first row that differs, and are deleted with the rows when a month is dropped. `rows_hash` = sha256(entries).
    `hash` is computed with a key that the database does not know (`app.audit.chain`).
    """

    __tablename__ = "audit_seals"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    from_pos: Mapped[int] = mapped_column(BigInteger)
    from_id: Mapped[UUID]
    to_pos: Mapped[int] = mapped_column(BigInteger)
    to_id: Mapped[UUID]
    month: Mapped[date]
    row_count: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.NOBODY)
    rows_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.NOBODY)
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.NOBODY)
    key_id: Mapped[str] = mapped_column(info=holds.NOBODY)
    hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.NOBODY)
    sealed_at: Mapped[datetime]


class AuditEpoch(Base):
    """State of sealing, one row per installation.

    It holds the offset of the trail's positions from this server's transaction ids, the position up to which everything
    is sealed, and the time when the last round of sealing ended.
    """

    __tablename__ = "audit_epoch"
    __table_args__ = (CheckConstraint("only_row", name="check_only_row"),)

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    pos_offset: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    sealed_to: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    sealed_at: Mapped[datetime | None]
