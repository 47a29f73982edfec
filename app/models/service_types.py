"""Service types: the kinds of work that appointments are booked for."""

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    length,
    soft_delete_constraints,
    tenant_table,
)


class ServiceType(TenantRow, Versioned, SoftDeleted, Base):
    """A service that the organization provides, under a unique name (ignoring case).

    It has the usual duration of an appointment in minutes. If it is not active, it is not offered.
    """

    __tablename__ = "service_types"
    __table_args__ = tenant_table(
        *soft_delete_constraints("service_types"),
        length("name", 80, 2),
        CheckConstraint("minutes BETWEEN 15 AND 480", name="check_minutes_range"),
        Index(
            "uq_service_types_name",
            "organization_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_service_types_name", "organization_id", text("lower(name)"), "id"),
        Index("idx_service_types_deleted", "organization_id", "is_deleted"),
    )

    name: Mapped[str] = mapped_column(info=holds.NOBODY)
    minutes: Mapped[int]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
