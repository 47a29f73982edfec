"""An imported call, as read from a file."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.data.imports.record_rules import EarlierForm, RowError
from app.models.calls import CallOutcome, CallStatus, HandledBy


class CallRecord(NamedTuple):
    """One call. Times are timezone-aware and in UTC.

    `agent` is the name or email address as in the file. For the fingerprints and the earlier IDs see
    `record_rules.with_fingerprint`. `fields` are the resource's fields that need no rule, by name. Values missing from
    the file are None.
    """

    line: int
    fingerprint: bytes
    earlier_fingerprint: bytes | None
    earlier_ids: tuple[str, ...]
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
    waited_seconds: int | None
    outcome: CallOutcome | None
    call_quality: int | None
    caller_number: str | None
    called_number: str | None
    cost: Decimal | None
    tags: tuple[str, ...]
    value: Decimal | None
    note: str | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]


#: Form of the fingerprints of earlier releases. Must never change, because rows are stored with it.
EARLIER = EarlierForm(
    positional=(
        "external_source", "external_id", "agent", "direction", "call_type", "status", "handled_by", "started_at",
        "answered_at", "ended_at", "duration_seconds", "outcome", "booking_status", "call_quality", "caller_number",
        "called_number", "topic", "sentiment", "cost",
    ),
    added=frozenset({"waited_seconds", "marketing_source", "tags", "value", "note"}),
    cents=("cost",),
)  # fmt: skip
