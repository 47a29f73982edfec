"""Notes about contacts and their appointments, as opposed to notes about calls."""

from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    length,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)


class ContactNote(TenantRow, Versioned, SoftDeleted, Base):
    """A person's note about a contact, visible to everyone who sees the contact.

    One that was written about an appointment is shown there, too, as long as its contact is the appointment's.
    """

    __tablename__ = "contact_notes"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards", "CASCADE"),
        tenant_fk("appointment_id", "appointments"),
        tenant_fk("user_id", "users"),
        *soft_delete_constraints("contact_notes"),
        length("body", 5000),
        Index(
            "idx_contact_notes_contact_date",
            "organization_id",
            "contact_card_id",
            text("created_at DESC"),
            text("id DESC"),
        ),
        Index(
            "idx_contact_notes_appointment",
            "organization_id",
            "appointment_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("appointment_id IS NOT NULL"),
        ),
        Index("idx_contact_notes_user", "organization_id", "user_id"),
        Index("idx_contact_notes_deleted", "organization_id", "is_deleted"),
    )

    contact_card_id: Mapped[UUID]
    appointment_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    author_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    body: Mapped[str] = mapped_column(info=holds.MENTIONS)
