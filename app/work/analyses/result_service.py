"""Storage of results of Shunya, delivered or fetched, each once (docs/webhooks.md)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.data.imports.staging_service import staged
from app.declarations.delivery import Effect
from app.errors import FieldError, ValidationFailed
from app.extensions import db
from app.models import Organization, ProviderTask, ProviderTaskStatus, RecordingSession
from app.work.analyses.result_queries import (
    is_call_left,
    is_last_analysed,
    list_facts_of_people,
    lock_contact,
    lock_recording,
)
from app.work.analyses.result_rules import TaskResult, read_result
from app.work.analyses.store_service import (
    STAGED_ANALYSES,
    drop_unchanged,
    find_calls,
    find_written,
    staged_columns,
    store_staged,
)
from app.work.analyses.task_rules import MAX_ATTEMPTS, RECORDING_SUBJECT, error_of, is_retryable, wait_after
from app.work.calls.part_resource import CALL_ANALYSIS, CALL_TRANSCRIPT
from app.work.calls.resource import CALL
from app.work.contacts.resource import CONTACT_CARD
from app.work.leads.resource import LEAD

_WRITTEN = text("""
    SELECT id, transcript_id, is_transcript_known, analysis_id, is_analysis_known, lead_id, card_id, changes_call,
      changes_lead, changes_card
    FROM staged_analyses
""")

_log = structlog.get_logger("switchboard.analyses")


def complete_task(task: ProviderTask, content: object) -> Sequence[Effect]:
    """Store the result of a locked task, complete the task, and return what changed.

    A completed task, and a result equal to the one processed before, change nothing else. Raises ValidationFailed for a
    result that can't be read.
    """
    if task.status == ProviderTaskStatus.COMPLETED:
        return ()
    if not isinstance(content, dict):
        raise ValidationFailed([FieldError("result", _l("It isn’t an object."))], _l("The event has no result."))
    digest = _digest(content)
    effects = () if task.processed_output_hash == digest else _store(task, content)
    task.status, task.processed_output_hash = ProviderTaskStatus.COMPLETED, digest
    task.next_attempt_at = task.error = None
    db.session.flush()
    return effects


def fail_task(task: ProviderTask, content: Mapping[str, Any]) -> None:
    """Record that a locked task failed at the provider; plan to send it again if that can help.

    A failure that is reported after the result, or again, changes nothing.
    """
    if task.status != ProviderTaskStatus.SENT:
        return
    task.error = error_of(content)
    task.status, task.next_attempt_at = ProviderTaskStatus.FAILED, None
    if is_retryable(content) and task.attempts < MAX_ATTEMPTS:
        task.status = ProviderTaskStatus.QUEUED
        task.next_attempt_at = datetime.now(UTC) + wait_after(task.attempts)
    db.session.flush()


def _digest(content: Mapping[str, Any]) -> bytes:
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()


def _store(task: ProviderTask, content: Mapping[str, Any]) -> Sequence[Effect]:
    organization_id = task.organization_id
    recording = lock_recording(organization_id, task.subject_id) if task.subject_type == RECORDING_SUBJECT else None
    call_id = recording.call_id if recording is not None else task.subject_id
    if call_id is None or task.external_task_id is None or not is_call_left(organization_id, call_id):
        return ()
    organization = db.session.get_one(Organization, organization_id)
    zone = ZoneInfo(organization.timezone)
    result = read_result(content, call_id, task.external_task_id, zone, datetime.now(UTC))
    if result.left_out:
        _log.warning("values of a result left out", task=str(task.id), values=result.left_out)
    with staged(STAGED_ANALYSES, [staged_columns(result.record)]):
        find_calls(organization_id)
        find_written(organization_id)
        return () if drop_unchanged() else _write(organization_id, result, recording)


def _write(organization_id: UUID, result: TaskResult, recording: RecordingSession | None) -> Sequence[Effect]:
    """Write the staged result and what follows from it, and return what changed."""
    stored = store_staged(organization_id, result.targets, "unedited")
    row = db.session.execute(_WRITTEN).one()
    effects = list(_effects_on_recording(recording, row, result.record.task_id))
    has_facts = row.analysis_id is not None and row.card_id is not None and _store_facts(organization_id, row, result)
    follow_ups = [Effect(resource, record_id, f"{resource}.created") for resource, record_id in stored.follow_ups]
    return [*effects, *_effects(row, changes_card=row.changes_card or has_facts), *follow_ups]


def _effects_on_recording(recording: RecordingSession | None, row: Row[Any], task_id: str | None) -> Iterator[Effect]:
    """Store which task the transcript and the analysis of a recording are from."""
    if recording is None:
        return
    if row.transcript_id is not None:
        recording.shunya_asr_task_id = task_id
    if row.analysis_id is not None:
        recording.shunya_analysis_task_id = task_id
    yield Effect(RECORDING_SUBJECT, recording.id, f"{RECORDING_SUBJECT}.updated")


def _store_facts(organization_id: UUID, row: Row[Any], result: TaskResult) -> bool:
    """Add facts about the contact's property, except those that people set; return whether there are new ones.

    Only the last analyzed call of the contact counts.
    """
    if not result.facts or not is_last_analysed(organization_id, row.id):
        return False
    contact = lock_contact(organization_id, row.card_id)
    if contact is None:
        return False
    of_people = list_facts_of_people(organization_id, row.card_id)
    facts = {name: fact for name, fact in result.facts.items() if name not in of_people}
    if contact.property_snapshot == {**contact.property_snapshot, **facts}:
        return False
    contact.property_snapshot = {**contact.property_snapshot, **facts}
    return True


def _effects(row: Row[Any], *, changes_card: bool) -> list[Effect]:
    parts = (
        (CALL_TRANSCRIPT.name, row.transcript_id, row.is_transcript_known),
        (CALL_ANALYSIS.name, row.analysis_id, row.is_analysis_known),
    )
    written = [
        Effect(resource, record_id, f"{resource}.{'updated' if is_known else 'created'}")
        for resource, record_id, is_known in parts
        if record_id is not None
    ]
    changes = (
        (CALL.name, row.id, row.changes_call),
        (LEAD.name, row.lead_id, row.changes_lead),
        (CONTACT_CARD.name, row.card_id, changes_card),
    )
    return written + [
        Effect(resource, record_id, f"{resource}.updated") for resource, record_id, is_new in changes if is_new
    ]
