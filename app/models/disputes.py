"""Disputes about bookings: raised by people who can't change them, decided by a manager."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, length, one_of, tenant_fk, tenant_table
from app.models.calls import BookingStatus


class DisputeKind(StrEnum):
    BOOKING_STATUS = "booking_status"
    BOOKED_BY = "booked_by"


class DisputeStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class BookingDispute(TenantRow, Versioned, Base):
    """Dispute about a call's booking status, or about who booked an appointment.

    `from_status` or `from_csr_id` is the value when the dispute was raised, `to_status` or `to_csr_id` the proposed
    one; a CSR that is None is no one. A call, and an appointment, can have one open dispute at a time.
    """

    __tablename__ = "booking_disputes"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        tenant_fk("appointment_id", "appointments", "CASCADE"),
        tenant_fk("from_csr_id", "users"),
        tenant_fk("to_csr_id", "users"),
        tenant_fk("raised_by", "users"),
        tenant_fk("decided_by", "users"),
        one_of("kind", DisputeKind),
        one_of("from_status", BookingStatus),
        one_of("to_status", BookingStatus),
        one_of("status", DisputeStatus),
        length("reason", 500, 3),
        length("decision_note", 500, 3),
        CheckConstraint("decision_note IS NULL OR status <> 'open'", name="check_decision_note_decided"),
        CheckConstraint("to_status <> from_status", name="check_dispute_changes_something"),
        CheckConstraint(
            "CASE kind WHEN 'booking_status' THEN num_nulls(call_id, from_status, to_status) = 0"
            " AND num_nonnulls(appointment_id, from_csr_id, to_csr_id) = 0"
            " ELSE appointment_id IS NOT NULL AND num_nonnulls(call_id, from_status, to_status) = 0 END",
            name="check_dispute_kind",
        ),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="check_decided_at"),
        Index(
            "uq_booking_disputes_open",
            "organization_id",
            "call_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "uq_booking_disputes_open_appointment",
            "organization_id",
            "appointment_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index("idx_booking_disputes_appointment", "organization_id", "appointment_id", "created_at"),
        Index("idx_booking_disputes_call", "organization_id", "call_id", "created_at"),
        Index("idx_booking_disputes_status", "organization_id", "status", text("created_at DESC"), text("id DESC")),
    )

    kind: Mapped[str] = mapped_column(server_default=DisputeKind.BOOKING_STATUS)
    call_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    raised_by: Mapped[UUID | None]
    raised_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    from_csr_id: Mapped[UUID | None]
    to_csr_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(info=holds.MENTIONS)
    status: Mapped[str] = mapped_column(server_default=DisputeStatus.OPEN)
    decided_by: Mapped[UUID | None]
    decided_by_label: Mapped[str | None] = mapped_column(info=holds.STAFF)
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
