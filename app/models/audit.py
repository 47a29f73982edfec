"""The audit trail. The database writes it (migration 0001); the models only read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, one_of
from app.models.calls import RecordSource

NEWEST_FIRST = (text("created_at DESC"), text("id DESC"))


class AuditLog(Base):
    """One changed row or recorded event. No foreign keys: the trail outlives what it tells of.

    `before` and `after` hold changed columns only, secrets masked. `pos`, `salt` and `payload_hash` are for sealing:
    pos is the transaction's id, payload_hash = sha256(salt ‖ before ‖ after).
    """

    __tablename__ = "audit_logs"
    __table_args__ = (
        one_of("source", RecordSource),
        Index("idx_audit_org_date", "organization_id", *NEWEST_FIRST),
        Index("idx_audit_resource", "organization_id", "resource_type", "resource_id", *NEWEST_FIRST),
        Index("idx_audit_user_date", "organization_id", "user_id", *NEWEST_FIRST),
        Index("idx_audit_action_date", "organization_id", "action", *NEWEST_FIRST),
        Index("idx_audit_address_date", "organization_id", "ip_address", *NEWEST_FIRST),
        Index("idx_audit_operation", "organization_id", "operation_id"),
        Index("idx_audit_pos", "organization_id", "pos", "id"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None]
    actor_label: Mapped[str]
    actor_role: Mapped[str | None]
    source: Mapped[str]
    action: Mapped[str]
    resource_type: Mapped[str]
    resource_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # `metadata` is taken on a declarative class.
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default=text("'{}'"))
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    request_id: Mapped[str | None]
    correlation_id: Mapped[str | None]
    operation_id: Mapped[UUID]
    created_at: Mapped[datetime]
    pos: Mapped[int] = mapped_column(BigInteger)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    payload_hash: Mapped[bytes] = mapped_column(LargeBinary)
    redacted_at: Mapped[datetime | None]
