"""Users, and the permissions granted to them in addition to their role."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    func,
    literal_column,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
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
    tenant_fk,
    tenant_table,
)
from app.models.organizations import Language


class Role(StrEnum):
    """Roles of users; the number `rank` decides who can change whom."""

    CSR = "csr"
    SALES_REP = "sales_rep"
    SUPPORT = "support"
    MANAGER = "manager"
    EXEC = "exec"
    ADMIN = "admin"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {
    Role.CSR: 10,
    Role.SALES_REP: 10,
    Role.SUPPORT: 20,
    Role.MANAGER: 30,
    Role.EXEC: 40,
    Role.ADMIN: 50,
    Role.OWNER: 60,
}


class UserStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    COMPACT = "compact"
    COMFORTABLE = "comfortable"


def _rank_of(role: str) -> str:
    return _case(role, *(f"WHEN '{one}' THEN {one.rank}" for one in Role), "ELSE NULL")


def _seen(at: str) -> str:
    # Not coalesce(), because the database does not treat it as leakproof.
    return _case("", f"WHEN {at} IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz", f"ELSE {at}")


def _case(subject: str, *lines: str) -> str:
    """Return a CASE expression as the database formats it, so that indexes and models can be compared."""
    return "\n".join(("(", f"CASE {subject}".strip(), *(f"    {line}" for line in lines), "END)"))


#: Rank and last activity of a user (1970 if never), written like the expressions of their indexes.
RANK = literal_column(_rank_of("users.role"), Integer)
SEEN = literal_column(_seen("users.last_seen_at"), DateTime(timezone=True))


def _lists_of_people() -> Iterator[Index]:
    """Yield an index for each sort or filter of users; each ends with the id, which keyset paging needs."""
    for name, columns, more in (
        ("name", ("name_key",), ""),
        ("email_key", ("email_key",), ""),
        ("organization_role", ("role", "name_key"), ""),
        ("status_name", ("status", "name_key"), ""),
        ("manager_name", ("manager_id", "name_key"), ""),
        ("rank", (text(_rank_of("role")),), ""),
        ("seen", (text(_seen("last_seen_at")),), ""),
        ("without_factor", ("name_key",), " AND mfa_secret IS NULL"),
        ("never_seen", ("name_key",), " AND last_seen_at IS NULL"),
    ):
        live = text(f"deleted_at IS NULL{more}")
        yield Index(f"idx_users_{name}", "organization_id", *columns, "id", postgresql_where=live)


class User(TenantRow, Versioned, SoftDeleted, Base):
    """A user of one organization; without `password_hash`, they can't sign in.

    `name_key` and `email_key` are for conditions: under row-level security, a condition can use an index if it compares
    columns, but not if it calls `lower()`.

    `avatar_key` is the key of a stored file; `avatar_url` is unused and will be removed in the next breaking release.

    `working_hours` have the same format as the organization's (app/business_hours.py); if None, those apply.

    `start_page` is the path of the page that they chose to see after signing in; if None, it is that of their role.

    `notification_choices` are the selected notification channels, only for the kinds that the user has changed.

    `mfa_secret` is encrypted; if it is set, sign-in requires a code. `mfa_last_step` is the time step of the last one.
    `second_factor_reminded_at` is when an admin last reminded a person to set it up, which they can do once a day.
    """

    #: Columns written when signing in; setting a new password also changes `password_changed_at`.
    unversioned = frozenset(
        {"last_seen_at", "mfa_last_step", "email_verified_at", "password_hash", "calendar_feed_hash"}
    )

    __tablename__ = "users"
    __table_args__ = tenant_table(
        tenant_fk("manager_id", "users"),
        *soft_delete_constraints("users"),
        length("email", 254, 3),
        CheckConstraint(r"email ~ '^[^\s@]+@[^\s@]+$'", name="check_email_format"),
        length("name", 100, 2),
        length("deactivation_reason", 500, 3),
        length("suspension_reason", 500, 3),
        CheckConstraint(
            "status = 'suspended' OR num_nonnulls(suspended_until, suspension_reason) = 0", name="check_suspended"
        ),
        e164("phone"),
        CheckConstraint("manager_id <> id", name="check_not_own_manager"),
        CheckConstraint(
            "jsonb_typeof(notification_choices) = 'object'"
            """ AND NOT jsonb_path_exists(notification_choices, 'strict $.* ? (@.type() != "array")')"""
            ' AND NOT jsonb_path_exists(notification_choices, \'strict $.*[*] ? (@.type() != "string"'
            """ || (@ != "page" && @ != "mail" && @ != "digest"))')""",
            name="check_notification_choices",
        ),
        CheckConstraint(
            "working_hours IS NULL OR are_business_hours(working_hours) AND working_hours <> '{}'",
            name="check_working_hours",
        ),
        one_of("role", Role),
        one_of("status", UserStatus),
        one_of("language", Language),
        one_of("theme", Theme),
        one_of("density", Density),
        CheckConstraint("start_page ~ '^/[a-z/-]{1,60}$'", name="check_start_page"),
        Index(
            "idx_users_email_org",
            "organization_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # Across organizations, because signing in starts with only an address.
        Index("idx_users_email", text("lower(email)"), postgresql_where=text("deleted_at IS NULL")),
        *_lists_of_people(),
        Index(
            "idx_users_calendar_feed",
            "organization_id",
            "calendar_feed_hash",
            postgresql_where=text("calendar_feed_hash IS NOT NULL"),
        ),
        # For the number of occupied seats; a suspended user still occupies one.
        Index(
            "idx_users_seats", "organization_id", postgresql_where=text("deleted_at IS NULL AND status <> 'inactive'")
        ),
        Index(
            "idx_users_suspended", "organization_id", "suspended_until", postgresql_where=text("status = 'suspended'")
        ),
        Index("idx_users_manager", "organization_id", "manager_id"),
        # Search by words that differ by a letter; used by the database function `people_misspelt`.
        Index(
            "idx_users_misspelt",
            text("search_misspelt(organization_id, ARRAY[name], false)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # Search by parts of names and words of addresses; used by the database function `people_found`.
        Index(
            "idx_users_search",
            text("search_parts(organization_id, ARRAY[name], ARRAY[email], ''::text)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_users_last_seen", "organization_id", "last_seen_at", postgresql_where=text("is_active")),
        Index("idx_users_deleted", "organization_id", "is_deleted"),
    )

    email: Mapped[str] = mapped_column(info=holds.STAFF)
    name: Mapped[str] = mapped_column(info=holds.STAFF)
    name_key: Mapped[str] = mapped_column(Computed("lower(name)", persisted=True))
    email_key: Mapped[str] = mapped_column(Computed("lower(email)", persisted=True))
    avatar_url: Mapped[str | None] = mapped_column(info=holds.STAFF)
    avatar_key: Mapped[str | None] = mapped_column(info=holds.STAFF)
    role: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=UserStatus.ACTIVE)
    is_active: Mapped[bool] = mapped_column(Boolean, Computed("status = 'active'", persisted=True))
    language: Mapped[str] = mapped_column(server_default=Language.ENGLISH)
    #: The app writes it but can't read it; see `app.security.password_queries`.
    password_hash: Mapped[str | None] = mapped_column(deferred=True, info=holds.SECRET)
    mfa_secret: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.SECRET)
    calendar_feed_hash: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, info=holds.SECRET)
    mfa_last_step: Mapped[int | None] = mapped_column(BigInteger)
    second_factor_reminded_at: Mapped[datetime | None]
    manager_id: Mapped[UUID | None]
    working_hours: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), info=holds.NOBODY)
    phone: Mapped[str | None] = mapped_column(info=holds.STAFF)
    last_seen_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]
    deactivation_reason: Mapped[str | None] = mapped_column(info=holds.STAFF)
    suspended_until: Mapped[datetime | None]
    suspension_reason: Mapped[str | None] = mapped_column(info=holds.STAFF)
    email_verified_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]
    theme: Mapped[str | None]
    density: Mapped[str | None]
    shortcuts_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    start_page: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    notification_choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)


