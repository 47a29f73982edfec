"""Records and inputs of missed calls in the JSON API, and of the attempts to call back."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.audit.reason_rules import MAX_REASON_LENGTH, MIN_REASON_LENGTH
from app.declarations.input import Input, OneOf
from app.declarations.record import Record, Timestamp
from app.models import AttemptBy, AttemptKind, AttemptResult, CallStatus, EntryStatus, RescuedBy


class MissedCallRecord(Record):
    """A person who must be called back; `call_id` is their first missed call, `attempts` the number of attempts.

    `csr_id` is the lead's CSR when the call was missed, `resolved_csr_id` when the entry ended.
    `first_attempt_seconds` is business time. `evidence` says what a rescue was credited for.
    """

    id: UUID
    status: EntryStatus
    call_id: UUID | None
    call_status: CallStatus
    caller_number: str | None
    contact_card_id: Annotated[UUID | None, Field(alias="contactId")]
    contact_name: str | None
    lead_id: UUID | None
    csr_id: UUID | None
    resolved_csr_id: UUID | None
    topic: str | None
    first_missed_at: Timestamp
    sla_due_at: Timestamp
    claimed_by: UUID | None
    claimed_by_name: str | None
    claim_expires_at: Timestamp | None
    attempts: int
    first_attempt_seconds: int | None
    last_attempt_at: Timestamp | None
    next_attempt_at: Timestamp | None
    resolved_at: Timestamp | None
    rescued_by: RescuedBy | None
    rescued_by_user_id: UUID | None
    rescued_by_user_name: str | None
    rescue_call_id: UUID | None
    rescue_appointment_id: UUID | None
    evidence: dict[str, Any]
    outcome_note: str | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class AttemptRecord(Record):
    """An attempt to reach a missed caller, by a call or a text message."""

    id: UUID
    entry_id: Annotated[UUID, Field(alias="missedCallId")]
    kind: AttemptKind
    by: AttemptBy
    at: Timestamp
    result: AttemptResult
    user_id: UUID | None
    user_name: str | None
    call_id: UUID | None
    message_id: UUID | None
    created_at: Timestamp
    updated_at: Timestamp


class AttemptInput(Input):
    """An attempt that a person has just made on a phone of their own."""

    kind: OneOf[AttemptKind] = AttemptKind.CALL
    result: OneOf[AttemptResult]


class DismissInput(Input):
    """The reason why no one needs to call back."""

    reason: Annotated[str, Field(min_length=MIN_REASON_LENGTH, max_length=MAX_REASON_LENGTH)]
