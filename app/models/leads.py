"""Leads: sales opportunities with contacts, open or closed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
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
from app.models.contacts import ContactSource, Imported, imported_once


class LeadStage(StrEnum):
    NEW = "new"
    QUALIFIED = "qualified"
    BOOKED = "booked"
    PENDING = "pending"
    DEAD = "dead"


class DealStage(StrEnum):
    """Stage of a deal in another system."""

    NEW = "new"
    QUALIFIED = "qualified"
    WON = "won"
    LOST = "lost"


class Qualification(StrEnum):
    HOT = "hot"
    WARM = "warm"
    COLD = "cold"
    UNQUALIFIED = "unqualified"


class DecidedBy(StrEnum):
    """Source of a classification: a person, the analysis, or the imported file."""

    USER = "user"
    ANALYSIS = "analysis"
    IMPORT = "import"


class Lead(TenantRow, Versioned, SoftDeleted, Imported, Base):
    """A lead; a contact has at most one open lead per source, not counting imported leads.

    Open means `closed_at` is NULL; dead and won leads are closed.
    """

    unversioned = frozenset({"last_activity_at"})

    __tablename__ = "leads"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards", "RESTRICT"),
        tenant_fk("csr_id", "users"),
        tenant_fk("assigned_rep_id", "users"),
        tenant_fk("created_by", "users"),
        *soft_delete_constraints("leads"),
        *imported_once("leads"),
        one_of("stage", LeadStage),
        one_of("qualification_status", Qualification),
        one_of("qualification_source", DecidedBy),
        one_of("source", ContactSource),
        length("dead_reason", 500, 3),
        CheckConstraint(
            "contact_card_id IS NOT NULL OR external_id IS NOT NULL", name="check_lead_contact_unless_imported"
        ),
        CheckConstraint(
            "(closed_at IS NOT NULL) = (stage = 'dead' OR won_at IS NOT NULL) AND (won_at IS NULL OR stage = 'booked')",
            name="check_lead_closed",
        ),
        Index(
            "uq_leads_open_contact_source",
            "organization_id",
            "contact_card_id",
            "source",
            unique=True,
            postgresql_where=text("closed_at IS NULL AND deleted_at IS NULL AND external_id IS NULL"),
        ),
        # Indexes that include deleted_at can count a list in an index-only scan.
        Index(
            "idx_leads_activity",
            "organization_id",
            text("last_activity_at DESC"),
            text("id DESC"),
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_leads_stage",
            "organization_id",
            "stage",
            text("last_activity_at DESC"),
            text("id DESC"),
            postgresql_include=["deleted_at"],
        ),
        # For the board: the latest moved leads of each stage.
        Index(
            "idx_leads_open_stage",
            "organization_id",
            "stage",
            text("last_activity_at DESC"),
            text("id DESC"),
            postgresql_where=text("closed_at IS NULL AND deleted_at IS NULL"),
        ),
        Index(
            "idx_leads_csr",
            "organization_id",
            "csr_id",
            text("last_activity_at DESC"),
            text("id DESC"),
            postgresql_include=["contact_card_id", "deleted_at"],
        ),
        Index(
            "idx_leads_rep",
            "organization_id",
            "assigned_rep_id",
            text("last_activity_at DESC"),
            text("id DESC"),
            postgresql_include=["contact_card_id", "deleted_at"],
        ),
        Index("idx_leads_contact_date", "organization_id", "contact_card_id", text("created_at DESC"), text("id DESC")),
        Index(
            "idx_leads_qualification",
            "organization_id",
            "qualification_status",
            "id",
            postgresql_include=["assigned_rep_id"],
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    contact_card_id: Mapped[UUID | None]
    stage: Mapped[str] = mapped_column(server_default=LeadStage.NEW)
    qualification_status: Mapped[str | None]
    qualification_source: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default=ContactSource.MANUAL)
    csr_id: Mapped[UUID | None]
    assigned_rep_id: Mapped[UUID | None]
    last_activity_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    closed_at: Mapped[datetime | None]
    won_at: Mapped[datetime | None]
    dead_reason: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
