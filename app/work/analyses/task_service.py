"""Tasks at Shunya: recordings are submitted, and results that don't arrive are fetched (docs/webhooks.md).

No transaction is open during a request. Each is counted before it begins, with the time of the next one, so that a
worker that stops in the middle only delays the task; Shunya recognizes a repeated submission.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePath
from uuid import UUID

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert

from app.clients import shunya
from app.clients.shunya import Audio, ShunyaAccount
from app.db.context import current_context, use_context
from app.db.ids import uuid7
from app.errors import DomainError, ExternalServiceError, LazyText, NotFound, is_storage_fault
from app.extensions import db
from app.models import Provider, ProviderTask, ProviderTaskStatus
from app.organization.providers.provider_rules import CATALOGUE
from app.sound import MIMETYPES, UNKNOWN_MIMETYPE
from app.storage import storage
from app.work.analyses.account_queries import find_account
from app.work.analyses.result_queries import lock_recording
from app.work.analyses.result_service import complete_task, fail_task
from app.work.analyses.task_queries import find_audio, lock, lock_due
from app.work.analyses.task_rules import MAX_ATTEMPTS, RECORDING_SUBJECT, WAIT_FOR_RESULT, wait_after

_MAX_ERROR_LENGTH = 1_000

_log = structlog.get_logger("switchboard.analyses")


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A task whose attempt has been counted.

    `audio` is the storage key of the audio to submit; `submission` is the same for each attempt to do so, until Shunya
    reports that the submitted task failed. `external_task_id` is the ID of the task whose result is to be fetched.
    """

    id: UUID
    kind: str
    attempts: int
    submission: str
    external_task_id: str | None
    audio: str | None


def queue_task(organization_id: UUID, subject_type: str, subject_id: UUID, kind: str) -> None:
    """Have a recording submitted after COMMIT, once for each natural key; does nothing without an account."""
    if find_account(organization_id) is None:
        return
    task = insert(ProviderTask).values(
        organization_id=organization_id,
        id=uuid7(),
        subject_type=subject_type,
        subject_id=subject_id,
        kind=kind,
        next_attempt_at=datetime.now(UTC),
    )
    db.session.execute(task.on_conflict_do_nothing(constraint="uq_provider_tasks_natural_key"))


def work_on_tasks(organization_id: UUID, until: datetime) -> None:
    """Submit the queued tasks of an organization that are due, and fetch the results of those that had no answer.

    A task that fails delays no other. Without an account, they wait.
    """
    account = find_account(organization_id)
    while account is not None and datetime.now(UTC) < until:
        claimed = _claim(organization_id)
        db.session.commit()
        if claimed is None:
            return
        try:
            if claimed.external_task_id is not None:
                _fetch(organization_id, account, claimed, claimed.external_task_id)
            elif claimed.audio is not None:
                _submit(organization_id, account, claimed, claimed.audio)
        except DomainError as error:
            db.session.rollback()
            _log.warning("request about a task failed", task=str(claimed.id), code=error.code)
            _fail(organization_id, claimed, error)
        db.session.commit()


def _claim(organization_id: UUID) -> _Claimed | None:
    """Count the next attempt at a task, which fails if its audio may not or can't be sent."""
    now = datetime.now(UTC)
    task = lock_due(organization_id, now)
    if task is None:
        return None
    task.attempts += 1
    is_sent = task.status == ProviderTaskStatus.SENT
    audio = None if is_sent else find_audio(task)
    if task.attempts > MAX_ATTEMPTS:  # the attempts before broke off
        _end(task, task.error or _l("There’s no result."))
        is_sent, audio = False, None
    elif audio is None and not is_sent:
        _end(task, _l("There’s no audio that can be sent."))
    else:
        task.next_attempt_at = now + (WAIT_FOR_RESULT if is_sent else wait_after(task.attempts))
    db.session.flush()
    submission = f"{task.id}:{task.external_task_id}" if task.external_task_id else str(task.id)
    return _Claimed(task.id, task.kind, task.attempts, submission, task.external_task_id if is_sent else None, audio)


def _submit(organization_id: UUID, account: ShunyaAccount, claimed: _Claimed, key: str) -> None:
    media_type = MIMETYPES.get(PurePath(key).suffix, UNKNOWN_MIMETYPE)
    audio = Audio(media_type, storage().facts(key).size, storage().read(key))
    external_id = shunya.submit(account, claimed.submission, claimed.kind, audio)
    task = lock(organization_id, claimed.id)
    if task is None or task.status != ProviderTaskStatus.QUEUED:
        return
    task.status, task.external_task_id, task.error = ProviderTaskStatus.SENT, external_id, None
    task.next_attempt_at = datetime.now(UTC) + WAIT_FOR_RESULT
    if task.subject_type == RECORDING_SUBJECT:
        recording = lock_recording(organization_id, task.subject_id)
        if recording is not None:
            recording.shunya_asr_task_id = recording.shunya_analysis_task_id = external_id
    db.session.flush()


def _fetch(organization_id: UUID, account: ShunyaAccount, claimed: _Claimed, external_id: str) -> None:
    """Process a result or a failure as if it had been delivered; give up a task that has none for long."""
    content = shunya.fetch(account, external_id)
    by_provider = replace(
        current_context(), source="external", actor_label=str(CATALOGUE[Provider.SHUNYA].label), operation_id=uuid7()
    )
    with use_context(by_provider):
        task = lock(organization_id, claimed.id)
        if task is None or task.external_task_id != external_id:
            return
        status = content.get("status")
        if status == ProviderTaskStatus.COMPLETED:
            complete_task(task, content.get("result"))
        elif status == ProviderTaskStatus.FAILED:
            fail_task(task, content)
        elif task.attempts >= MAX_ATTEMPTS:
            _end(task, _l("There’s no result."))
        db.session.commit()


def _fail(organization_id: UUID, claimed: _Claimed, error: DomainError) -> None:
    """Store why a request failed, and end the task if trying again can't help or was tried often enough."""
    task = lock(organization_id, claimed.id)
    if task is None or task.attempts != claimed.attempts or task.next_attempt_at is None:
        return
    can_help = is_storage_fault(error) or (isinstance(error, ExternalServiceError) and shunya.is_worth_repeating(error))
    is_gone = isinstance(error, NotFound)
    if is_gone or claimed.attempts >= MAX_ATTEMPTS or (claimed.external_task_id is None and not can_help):
        _end(task, error.message)
    else:
        task.error = str(error.message)[:_MAX_ERROR_LENGTH]
    db.session.flush()


def _end(task: ProviderTask, reason: LazyText) -> None:
    task.status, task.error = ProviderTaskStatus.FAILED, str(reason)[:_MAX_ERROR_LENGTH]
    task.next_attempt_at = None
