"""Disputes about a call's booking status: raised by people who can't change it, decided by a manager."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, length, one_of, tenant_fk, tenant_table
from app.models.calls import BookingStatus


class DisputeStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class BookingDispute(TenantRow, Versioned, Base):
    """Dispute about a call's booking status.

    `from_status` is the value when the dispute was raised, `to_status` the proposed one. A call can have one open
    dispute at a time.
    """

    __tablename__ = "booking_disputes"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        tenant_fk("raised_by", "users"),
        tenant_fk("decided_by", "users"),
        one_of("from_status", BookingStatus),
        one_of("to_status", BookingStatus),
        one_of("status", DisputeStatus),
        length("reason", 500, 3),
        length("decision_note", 500, 3),
        CheckConstraint("decision_note IS NULL OR status <> 'open'", name="check_decision_note_decided"),
        CheckConstraint("to_status <> from_status", name="check_dispute_changes_something"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="check_decided_at"),
        Index(
            "uq_booking_disputes_open",
            "organization_id",
            "call_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index("idx_booking_disputes_call", "organization_id", "call_id", "created_at"),
        Index("idx_booking_disputes_status", "organization_id", "status", text("created_at DESC"), text("id DESC")),
    )

    call_id: Mapped[UUID]
    raised_by: Mapped[UUID | None]
    raised_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    from_status: Mapped[str]
    to_status: Mapped[str]
    reason: Mapped[str] = mapped_column(info=holds.MENTIONS)
    status: Mapped[str] = mapped_column(server_default=DisputeStatus.OPEN)
    decided_by: Mapped[UUID | None]
    decided_by_label: Mapped[str | None] = mapped_column(info=holds.STAFF)
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
