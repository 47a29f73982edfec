"""Results and failures of tasks that Shunya reports by webhook (docs/webhooks.md)."""

from collections.abc import Sequence

from app.declarations.delivery import DeliveredEvent, DeliveryHandler, DeliveryIgnored, Effect
from app.models import IgnoredReason, Provider
from app.work.analyses.result_queries import lock_task
from app.work.analyses.result_service import complete_task, fail_task

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
