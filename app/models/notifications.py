"""Notifications, each for a single person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, declared_name, length, tenant_fk, tenant_table


class Notification(TenantRow, Base):
    """A notification; `link` is a path within the app, never an external address.

    `kind` is one that a feature declares (`app.declarations.notice`). One row can combine `count` notifications of a
    kind, the last of them made at `told_at`; while it is unread, the next one with the same `merge_key` is added to it.
    `about_type` is the resource it is about, `about_id` the id of the record, if there is only one. If `is_shown` is
    false, the notification is only for the daily email; `in_digest` is true while it waits for that email.
    """

    __tablename__ = "notifications"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        declared_name("kind"),
        declared_name("about_type"),
        length("text", 500),
        length("link", 500),
        length("merge_key", 200),
        CheckConstraint(r"link ~ '^/([^/\\]|$)'", name="check_link_within_app"),
        CheckConstraint('"count" >= 1', name="check_count_positive"),
        CheckConstraint("about_id IS NULL OR about_type IS NOT NULL", name="check_about_named"),
        CheckConstraint("merge_key IS NULL OR read_at IS NULL", name="check_merged_unread"),
        Index("idx_notifications_told", "organization_id", "user_id", sql("told_at DESC"), sql("id DESC")),
        # The count next to the bell is read from this index alone, on every page.
        Index(
            "idx_notifications_new",
            "organization_id",
            "user_id",
            sql("told_at DESC"),
            sql("id DESC"),
            postgresql_where=sql("read_at IS NULL AND is_shown"),
        ),
        Index(
            "idx_notifications_digest",
            "organization_id",
            "user_id",
            postgresql_where=sql("in_digest"),
        ),
        Index(
            "uq_notifications_merge_key",
            "organization_id",
            "user_id",
            "merge_key",
            unique=True,
            postgresql_where=sql("merge_key IS NOT NULL"),
        ),
    )

    user_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(info=holds.NOBODY)
    text: Mapped[str] = mapped_column(info=holds.MENTIONS)
    link: Mapped[str] = mapped_column(info=holds.NOBODY)
    read_at: Mapped[datetime | None]
    told_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    count: Mapped[int] = mapped_column(server_default=sql("1"))
    merge_key: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    about_type: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    about_id: Mapped[UUID | None]
    is_shown: Mapped[bool] = mapped_column(server_default=sql("true"))
    in_digest: Mapped[bool] = mapped_column(server_default=sql("false"))
