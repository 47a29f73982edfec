"""The job queue as people see it: each requested job, its progress and its result."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, one_of, tenant_table
from app.models.organizations import Language


class JobStatus(StrEnum):
    """Status of a job; `failed` means that no attempt is left and a person must retry or dismiss the job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISMISSED = "dismissed"


class Job(TenantRow, Base):
    """A job of an organization. The queue itself only stores its id (docs/decisions/0008).

    `context` is who requested it, and from where; `tries` counts the starts since it was requested or retried, and
    distinguishes its runs. `storage_failures` of them failed because of storage and don't count toward the limit.
    `scheduled_for` marks the one record that all runs of a scheduled job share.
    """

    __tablename__ = "jobs"
    __table_args__ = tenant_table(
        one_of("status", JobStatus),
        one_of("language", Language),
        length("error", 1000),
        CheckConstraint(r"name ~ '^[a-z_]+\.[a-z_]+$'", name="check_job_name_format"),
        CheckConstraint("tries >= 0", name="check_job_tries_positive"),
        CheckConstraint("storage_failures >= 0", name="check_job_storage_failures_positive"),
        CheckConstraint("progress_done >= 0 AND progress_total >= 0", name="check_job_progress_positive"),
        CheckConstraint(
            "(status IN ('done', 'failed', 'dismissed')) = (finished_at IS NOT NULL)", name="check_job_finished_at"
        ),
        Index("idx_jobs_asked", "organization_id", text("asked_at DESC"), text("id DESC")),
        Index("idx_jobs_status", "organization_id", "status", text("asked_at DESC"), text("id DESC")),
        Index("idx_jobs_name", "organization_id", "name", text("asked_at DESC"), text("id DESC")),
        # For the number of dead letters, of which there are few among all jobs.
        Index("idx_jobs_failed", "organization_id", "finished_at", postgresql_where=text("status = 'failed'")),
        Index(
            "uq_jobs_schedule",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=text("scheduled_for IS NOT NULL"),
        ),
    )

    name: Mapped[str] = mapped_column(info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=JobStatus.WAITING)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    context: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.STAFF)
    language: Mapped[str] = mapped_column(server_default=Language.ENGLISH)
    one_by_one: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    asked_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    asked_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    scheduled_for: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    storage_failures: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime | None]
    progress_done: Mapped[int] = mapped_column(server_default=text("0"))
    progress_total: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
