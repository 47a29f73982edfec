"""Data about requests: responses to replay, use of deprecated operations, rows handed out, and refusals."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, tenant_fk, tenant_table

_ONE_CALLER = "num_nonnulls(user_id, api_key_id) = 1"


class IdempotencyKey(TenantRow, Base):
    """Response to a request, stored to be replayed. The caller is a user or an API key.

    It is written in the request's own transaction: first without a response, which makes a second request wait, then
    with it. `request_fingerprint` is the SHA-256 of the request, `body` the bytes as they were sent.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        tenant_fk("api_key_id", "api_keys", "CASCADE"),
        UniqueConstraint(
            "organization_id",
            "user_id",
            "api_key_id",
            "key",
            name="uq_idempotency_keys_caller_key",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(_ONE_CALLER, name="check_idempotency_one_caller"),
        CheckConstraint("key ~ '^[!-~]{1,255}$'", name="check_key_format"),
        CheckConstraint("octet_length(request_fingerprint) = 32", name="check_request_fingerprint"),
        CheckConstraint("status_code BETWEEN 200 AND 499", name="check_status_code_range"),
        Index("idx_idempotency_keys_api_key", "organization_id", "api_key_id"),
        Index("idx_idempotency_keys_user", "organization_id", "user_id"),
        # For the job that deletes expired rows; it runs for each organization.
        Index("idx_idempotency_keys_expiry", "expires_at"),
    )

    key: Mapped[str] = mapped_column(info=holds.SECRET)
    user_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    method: Mapped[str] = mapped_column(info=holds.NOBODY)
    path: Mapped[str] = mapped_column(info=holds.PERSONAL)
    request_fingerprint: Mapped[bytes] = mapped_column(LargeBinary, info=holds.SECRET)
    status_code: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSONB, info=holds.PERSONAL)
    body: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.PERSONAL)
    expires_at: Mapped[datetime]


class DeprecatedCall(TenantRow, Base):
    """Number of a caller's requests to a deprecated operation on one day (UTC).

    `operation` is, for example, `GET /api/v1/rag/query`.
    """

    __tablename__ = "deprecated_calls"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        tenant_fk("api_key_id", "api_keys", "CASCADE"),
        UniqueConstraint(
            "organization_id",
            "user_id",
            "api_key_id",
            "operation",
            "day",
            name="uq_deprecated_calls_caller_operation_day",
            postgresql_nulls_not_distinct=True,
        ),
        length("operation", 200),
        CheckConstraint(_ONE_CALLER, name="check_deprecated_call_one_caller"),
        CheckConstraint("calls >= 1", name="check_calls_positive"),
        Index("idx_deprecated_calls_day", "organization_id", text("day DESC"), "operation"),
        Index("idx_deprecated_calls_api_key", "organization_id", "api_key_id"),
        Index("idx_deprecated_calls_user", "organization_id", "user_id"),
    )

    operation: Mapped[str] = mapped_column(info=holds.NOBODY)
    user_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    day: Mapped[date]
    calls: Mapped[int] = mapped_column(server_default=text("1"))


class ListRead(TenantRow, Base):
    """Number of rows of a resource that lists of the JSON API handed out to a caller in one hour (UTC).

    `resource_type` is the name of the resource, as in the trail; `hour` the beginning of the hour. `recorded_at` is
    when the trail got its entry, after the hour's end.
    """

    __tablename__ = "list_reads"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        tenant_fk("api_key_id", "api_keys", "CASCADE"),
        UniqueConstraint(
            "organization_id",
            "user_id",
            "api_key_id",
            "resource_type",
            "hour",
            name="uq_list_reads_caller_resource_hour",
            postgresql_nulls_not_distinct=True,
        ),
        length("resource_type", 100),
        CheckConstraint(_ONE_CALLER, name="check_list_read_one_caller"),
        CheckConstraint("extract(epoch FROM hour) % 3600 = 0", name="check_hour_begins"),
        CheckConstraint("rows_read >= 1", name="check_rows_read_positive"),
        Index("idx_list_reads_api_key", "organization_id", "api_key_id", "hour"),
        Index("idx_list_reads_hour", "organization_id", "hour"),
        Index("idx_list_reads_unrecorded", "organization_id", "hour", postgresql_where=text("recorded_at IS NULL")),
    )

    user_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    resource_type: Mapped[str] = mapped_column(info=holds.NOBODY)
    hour: Mapped[datetime]
    rows_read: Mapped[int]
    recorded_at: Mapped[datetime | None]


class RefusedRequest(TenantRow, Base):
    """Number of a caller's requests that were refused for lack of a permission, by route and hour (UTC).

    The caller is a user, platform staff or an API key. `route` has its method in front. The trail has an entry of the
    first request, `entry_id`; after the hour's end it gets one with their number, and the row is deleted.
    """

    __tablename__ = "refused_requests"
    __table_args__ = tenant_table(
        UniqueConstraint("organization_id", "caller_id", "route", "hour", name="uq_refused_requests_caller_route_hour"),
        length("route", 300),
        CheckConstraint("extract(epoch FROM hour) % 3600 = 0", name="check_hour_begins"),
        CheckConstraint("requests >= 1", name="check_requests_positive"),
        Index("idx_refused_requests_hour", "organization_id", "hour"),
    )

    caller_id: Mapped[UUID]
    route: Mapped[str] = mapped_column(info=holds.NOBODY)
    hour: Mapped[datetime]
    entry_id: Mapped[UUID | None]
    requests: Mapped[int] = mapped_column(server_default=text("1"))
