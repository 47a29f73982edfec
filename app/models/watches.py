"""Watches: changes that owners and admins of an organization are alerted to."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, TenantRow, one_of, tenant_table


class Watch(StrEnum):
    """A watched change; `organizations.watch_<value>` is whether it is on."""

    NEW_OWNERS = "new_owners"
    LARGE_EXPORTS = "large_exports"
    SENSITIVE_GRANTS = "sensitive_grants"


class WatchAlerts(TenantRow, Base):
    """The alerts of a watch that wait for its next email, and when the last one was written.

    The row is locked while an alert is counted and while the email is written, so that each alert is in one email.
    """

    __tablename__ = "watch_alerts"
    __table_args__ = tenant_table(
        one_of("watch", Watch),
        CheckConstraint("waiting >= 0", name="check_waiting_not_negative"),
        UniqueConstraint("organization_id", "watch", name="uq_watch_alerts_watch"),
    )

    watch: Mapped[str]
    waiting: Mapped[int] = mapped_column(server_default=sql("0"))
    mailed_at: Mapped[datetime | None]
