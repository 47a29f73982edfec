"""A worker process that is killed in the middle of the second step of reverting an operation."""

import os
import signal
from dataclasses import replace
from itertools import count
from uuid import UUID

from app.extensions import db
from app.ops.jobs.worker import run_worker
from app.trust.audit_log import operation_run_service
from app.trust.audit_log.jobs import enqueue_revert_step, revert_records

steps = count(1)


def _die_in_the_second(revert_id: str) -> None:
    is_more = operation_run_service.revert_some(UUID(revert_id))
    db.session.flush()
    if next(steps) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if is_more:
        enqueue_revert_step(UUID(revert_id))


if __name__ == "__main__":
    from wsgi import app

    operation_run_service.RECORDS_A_STEP = 2
    run_worker(app, (replace(revert_records, run=_die_in_the_second),), schedule=())
