"""Organizations, their usage, and the settings of the installation."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.ids import uuid7
from app.models import holds
from app.models.base import Base, SoftDeleted, TenantRow, Timestamps, Versioned, length, one_of, tenant_table

RESERVED_SLUGS = (
    "admin", "api", "www", "support", "billing", "status", "help", "docs", "blog", "mail", "ftp", "localhost",
    "dashboard", "app", "auth", "login", "signup", "register",
)  # fmt: skip


class OrganizationStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Language(StrEnum):
    ENGLISH = "en"
    RUSSIAN = "ru"
    UZBEK = "uz"


class WeekStart(StrEnum):
    MONDAY = "monday"
    SUNDAY = "sunday"


class Organization(Timestamps, Versioned, SoftDeleted, Base):
    """A company that uses the app: the tenant to which every row with its `organization_id` belongs."""

    unversioned = frozenset({"deleted_before"})

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("slug", name="uq_organizations_slug"),
        length("name", 100, 2, name="check_org_name_length"),
        length("slug", 50, 2, name="check_slug_length"),
        length("legal_hold_reason", 500, 3),
        length("suspension_reason", 500, 3),
        CheckConstraint(
            "status = 'suspended' OR num_nonnulls(suspended_at, suspension_reason) = 0", name="check_suspended"
        ),
        CheckConstraint(r"slug ~ '^[a-z0-9]+(?:-[a-z0-9]+)*$'", name="check_slug_format"),
        CheckConstraint(f"slug NOT IN {RESERVED_SLUGS!r}", name="check_slug_reserved"),
        CheckConstraint(r"billing_email ~ '^[^\s@]+@[^\s@]+\.[^\s@]+$'", name="check_billing_email"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="check_org_country"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="check_org_currency"),
        # Days by kind.
        CheckConstraint(
            "jsonb_typeof(retention_days) = 'object' AND NOT "
            "jsonb_path_exists(retention_days, 'strict $.* ? (@.type() != \"number\" || @ < 1)')",
            name="check_retention_days",
        ),
        CheckConstraint(
            "NOT jsonb_path_exists(retention_days, '$ ? (@.calls < 90 || @.audit < 365)')",
            name="check_retention_minimum",
        ),
        # Only some kinds, each with a shorter period than the current one.
        CheckConstraint(
            "jsonb_typeof(pending_retention) = 'object' AND NOT "
            "jsonb_path_exists(pending_retention, 'strict $.* ? (@.type() != \"number\" || @ < 1)') AND NOT "
            "jsonb_path_exists(pending_retention, '$ ? (@.calls < 90 || @.audit < 365)')",
            name="check_pending_retention",
        ),
        CheckConstraint(
            "(pending_retention IS NULL) = (pending_retention_at IS NULL)", name="check_pending_retention_at"
        ),
        CheckConstraint("are_business_hours(business_hours)", name="check_business_hours"),
        CheckConstraint("appointment_minutes BETWEEN 15 AND 480", name="check_appointment_minutes"),
        CheckConstraint("travel_minutes BETWEEN 0 AND 240", name="check_travel_minutes"),
        CheckConstraint("rescue_window_days BETWEEN 1 AND 90", name="check_rescue_window_days"),
        CheckConstraint("missed_call_sla_minutes BETWEEN 1 AND 1440", name="check_missed_call_sla_minutes"),
        CheckConstraint("trash_days BETWEEN 1 AND 365", name="check_trash_days"),
        CheckConstraint("report_weekday BETWEEN 1 AND 7", name="check_report_weekday"),
        CheckConstraint("report_hour BETWEEN 0 AND 23", name="check_report_hour"),
        CheckConstraint("call_minutes_quota >= 0", name="check_call_minutes_quota"),
        CheckConstraint("team_members_quota >= 0", name="check_team_members_quota"),
        CheckConstraint("phone_numbers_quota >= 0", name="check_phone_numbers_quota"),
        CheckConstraint("storage_quota_bytes >= 0", name="check_storage_quota_bytes"),
        one_of("status", OrganizationStatus),
        one_of("language", Language),
        one_of("week_start", WeekStart),
        Index("idx_organizations_deleted", "is_deleted"),
        Index("uq_organizations_webhook_key", "webhook_key", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)
    name: Mapped[str] = mapped_column(info=holds.NOBODY)
    slug: Mapped[str] = mapped_column(info=holds.NOBODY)
    timezone: Mapped[str] = mapped_column(server_default="America/New_York", info=holds.NOBODY)
    country: Mapped[str] = mapped_column(server_default="US", info=holds.NOBODY)
    currency: Mapped[str] = mapped_column(server_default="USD", info=holds.NOBODY)
    language: Mapped[str] = mapped_column(server_default=Language.ENGLISH)
    week_start: Mapped[str] = mapped_column(server_default=WeekStart.MONDAY)
    status: Mapped[str] = mapped_column(server_default=OrganizationStatus.ACTIVE)
    suspended_at: Mapped[datetime | None]
    suspension_reason: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    require_mfa: Mapped[bool] = mapped_column(server_default=text("false"))
    business_hours: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    billing_email: Mapped[str | None] = mapped_column(info=holds.STAFF)
    call_minutes_quota: Mapped[int] = mapped_column(server_default=text("1000"))
    team_members_quota: Mapped[int] = mapped_column(server_default=text("25"))
    phone_numbers_quota: Mapped[int] = mapped_column(server_default=text("5"))
    storage_quota_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("10737418240"))
    retention_days: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    pending_retention: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), info=holds.NOBODY)
    pending_retention_at: Mapped[datetime | None]
    #: By kind, the time before which records have been deleted for their age.
    deleted_before: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    legal_hold: Mapped[bool] = mapped_column(server_default=text("false"))
    legal_hold_reason: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    rescue_window_days: Mapped[int] = mapped_column(server_default=text("7"))
    missed_call_sla_minutes: Mapped[int] = mapped_column(server_default=text("15"))
    trash_days: Mapped[int] = mapped_column(server_default=text("30"))
    appointment_minutes: Mapped[int] = mapped_column(server_default=text("90"))
    travel_minutes: Mapped[int] = mapped_column(server_default=text("30"))
    webhook_key: Mapped[str] = mapped_column(info=holds.SECRET)
    dashboard_settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    #: Time of the weekly report in the organization's time zone; Monday is 1.
    report_weekday: Mapped[int] = mapped_column(server_default=text("1"))
    report_hour: Mapped[int] = mapped_column(server_default=text("9"))
    #: Whether owners and admins are alerted; see `Watch`.
    watch_new_owners: Mapped[bool] = mapped_column(server_default=text("true"))
    watch_large_exports: Mapped[bool] = mapped_column(server_default=text("true"))
    watch_sensitive_grants: Mapped[bool] = mapped_column(server_default=text("true"))
    #: Whether all data is exported on the first day of each month.
    monthly_export: Mapped[bool] = mapped_column(server_default=text("false"))
    #: True if the setup checklist is hidden on its page.
    setup_hidden: Mapped[bool] = mapped_column(server_default=text("false"))


class OrganizationUsage(TenantRow, Base):
    """Usage of an organization in its billing period; a separate table because it is updated often."""

    __tablename__ = "organization_usage"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", name="uq_organization_usage_organization_id"),
        CheckConstraint("used_minutes >= 0 AND used_storage_bytes >= 0", name="check_usage_not_negative"),
    )

    used_minutes: Mapped[int] = mapped_column(server_default=text("0"))
    used_storage_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    quota_warning_80_sent: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.NOBODY)
    quota_warning_90_sent: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.NOBODY)
    quota_warning_100_sent: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.NOBODY)


class SystemSettings(Base):
    """Settings of the installation, in one row that the app's database role can only read.

    They are the schema version (maintained by migrations), the maintenance window, the platform's own organization, and
    the time when all caches were last reset.
    """

    __tablename__ = "system_settings"
    __table_args__ = (
        CheckConstraint("only_row", name="check_only_row"),
        ForeignKeyConstraint(["platform_organization_id"], ["organizations.id"], ondelete="RESTRICT"),
    )

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    schema_version: Mapped[str]
    maintenance_on: Mapped[bool] = mapped_column(server_default=text("false"))
    maintenance_until: Mapped[datetime | None]
    platform_organization_id: Mapped[UUID | None]
    caches_reset_at: Mapped[datetime | None]
