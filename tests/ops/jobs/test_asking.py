"""Requests for jobs, which take effect with the transaction that makes them."""

from dataclasses import replace
from uuid import uuid4

import pytest
from flask_babel import force_locale

from app.data.imports.jobs import import_file
from app.db.context import Context, use_context
from app.extensions import db
from app.ops.jobs.queue import context_from_json, context_to_json, enqueue
from tests.ops.jobs.conftest import Look


def test_a_job_is_there_when_the_change_is_committed_and_not_before(
    asking: Context, stored_jobs: Look, queued: Look
) -> None:
    enqueue(import_file, import_id="one")
    assert (stored_jobs(), queued()) == ([], [])

    db.session.commit()
    assert [job.status for job in stored_jobs()] == ["waiting"]
    assert [job.status for job in queued()] == ["todo"]


def test_a_job_goes_with_the_change_that_is_rolled_back(asking: Context, stored_jobs: Look, queued: Look) -> None:
    enqueue(import_file, import_id="one")
    db.session.rollback()

    assert (stored_jobs(), queued()) == ([], [])


def test_a_job_carries_who_asked_for_it_and_in_which_language(asking: Context, stored_jobs: Look) -> None:
    with force_locale("ru"):
        enqueue(import_file, import_id="one")
    db.session.commit()

    [job] = stored_jobs()
    assert job.organization_id == asking.organization_id
    assert job.arguments == {"import_id": "one"}
    assert job.language == "ru"
    assert job.asked_by_label == job.context["actor_label"] == "Maria Manager"
    assert job.context["request_id"] == "request-0001"


def test_the_queue_itself_which_all_organizations_share_holds_nothing_but_ids(
    asking: Context, stored_jobs: Look, queued: Look
) -> None:
    enqueue(import_file, import_id="one")
    db.session.commit()

    [job], [delivery] = stored_jobs(), queued()
    assert delivery.args == {"organization_id": str(asking.organization_id), "job_id": str(job.id)}


def test_a_job_is_asked_for_within_an_organization(asking: Context) -> None:
    with use_context(Context()), pytest.raises(ValueError, match="within an organization"):
        enqueue(import_file)


def test_a_context_comes_out_of_the_queue_as_it_went_in(asking: Context) -> None:
    assert context_from_json(context_to_json(asking)) == asking
    assert context_from_json(context_to_json(nobody := Context())) == nobody
    key = replace(asking, actor_id=None, api_key_id=uuid4(), source="external")
    assert context_from_json(context_to_json(key)) == key


def test_a_job_carries_the_key_that_asked_for_it(asking: Context, stored_jobs: Look) -> None:
    with use_context(replace(asking, actor_id=None, api_key_id=(key := uuid4()))):
        enqueue(import_file, import_id="one")
        db.session.commit()

    [job] = stored_jobs()
    assert (job.context["api_key_id"], job.context["actor_id"]) == (str(key), None)
