"""Queries for tasks that are due, and for the audio that they are about."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.models import Call, Consent, ProviderTask, RecordingSession, RecordingStatus
from app.security.rows import held
from app.security.scope import unscoped
from app.storage import is_key
from app.work.analyses.result_queries import is_call_left
from app.work.analyses.task_rules import KINDS, MIN_SECONDS, RECORDING_SUBJECT


def lock_due(organization_id: UUID, now: datetime) -> ProviderTask | None:
    """Return the task at Shunya that has been due longest, locked, or None."""
    due = unscoped(select(ProviderTask), why="the worker works on the tasks of the organization").where(
        ProviderTask.organization_id == organization_id,
        ProviderTask.next_attempt_at <= now,
        ProviderTask.kind.in_(KINDS),
    )
    in_order = due.order_by(ProviderTask.next_attempt_at, ProviderTask.id).limit(1)
    task: ProviderTask | None = db.session.scalar(held(in_order))
    return task


def lock(organization_id: UUID, row_id: UUID) -> ProviderTask | None:
    """Return a task, locked, or None."""
    tasks = unscoped(select(ProviderTask), why="the worker works on the tasks of the organization").where(
        ProviderTask.organization_id == organization_id, ProviderTask.id == row_id
    )
    task: ProviderTask | None = db.session.scalar(held(tasks))
    return task


def find_audio(task: ProviderTask) -> str | None:
    """Return the storage key of a task's audio.

    None if it may not or can no longer be sent: it was removed or is too short, the recording was deleted or made
    without consent, or the contact was erased.
    """
    key, call_id = _find_recording(task) if task.subject_type == RECORDING_SUBJECT else _find_call(task)
    if key is None or call_id is None or not is_key(key) or not is_call_left(task.organization_id, call_id):
        return None
    return key


def _find_recording(task: ProviderTask) -> tuple[str | None, UUID | None]:
    recordings = unscoped(
        select(RecordingSession.storage_key, RecordingSession.call_id),
        why="the worker sends the recordings of the organization",
    ).where(
        RecordingSession.organization_id == task.organization_id,
        RecordingSession.id == task.subject_id,
        RecordingSession.status == RecordingStatus.READY,
        RecordingSession.consent == Consent.GIVEN,
        RecordingSession.call_id.is_not(None),
    )
    row = db.session.execute(recordings).one_or_none()
    return (None, None) if row is None else (row.storage_key, row.call_id)


def _find_call(task: ProviderTask) -> tuple[str | None, UUID | None]:
    calls = unscoped(
        select(Call.audio_url, Call.id),
        why="the worker sends the recordings of the organization",
    ).where(
        Call.organization_id == task.organization_id,
        Call.id == task.subject_id,
        Call.duration_seconds >= MIN_SECONDS,
    )
    row = db.session.execute(calls).one_or_none()
    return (None, None) if row is None else (row.audio_url, row.id)
