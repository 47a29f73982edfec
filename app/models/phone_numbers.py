"""The organization's own phone numbers, and the callers' numbers that it has blocked."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    e164,
    length,
    one_of,
    soft_delete_constraints,
    tenant_table,
)


class NumberProvider(StrEnum):
    VAPI = "vapi"
    TWILIO = "twilio"


class NumberPurpose(StrEnum):
    RECEPTION = "reception"
    AFTER_HOURS = "after_hours"
    TRACKING = "tracking"
    OUTBOUND = "outbound"
    TEXTING = "texting"


class PhoneNumber(TenantRow, Versioned, SoftDeleted, Base):
    """An organization's phone number; unique across all organizations.

    Calls also store the number as text.
    """

    __tablename__ = "phone_numbers"
    __table_args__ = tenant_table(
        *soft_delete_constraints("phone_numbers"),
        one_of("provider", NumberProvider),
        one_of("purpose", NumberPurpose),
        e164("number"),
        CheckConstraint(
            r"forwarding_number ~ '^\+[1-9]\d{1,14}$'",
            name="check_forwarding_format",
            info={"phone": "forwarding_number"},
        ),
        length("display_name", 50, 0),
        Index("uq_phone_numbers_number", "number", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("idx_phone_numbers_number", "organization_id", "number", "id"),
        Index("idx_phone_numbers_date", "organization_id", text("created_at DESC"), text("id DESC")),
        Index("idx_phone_numbers_deleted", "organization_id", "is_deleted"),
    )

    number: Mapped[str] = mapped_column(info=holds.STAFF)
    provider: Mapped[str]
    display_name: Mapped[str | None] = mapped_column(info=holds.STAFF)
    forwarding_number: Mapped[str | None] = mapped_column(info=holds.STAFF)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    purpose: Mapped[str] = mapped_column(server_default=NumberPurpose.RECEPTION)


class BlockedNumber(TenantRow, Base):
    """Number whose calls create no entry in the missed-call queue."""

    __tablename__ = "blocked_numbers"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "number", name="uq_blocked_numbers_number"),
        e164("number"),
        length("reason", 500, 3),
    )

    number: Mapped[str] = mapped_column(info=holds.PERSONAL)
    reason: Mapped[str] = mapped_column(info=holds.PERSONAL)
