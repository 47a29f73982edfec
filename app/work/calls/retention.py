"""Retention of calls and their related records."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists

from app.declarations.retained import Child, Retained
from app.models import WAITING_STATUSES, Call, CallStatus, MissedCallEntry
from app.security.scope import unscoped
from app.work.calls.resource import CALL


def _may_go(_before: datetime) -> Sequence[ColumnElement[bool]]:
    """Return conditions for calls that can be deleted: not active, and no caller waiting to be called back."""
    waits = unscoped(
        exists().where(
            MissedCallEntry.organization_id == Call.organization_id,
            MissedCallEntry.call_id == Call.id,
            MissedCallEntry.status.in_(WAITING_STATUSES),
        ),
        why="the retention sweep covers all rows of the organization",
    )
    return Call.status != CallStatus.ACTIVE, ~waits


CALLS = Retained(
    kind="calls",
    resource=CALL,
    may_go=_may_go,
    files=("audio_url",),
    children=(
        Child("call_note", "call_id"),
        Child("call_transcript", "call_id"),
        Child("call_analysis", "call_id"),
        Child("booking_dispute", "call_id"),
        Child("missed_call_entry", "call_id", (Child("missed_call_attempt", "entry_id"),)),
    ),
)
