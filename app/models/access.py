"""Authentication and onboarding: recovery codes, tokens, API keys, invitations and platform staff."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, INET
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, length, one_of, tenant_fk, tenant_table
from app.models.users import Role


class RecoveryCode(TenantRow, Base):
    """One-time replacement for a two-factor code, stored only as a keyed hash."""

    __tablename__ = "mfa_recovery_codes"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        UniqueConstraint("organization_id", "user_id", "code_hash", name="uq_mfa_recovery_codes_code_hash"),
    )

    user_id: Mapped[UUID]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    used_at: Mapped[datetime | None]


class RefreshToken(TenantRow, Base):
    """One-time token for a new access token of a session; at most one of its session's tokens is still good.

    `family_id` groups the tokens of one sign-in. Used and revoked tokens are kept, so that a copy is noticed.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        tenant_fk("session_id", "user_sessions", "CASCADE"),
        UniqueConstraint("organization_id", "token_hash", name="uq_refresh_tokens_token_hash"),
        Index(
            "uq_refresh_tokens_unused",
            "organization_id",
            "session_id",
            unique=True,
            postgresql_where=text("used_at IS NULL AND revoked_at IS NULL"),
        ),
        Index("idx_refresh_tokens_session", "organization_id", "session_id"),
        Index("idx_refresh_tokens_family", "organization_id", "family_id"),
        Index("idx_refresh_tokens_user", "organization_id", "user_id"),
    )

    user_id: Mapped[UUID]
    session_id: Mapped[UUID]
    family_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiKey(TenantRow, Versioned, Base):
    """Credential of a program, with the permissions selected for it; `prefix` lets people recognize it."""

    unversioned = frozenset({"last_used_at", "last_used_ip", "last_used_operation"})

    __tablename__ = "api_keys"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "users"),
        UniqueConstraint("organization_id", "key_hash", name="uq_api_keys_key_hash"),
        length("name", 100, 2),
        length("last_used_operation", 300),
        CheckConstraint("cardinality(permissions) BETWEEN 1 AND 100", name="check_api_key_permissions"),
        Index("idx_api_keys_date", "organization_id", text("created_at DESC"), text("id DESC")),
    )

    name: Mapped[str] = mapped_column(info=holds.NOBODY)
    prefix: Mapped[str] = mapped_column(info=holds.SECRET)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text), info=holds.NOBODY)
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_ip: Mapped[str | None] = mapped_column(INET, info=holds.STAFF)
    #: Method and route of the last request that was noted, such as "GET /api/v1/calls".
    last_used_operation: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    revoked_at: Mapped[datetime | None]


class ApiKeyState(StrEnum):
    """State of an API key; derived from its timestamps, not stored."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Invitation(TenantRow, Base):
    """Invitation link for a new user with a role; only the hash of its token is stored."""

    __tablename__ = "invitations"
    __table_args__ = tenant_table(
        tenant_fk("invited_by", "users"),
        tenant_fk("user_id", "users"),
        UniqueConstraint("organization_id", "token_hash", name="uq_invitations_token_hash"),
        length("email", 254, 3),
        length("name", 100, 2),
        one_of("role", Role),
        CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="check_accepted_or_revoked"),
        Index(
            "uq_invitations_open_email",
            "organization_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        Index("idx_invitations_date", "organization_id", text("created_at DESC"), text("id DESC")),
    )

    email: Mapped[str] = mapped_column(info=holds.STAFF)
    name: Mapped[str | None] = mapped_column(info=holds.STAFF)
    role: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    invited_by: Mapped[UUID | None]
    invited_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    #: The user who accepted the invitation.
    user_id: Mapped[UUID | None]


class InvitationState(StrEnum):
    """State of an invitation; derived from its timestamps, not stored."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class StaffRole(StrEnum):
    """Role of platform staff inside an organization.

    It has the permissions of the role of the same name, and additional ones (`app.security.matrix`).
    """

    SUPPORT = "support"
    ADMIN = "admin"


class PlatformStaff(TenantRow, Base):
    """User of the platform's own organization who can enter others; read-only for the app's database role."""

    __tablename__ = "platform_staff"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        UniqueConstraint("organization_id", "user_id", name="uq_platform_staff_user_id"),
        one_of("role", StaffRole),
    )

    user_id: Mapped[UUID]
    role: Mapped[str]
