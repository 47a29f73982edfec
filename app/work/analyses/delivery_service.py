"""Results and failures of tasks that Shunya reports by webhook (docs/webhooks.md)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.declarations.delivery import DeliveredEvent, DeliveryHandler, DeliveryIgnored, Effect
from app.extensions import db
from app.models import IgnoredReason, Provider, ProviderTask, ProviderTaskStatus
from app.work.analyses.result_queries import lock_task
from app.work.analyses.result_service import complete_task
from app.work.analyses.task_rules import MAX_ATTEMPTS, error_of, is_retryable, wait_after

_COMPLETED, _FAILED = "task.completed", "task.failed"


def record_task(event: DeliveredEvent) -> Sequence[Effect]:
    """Store the result of a task, or its failure. Raises ValidationFailed for a result that can't be read."""
    task = lock_task(event.organization_id, str(event.content.get("task_id")).replace("\0", ""))
    if task is None:
        raise DeliveryIgnored(IgnoredReason.UNKNOWN_TASK)
    if event.type == _COMPLETED:
        return complete_task(task, event.content.get("result"))
    fail_task(task, event.content)
    return ()


TASKS = DeliveryHandler(Provider.SHUNYA, frozenset({_COMPLETED, _FAILED}), record_task)


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
