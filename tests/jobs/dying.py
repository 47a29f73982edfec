"""A worker that is killed in the middle of its job; run as a process of its own."""

import os
import signal

from app import create_app
from app.config import Settings
from app.db.context import current_context
from app.extensions import db
from app.jobs.queue import JobName
from app.jobs.work import Work
from app.jobs.worker import run_worker
from app.models import Task


def _die_after_half_of_it(title: str) -> None:
    db.session.add(Task(organization_id=current_context().organization_id, title=title))
    db.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    app = create_app(Settings.from_env())
    run_worker(app, {JobName.RUN_IMPORT: Work(_die_after_half_of_it)}, schedule=())
