"""Sign-in data: sessions, attempts to sign in, known browsers, and password links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, tenant_fk, tenant_table


class UserSession(TenantRow, Base):
    """A signed-in browser or API client; only the hash of its token is stored.

    `client_id` is the name that an API client gave itself. Its session lasts as long as its refresh tokens, whereas
    `expires_at` is the end of its current access token.
    `entered_*` record which organization a member of the platform's staff has entered, and why; entries of the trail
    name this visit by `entered_visit_id`. `viewing_*` record the person whose pages an admin views. If that person is
    purged, `viewing_since` remains, so that the end of the view is recorded and reported.
    """

    __tablename__ = "user_sessions"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        UniqueConstraint("organization_id", "token_hash", name="uq_user_sessions_token_hash"),
        ForeignKeyConstraint(["entered_organization_id"], ["organizations.id"], ondelete="SET NULL"),
        tenant_fk("viewing_user_id", "users"),
        CheckConstraint("client_id ~ '^[!-~]{1,100}$'", name="check_client_id"),
        length("user_agent", 400, 0),
        length("entered_reason", 500, 3),
        CheckConstraint(
            "entered_organization_id IS NULL OR (entered_at IS NOT NULL AND entered_reason IS NOT NULL)",
            name="check_entered_with_reason",
        ),
        CheckConstraint(
            "entered_visit_id IS NULL OR (entered_at IS NOT NULL AND entered_reason IS NOT NULL)",
            name="check_visit_with_reason",
        ),
        length("viewing_reason", 500, 3),
        CheckConstraint(
            "viewing_user_id IS NULL OR (viewing_since IS NOT NULL AND viewing_reason IS NOT NULL)",
            name="check_viewing_with_reason",
        ),
        CheckConstraint("viewing_user_id <> user_id", name="check_viewing_another"),
        CheckConstraint("viewing_since IS NULL OR entered_organization_id IS NULL", name="check_viewing_at_home"),
        Index("idx_user_sessions_user", "organization_id", "user_id", "expires_at"),
        Index("idx_user_sessions_expiry", "expires_at"),
    )

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    client_id: Mapped[str | None] = mapped_column(info=holds.STAFF)
    ip_address: Mapped[str | None] = mapped_column(INET, info=holds.STAFF)
    user_agent: Mapped[str | None] = mapped_column(info=holds.STAFF)
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(info=holds.STAFF)
    mfa_passed_at: Mapped[datetime | None]
    #: When the person last proved with a password or a code that it is them; NULL in sessions from before this column.
    confirmed_at: Mapped[datetime | None]
    entered_organization_id: Mapped[UUID | None]
    entered_at: Mapped[datetime | None]
    entered_reason: Mapped[str | None] = mapped_column(info=holds.STAFF)
    entered_visit_id: Mapped[UUID | None]
    viewing_user_id: Mapped[UUID | None]
    viewing_since: Mapped[datetime | None]
    viewing_reason: Mapped[str | None] = mapped_column(info=holds.STAFF)


class RecordView(TenantRow, Base):
    """A record that someone opened while viewing as another person, once per record and viewing.

    A viewing is identified by its session and its start.
    """

    __tablename__ = "record_views"
    __table_args__ = tenant_table(
        tenant_fk("session_id", "user_sessions", "CASCADE"),
        UniqueConstraint(
            "organization_id",
            "session_id",
            "viewing_since",
            "resource_type",
            "resource_id",
            name="uq_record_views_record",
        ),
    )

    session_id: Mapped[UUID]
    viewing_since: Mapped[datetime]
    resource_type: Mapped[str] = mapped_column(info=holds.NOBODY)
    resource_id: Mapped[UUID]


class LoginAttempt(TenantRow, Base):
    """An attempt to sign in to an existing account.

    Attempts for unknown addresses are only counted (see rate limits).
    """

    __tablename__ = "login_attempts"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        Index("idx_login_attempts_user", "organization_id", "user_id", "created_at"),
        Index("idx_login_attempts_failed", "organization_id", "created_at", postgresql_where=text("NOT succeeded")),
    )

    user_id: Mapped[UUID]
    succeeded: Mapped[bool]
    ip_address: Mapped[str | None] = mapped_column(INET, info=holds.STAFF)
    user_agent: Mapped[str | None] = mapped_column(info=holds.STAFF)


class KnownDevice(TenantRow, Base):
    """A browser that has signed in to this account before; only the hash of its token is stored.

    The token grants no access. It gives the browser its own limit of password attempts, which strangers can't use up.
    """

    __tablename__ = "known_devices"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        UniqueConstraint("organization_id", "token_hash", name="uq_known_devices_token_hash"),
        Index("idx_known_devices_user", "organization_id", "user_id"),
    )

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    expires_at: Mapped[datetime]


class PasswordReset(TenantRow, Base):
    """A one-time link for setting a password; only the hash of its token is stored."""

    __tablename__ = "password_resets"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        UniqueConstraint("organization_id", "token_hash", name="uq_password_resets_token_hash"),
        Index("idx_password_resets_user", "organization_id", "user_id"),
    )

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
