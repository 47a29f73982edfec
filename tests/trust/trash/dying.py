"""A worker process that is killed in the middle of the second portion of a deletion."""

import os
import signal
from dataclasses import replace
from itertools import count
from uuid import UUID

from app.extensions import db
from app.ops.jobs.worker import run_worker
from app.trust.trash import delete_portion_service, portion_service
from app.trust.trash.jobs import delete_rest, enqueue_delete_portion

portions = count(1)


def _die_in_the_second(batch_id: str) -> None:
    is_more = delete_portion_service.delete_some(UUID(batch_id))
    db.session.flush()
    if next(portions) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if is_more:
        enqueue_delete_portion(UUID(batch_id))


if __name__ == "__main__":
    from wsgi import app

    portion_service.ROWS_A_STEP = 3
    run_worker(app, (replace(delete_rest, run=_die_in_the_second),), schedule=())
