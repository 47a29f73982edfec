"""Records of the audit trail and of its verification in the JSON API."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from app.declarations.record import BackgroundRecord, Progress, Record, Timestamp
from app.models import AuditSource, JobStatus


class AuditRecord(Record):
    """An entry of the trail: a changed record or an event.

    `before` and `after` have the changed columns, and `metadata` more facts, under their names in the database. Where
    the values are closed to the reader, `before` and `after` are None.
    """

    id: UUID
    organization_id: UUID
    user_id: UUID | None
    actor_label: str
    actor_role: str | None
    source: AuditSource
    action: str
    resource_type: str
    resource_id: UUID | None
    resource_label: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    details: dict[str, Any] = Field(alias="metadata")
    ip_address: str | None
    user_agent: str | None
    request_id: str | None
    correlation_id: str | None
    operation_id: UUID
    redacted_at: Timestamp | None = Field(alias="erasedAt")
    created_at: Timestamp


class VerificationResult(Record):
    """The result of the last verification that ended: how much was checked, and the damage, if any.

    With a `finding` other than `row_backdated`, the numbers show how far the verification got; `message` is the finding
    as a sentence, `seal` the number of the seal that reveals it, and `wrong_entry_id` the first entry that is wrong.
    """

    entry_id: UUID
    at: Timestamp
    by: str
    seals: int
    entries: int
    unsealed: int
    finding: str | None
    message: str | None
    seal: int | None
    wrong_entry_id: UUID | None


class SealsRecord(Record):
    """The extent of the chain of seals; `waiting` counts the entries that are not sealed yet, up to 10,000."""

    number: int
    newest_at: Timestamp | None
    waiting: int
    waiting_since: Timestamp | None


class VerificationRecord(BackgroundRecord):
    """The state of verifying the trail; `status` is None if it was never requested."""

    RUNNING: ClassVar[frozenset[str]] = frozenset({JobStatus.WAITING, JobStatus.RUNNING})

    status: JobStatus | None
    requested_at: Timestamp | None
    progress: Progress | None
    error: str | None
    finished_at: Timestamp | None
    last: VerificationResult | None
    seals: SealsRecord
