"""Suggested tasks: follow-ups that an analysis found.

People work on one through the task created from it.
"""

from datetime import datetime
from enum import StrEnum
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
    one_of,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)
from app.models.tasks import AssignedTo


class PendingActionStatus(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PendingActionCategory(StrEnum):
    """Categories of follow-ups; any other is `other`, with the analysis's own words in `raw_text`."""

    CALL_BACK = "call_back"
    SEND_INFORMATION = "send_information"
    CONFIRM_DETAILS = "confirm_details"
    PREPARE_VISIT = "prepare_visit"
    SCHEDULE_VISIT = "schedule_visit"
    BILLING_REVIEW = "billing_review"
    MANAGER_REVIEW = "manager_review"
    OTHER = "other"


# A hash, because a text can exceed the size of an index entry. Texts of erased people are equal, so their id is used.
# Written in the lines in which the database returns it, so that the two can be compared.
_TEXT = """(
CASE
    WHEN category <> 'other' OR due_at IS NOT NULL THEN NULL
    WHEN raw_text = 'Erased' THEN id::text
    ELSE md5(raw_text)
END)"""


class PendingAction(TenantRow, Versioned, SoftDeleted, Base):
    """A suggested task; a trigger synchronizes its status with that of the task created from it.

    Each is stored once, finished or not: a repeated analysis adds nothing. Two suggested tasks in the category `other`
    without a date are the same only if their `raw_text` is the same.
    """

    __tablename__ = "pending_actions"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards", "CASCADE"),
        tenant_fk("call_id", "calls"),
        tenant_fk("appointment_id", "appointments"),
        tenant_fk("assigned_to_user_id", "users"),
        tenant_fk("created_by", "users"),
        *soft_delete_constraints("pending_actions"),
        one_of("assigned_to_type", AssignedTo),
        one_of("category", PendingActionCategory),
        one_of("status", PendingActionStatus),
        length("raw_text", 5000),
        Index(
            "uq_pending_actions_contact_category_due_text",
            "organization_id",
            "contact_card_id",
            "category",
            "due_at",
            text(_TEXT),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("idx_pending_actions_assignee_due", "organization_id", "assigned_to_user_id", "status", "due_at", "id"),
        Index("idx_pending_actions_created_by", "organization_id", "created_by"),
        Index("idx_pending_actions_call", "organization_id", "call_id"),
        Index("idx_pending_actions_appointment", "organization_id", "appointment_id"),
        Index("idx_pending_actions_deleted", "organization_id", "is_deleted"),
    )

    contact_card_id: Mapped[UUID]
    call_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    assigned_to_type: Mapped[str] = mapped_column(server_default=AssignedTo.CSR)
    assigned_to_user_id: Mapped[UUID | None]
    category: Mapped[str]
    raw_text: Mapped[str] = mapped_column(info=holds.MENTIONS)
    due_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(server_default=PendingActionStatus.OPEN)
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
