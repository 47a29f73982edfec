"""Notifications: what concerns a person, told to that person alone."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from app.models.base import Base, TenantRow, length, one_of, tenant_fk, tenant_table


class NotificationKind(StrEnum):
    TASK_ASSIGNED = "task_assigned"
    LEAD_ASSIGNED = "lead_assigned"
    APPOINTMENT_ASSIGNED = "appointment_assigned"
    COACHING_NOTE = "coaching_note"
    DISPUTE_RAISED = "dispute_raised"
    DISPUTE_DECIDED = "dispute_decided"
    IMPORT_FINISHED = "import_finished"
    EXPORT_READY = "export_ready"
    BULK_FINISHED = "bulk_finished"
    REPORT_READY = "report_ready"
    QUOTA_WARNING = "quota_warning"
    BUDGET_WARNING = "budget_warning"
    PAYMENT_FAILED = "payment_failed"
    PLAN_CHANGED = "plan_changed"
    JOB_FAILED = "job_failed"
    BACKUP_FAILED = "backup_failed"
    SECURITY = "security"


class Notification(TenantRow, Base):
    """`link` is a path of this app: what it tells of is one click away, and nobody is sent elsewhere."""

    __tablename__ = "notifications"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        one_of("kind", NotificationKind),
        length("text", 500),
        length("link", 500),
        CheckConstraint(r"link ~ '^/([^/\\]|$)'", name="check_link_within_app"),
        Index("idx_notifications_user", "organization_id", "user_id", text("created_at DESC"), text("id DESC")),
        Index(
            "idx_notifications_unread",
            "organization_id",
            "user_id",
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    user_id: Mapped[UUID]
    kind: Mapped[str]
    text: Mapped[str]
    link: Mapped[str]
    read_at: Mapped[datetime | None]
