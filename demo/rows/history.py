"""Traces of the company's past besides its records: deletion batches, audit trail entries and sign-in attempts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from app.models.calls import RecordSource
from app.security.permissions import Role
from demo.rows.base import TenantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow(TenantRow):
    """A batch of records deleted together."""

    table: ClassVar[str] = "deletion_batches"
    deleted_by: UUID
    deleted_by_label: str
    reason: str | None
    root_type: str
    root_id: UUID
    root_label: str
    counts: dict[str, int]
    purge_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow(TenantRow):
    """An entry of the audit trail; the loader adds the columns that seals are computed from."""

    table: ClassVar[str] = "audit_logs"
    user_id: UUID | None
    actor_label: str
    actor_role: Role | None
    source: RecordSource
    action: str
    resource_type: str
    resource_id: UUID | None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    ip_address: str | None
    user_agent: str | None
    operation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRow(TenantRow):
    """An attempt to sign in."""

    table: ClassVar[str] = "login_attempts"
    user_id: UUID
    succeeded: bool
    ip_address: str | None
    user_agent: str | None
