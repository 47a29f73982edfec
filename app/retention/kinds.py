"""What goes when its time is over: one declaration a kind, with what belongs to it, in the order in which they go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, exists

from app.models import (
    BookingDispute,
    Call,
    CallAnalysis,
    CallNote,
    CallStatus,
    CallTranscript,
    EntryStatus,
    Export,
    Lead,
    Message,
    MissedCallAttempt,
    MissedCallEntry,
    RecordingPart,
    RecordingSession,
    RecordingStatus,
    WebhookDelivery,
)
from app.retention.rules import RetentionKind

Model: TypeAlias = Any  # a mapped class; its columns differ


@dataclass(frozen=True, slots=True)
class Child:
    """Rows that go with another, whose id stands in `column`; `resource` is what the trail calls them."""

    resource: str
    model: Model
    column: str
    children: tuple["Child", ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of `model` that go once they came before a moment and `may_go` holds; `files` are columns that name one.

    `call` is the column of a recording that names its call, whose audio, transcript and analysis are the recording's.
    """

    kind: RetentionKind
    resource: str
    model: Model
    may_go: Callable[[datetime], Sequence[ColumnElement[bool]]] = lambda _before: ()
    files: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    call: str | None = None


_WORKED_ON = (EntryStatus.OPEN, EntryStatus.CLAIMED)


def _calls_that_may_go(_before: datetime) -> Sequence[ColumnElement[bool]]:
    """None that is going on, and none that somebody is still to call back."""
    waits = exists().where(
        MissedCallEntry.organization_id == Call.organization_id,
        MissedCallEntry.call_id == Call.id,
        MissedCallEntry.status.in_(_WORKED_ON),
    )
    return Call.status != CallStatus.ACTIVE, ~waits


_ATTEMPTS = Child("missed_call_attempt", MissedCallAttempt, "entry_id")

#: What refers to others goes before them. The trail itself goes by months, see `app.retention.sweep`.
KEPT: tuple[Kept, ...] = (
    Kept(RetentionKind.EXPORTS, "export", Export, files=("file_path",)),
    Kept(RetentionKind.MESSAGES, "message", Message),
    Kept(RetentionKind.WEBHOOK_DELIVERIES, "webhook_delivery", WebhookDelivery),
    Kept(
        RetentionKind.RECORDINGS,
        "recording_session",
        RecordingSession,
        lambda _before: (RecordingSession.status != RecordingStatus.RECORDING,),
        files=("storage_key",),
        children=(Child("recording_part", RecordingPart, "session_id"),),
        call="call_id",
    ),
    Kept(
        RetentionKind.MISSED_CALLS,
        "missed_call_entry",
        MissedCallEntry,
        lambda _before: (MissedCallEntry.status.not_in(_WORKED_ON),),
        children=(_ATTEMPTS,),
    ),
    Kept(
        RetentionKind.CALLS,
        "call",
        Call,
        _calls_that_may_go,
        files=("audio_url",),
        children=(
            Child("call_note", CallNote, "call_id"),
            Child("call_transcript", CallTranscript, "call_id"),
            Child("call_analysis", CallAnalysis, "call_id"),
            Child("booking_dispute", BookingDispute, "call_id"),
            Child("missed_call_entry", MissedCallEntry, "call_id", (_ATTEMPTS,)),
        ),
    ),
    # One that somebody has worked on lately is alive, however long it has been here.
    Kept(RetentionKind.LEADS, "lead", Lead, lambda before: (Lead.last_activity_at < before,)),
)