class UserPermission(TenantRow, Base):
    """A permission granted to a user in addition to the role, valid under `GRANT_COUNTS` until it expires."""

    __tablename__ = "user_permissions"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        tenant_fk("granted_by", "users"),
        UniqueConstraint("organization_id", "user_id", "permission", name="uq_user_permissions_user_permission"),
        CheckConstraint("permission ~ '^[a-z_]+:[a-z_]+$'", name="check_permission_format"),
        length("reason", 500, 3),
        CheckConstraint("expires_at > created_at", name="check_grant_ends_later"),
        Index(
            "idx_user_permissions_ending",
            "organization_id",
            "expires_at",
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
    )

    user_id: Mapped[UUID]
    permission: Mapped[str] = mapped_column(info=holds.NOBODY)
    granted_by: Mapped[UUID | None]
    granted_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    reason: Mapped[str | None] = mapped_column(info=holds.STAFF)
    expires_at: Mapped[datetime | None]


#: Condition for a grant that is currently valid; code that reads permissions must use it.
GRANT_COUNTS = or_(UserPermission.expires_at.is_(None), UserPermission.expires_at > func.now())

#: Condition for a user who occupies a seat of the plan: everyone except those who have left.
TAKES_A_SEAT = User.status != UserStatus.INACTIVE
