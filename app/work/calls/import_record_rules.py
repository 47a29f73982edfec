"""A call as a file says it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.data.imports.record_rules import RowError
from app.models.calls import CallOutcome, CallStatus, HandledBy


class CallRecord(NamedTuple):
    """One call. Times are aware and in UTC; `agent` is the name or address as the file has it.

    For the fingerprints and the earlier id see `record_rules.with_fingerprint`. `fields` are those of the resource
    that are read by their declaration alone, by name. What the file does not have is None.
    """

    line: int
    fingerprint: bytes
    earlier_fingerprint: bytes | None
    earlier_id: str | None
    external_source: str
    external_id: str
    agent: str | None
    status: CallStatus
    handled_by: HandledBy
    started_at: datetime
    answered_at: datetime | None
    is_wait_unknown: bool
    ended_at: datetime | None
    duration_seconds: int | None
    outcome: CallOutcome | None
    call_quality: int | None
    caller_number: str | None
    called_number: str | None
    cost: Decimal | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]


#: What a fingerprint was made of when it went by position. Never to be changed: rows are stored under it.
EARLIER_FIELDS = (
    "external_source", "external_id", "agent", "direction", "call_type", "status", "handled_by", "started_at",
    "answered_at", "ended_at", "duration_seconds", "outcome", "booking_status", "call_quality", "caller_number",
    "called_number", "topic", "sentiment", "cost",
)  # fmt: skip
