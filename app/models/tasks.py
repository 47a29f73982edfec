"""Tasks, which can be about a contact, a call or an appointment."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
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
from app.models.calls import RecordSource


class TaskStatus(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskPriority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class AssignedTo(StrEnum):
    CSR = "csr"
    SALES_REP = "sales_rep"
    EXEC = "exec"
    SYSTEM = "system"


class Task(TenantRow, Versioned, SoftDeleted, Base):
    """A task; `completed_at` is set if and only if it is completed.

    One created from a suggested task shares its status. Until `snoozed_until` it is separate from the open tasks,
    regardless of its date.
    """

    __tablename__ = "tasks"
    __table_args__ = tenant_table(
        tenant_fk("assigned_to_user_id", "users"),
        tenant_fk("created_by", "users"),
        tenant_fk("contact_card_id", "contact_cards"),
        tenant_fk("call_id", "calls"),
        tenant_fk("appointment_id", "appointments"),
        tenant_fk("pending_action_id", "pending_actions"),
        *soft_delete_constraints("tasks"),
        one_of("status", TaskStatus),
        one_of("priority", TaskPriority),
        one_of("assigned_to_type", AssignedTo),
        one_of("source", RecordSource),
        length("title", 200),
        length("description", 2000, 0),
        length("category", 50),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="check_completed_at"),
        # The count in the sidebar is read from this index alone, on every page.
        Index(
            "idx_tasks_due_of_person",
            "organization_id",
            "assigned_to_user_id",
            "due_at",
            postgresql_where=text("status IN ('pending', 'in_progress') AND deleted_at IS NULL"),
            postgresql_include=["snoozed_until"],
        ),
        Index("idx_tasks_assignee_due", "organization_id", "assigned_to_user_id", "status", "due_at", "id"),
        Index(
            # A task without a date sorts after all others; NULL would break keyset paging.
            "idx_tasks_due",
            "organization_id",
            text("coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)"),
            "id",
            postgresql_include=["deleted_at"],
        ),
        # Open tasks in the order in which they are due.
        Index(
            "idx_tasks_open",
            "organization_id",
            text("coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)"),
            "id",
            postgresql_where=text("status IN ('pending', 'in_progress')"),
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_tasks_status",
            "organization_id",
            "status",
            text("coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)"),
            "id",
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_tasks_priority",
            "organization_id",
            "priority",
            text("coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)"),
            "id",
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_tasks_completed",
            "organization_id",
            "completed_at",
            postgresql_where=text("completed_at IS NOT NULL"),
        ),
        Index(
            "idx_tasks_snoozed", "organization_id", "snoozed_until", postgresql_where=text("snoozed_until IS NOT NULL")
        ),
        Index("idx_tasks_created_by", "organization_id", "created_by"),
        Index("idx_tasks_name_words", text("name_words(organization_id, title)"), postgresql_using="gin"),
        # Search by parts of words; used by the database function `tasks_found`.
        Index(
            "idx_tasks_search",
            text("search_parts(organization_id, ARRAY[title], '{}'::text[], ''::text)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # Search by words that differ by a letter; used by the database function `tasks_misspelt`.
        Index(
            "idx_tasks_misspelt",
            text("search_misspelt(organization_id, ARRAY[title], false)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_tasks_contact_date", "organization_id", "contact_card_id", text("created_at DESC"), text("id DESC")),
        Index("idx_tasks_call", "organization_id", "call_id"),
        Index("idx_tasks_appointment", "organization_id", "appointment_id"),
        Index("uq_tasks_pending_action", "organization_id", "pending_action_id", unique=True),
    )

    title: Mapped[str] = mapped_column(info=holds.MENTIONS)
    description: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    status: Mapped[str] = mapped_column(server_default=TaskStatus.PENDING)
    priority: Mapped[str] = mapped_column(server_default=TaskPriority.MEDIUM)
    assigned_to_type: Mapped[str] = mapped_column(server_default=AssignedTo.CSR)
    assigned_to_user_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    category: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    contact_card_id: Mapped[UUID | None]
    call_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    pending_action_id: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(server_default=RecordSource.USER)
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
