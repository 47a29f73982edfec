"""Asking for a job: it is part of the change that asks."""

from collections.abc import Callable
from typing import Any

from flask_babel import force_locale

from app.db.context import Context
from app.extensions import db
from app.jobs.queue import JobName, context_from_json, context_to_json, enqueue

StoredJobs = Callable[[], list[Any]]


def test_a_job_is_there_when_the_change_is_committed_and_not_before(asking: Context, stored_jobs: StoredJobs) -> None:
    enqueue(JobName.RUN_IMPORT, import_id="one")
    assert stored_jobs() == []

    db.session.commit()
    assert [job.status for job in stored_jobs()] == ["todo"]


def test_a_job_goes_with_the_change_that_is_rolled_back(asking: Context, stored_jobs: StoredJobs) -> None:
    enqueue(JobName.RUN_IMPORT, import_id="one")
    db.session.rollback()

    assert stored_jobs() == []


def test_a_job_carries_who_asked_for_it_and_in_which_language(asking: Context, stored_jobs: StoredJobs) -> None:
    with force_locale("ru"):
        enqueue(JobName.RUN_IMPORT, import_id="one")
    db.session.commit()

    [job] = stored_jobs()
    assert job.args["arguments"] == {"import_id": "one"}
    assert job.args["language"] == "ru"
    assert job.args["context"]["organization_id"] == str(asking.organization_id)
    assert job.args["context"]["actor_label"] == "Maria Manager"
    assert job.args["context"]["request_id"] == "request-0001"


def test_a_context_comes_out_of_the_queue_as_it_went_in(asking: Context) -> None:
    assert context_from_json(context_to_json(asking)) == asking
    assert context_from_json(context_to_json(nobody := Context())) == nobody
