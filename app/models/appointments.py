"""Appointments and their outcomes."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    length,
    one_of,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)
from app.models.contacts import Imported, imported_once


class AppointmentStatus(StrEnum):
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class AppointmentOutcome(StrEnum):
    OPEN = "open"
    CLOSED_WON = "closed_won"
    CLOSED_LOST = "closed_lost"


class Appointment(TenantRow, Versioned, SoftDeleted, Imported, Base):
    """An appointment: the user `csr_id` booked it, the user `sales_rep_id` attends it.

    Times are UTC, `timezone` is the location's.
    """

    __tablename__ = "appointments"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards", "RESTRICT"),
        tenant_fk("lead_id", "leads"),
        tenant_fk("csr_id", "users"),
        tenant_fk("sales_rep_id", "users"),
        tenant_fk("source_call_id", "calls"),
        tenant_fk("created_by", "users"),
        *soft_delete_constraints("appointments"),
        *imported_once("appointments"),
        one_of("status", AppointmentStatus),
        one_of("outcome", AppointmentOutcome),
        length("service_type", 80, 2),
        length("lost_reason", 500, 3),
        length("cancelled_reason", 500, 3),
        length("notes", 5000, 0),
        length("address_line_1", 200, 0),
        length("address_line_2", 200, 0),
        length("city", 100, 0),
        length("state", 100, 0),
        length("zip", 20, 0),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="check_country_format"),
        CheckConstraint("scheduled_end_at > scheduled_start_at", name="check_scheduled_end_after_start"),
        CheckConstraint("deal_value BETWEEN 0 AND 9999999.99", name="check_deal_value_range"),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="check_completed_at"),
        CheckConstraint("(outcome <> 'open') = (outcome_at IS NOT NULL)", name="check_outcome_at"),
        CheckConstraint("outcome = 'open' OR status = 'completed'", name="check_outcome_needs_completed"),
        CheckConstraint(
            "contact_card_id IS NOT NULL OR external_id IS NOT NULL", name="check_appointment_contact_unless_imported"
        ),
        # Indexes that include deleted_at can count a list in an index-only scan.
        Index(
            "idx_appointments_start",
            "organization_id",
            text("scheduled_start_at DESC"),
            text("id DESC"),
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_appointments_status",
            "organization_id",
            "status",
            "scheduled_start_at",
            "id",
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_appointments_outcome",
            "organization_id",
            "outcome",
            "scheduled_start_at",
            "id",
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_appointments_csr_start",
            "organization_id",
            "csr_id",
            "scheduled_start_at",
            "id",
            postgresql_include=["contact_card_id", "deleted_at"],
        ),
        Index(
            "idx_appointments_booked",
            "organization_id",
            "booked_at",
            "csr_id",
            postgresql_include=["sales_rep_id", "deleted_at"],
        ),
        Index("idx_appointments_csr_booked", "organization_id", "csr_id", text("booked_at DESC"), text("id DESC")),
        Index(
            "idx_appointments_rep_start",
            "organization_id",
            "sales_rep_id",
            "scheduled_start_at",
            "id",
            postgresql_include=["contact_card_id", "deleted_at"],
        ),
        # Appointments by completion and decision, with all columns that the reps' figures need.
        Index(
            "idx_appointments_completed",
            "organization_id",
            "completed_at",
            postgresql_include=["status", "outcome", "sales_rep_id", "deleted_at"],
            postgresql_where=text("completed_at IS NOT NULL"),
        ),
        Index(
            "idx_appointments_decided",
            "organization_id",
            "outcome_at",
            postgresql_include=["outcome", "deal_value", "sales_rep_id", "deleted_at"],
            postgresql_where=text("outcome_at IS NOT NULL"),
        ),
        Index(
            "idx_appointments_contact_date",
            "organization_id",
            "contact_card_id",
            text("scheduled_start_at DESC"),
            text("id DESC"),
        ),
        Index("idx_appointments_lead", "organization_id", "lead_id"),
        Index("idx_appointments_call", "organization_id", "source_call_id"),
    )

    contact_card_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    csr_id: Mapped[UUID | None]
    sales_rep_id: Mapped[UUID | None]
    source_call_id: Mapped[UUID | None]
    service_type: Mapped[str] = mapped_column(info=holds.NOBODY)
    scheduled_start_at: Mapped[datetime]
    scheduled_end_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(info=holds.NOBODY)
    booked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    status: Mapped[str] = mapped_column(server_default=AppointmentStatus.SCHEDULED)
    outcome: Mapped[str] = mapped_column(server_default=AppointmentOutcome.OPEN)
    deal_value: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    lost_reason: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    address_line_1: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    address_line_2: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    city: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    state: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    zip: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    country: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    notes: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    cancelled_reason: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    completed_at: Mapped[datetime | None]
    outcome_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
