"""A worker that is killed in the middle of its job; run as a separate process."""

import os
import signal
from dataclasses import replace

from app.data.imports.jobs import import_file
from app.db.context import current_context
from app.extensions import db
from app.models import Task
from app.ops.jobs.worker import run_worker


def _die_after_half_of_it(title: str) -> None:
    db.session.add(Task(organization_id=current_context().organization_id, title=title))
    db.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from wsgi import app

    run_worker(app, (replace(import_file, run=_die_after_half_of_it),), schedule=())
