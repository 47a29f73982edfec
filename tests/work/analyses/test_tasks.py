"""Tasks at a Shunya that fails, repeats itself and answers late, over its real wire format."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from app.db.ids import uuid7
from app.db.session import jobs_role
from app.extensions import db
from app.models import (
    AuditLog,
    Call,
    CallAnalysis,
    Integration,
    Organization,
    OrganizationStatus,
    ProviderTask,
    RecordingSession,
    Role,
)
from app.organization.providers.secret_rules import Secret, seal_secrets
from app.storage import new_key, storage
from app.work.analyses.jobs import send_for_analysis
from app.work.analyses.task_rules import MAX_ATTEMPTS
from app.work.analyses.task_service import queue_task, work_on_tasks
from tests.support.collector import Collector, Received, response
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.shunya import platform_account, reply
from tests.support.work import at_work
from tests.work.analyses.conftest import RESULT, Deliver

AUDIO = b"OggS" + bytes(200_000)
DUE = datetime(2026, 11, 1, tzinfo=UTC)

Work = Callable[[], list[Received]]


@pytest.fixture
def shunya(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A Shunya at which the platform has an account."""
    with platform_account(app, tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
def work(app: Flask, organization: Organization, shunya: Collector) -> Work:
    """Function that works on the due tasks, and returns the requests that it made."""

    def run() -> list[Received]:
        before = len(shunya.received)
        with jobs_role(), at_work(app, organization.id):
            work_on_tasks(organization.id, datetime.now(UTC) + timedelta(seconds=20))
        return shunya.received[before:]

    return run


@pytest.fixture
def recording(app: Flask, make: Factories, organization: Organization, call: Call) -> RecordingSession:
    """A recording with consent and its visit call."""
    key = f"{new_key(organization.id, 'recordings')}.ogg"
    with app.app_context():
        storage().write(key, [AUDIO])
    rep = make.user(organization, Role.SALES_REP)
    visit = make.call(organization, call_type="visit_call", contact_card_id=call.contact_card_id, handled_by="human")
    return make.recording(make.appointment(organization), rep, call_id=visit.id, storage_key=key)


@pytest.fixture
def queued(make: Factories, call: Call, recording: RecordingSession) -> ProviderTask:
    """The task about the recording, which waits to be submitted."""
    subject = {"subject_type": "recording_session", "subject_id": recording.id, "kind": "visit_analysis"}
    return make.provider_task(call, **subject, next_attempt_at=DUE)


def test_a_recording_is_submitted_once(
    work: Work, behind: Behind, queued: ProviderTask, organization: Organization
) -> None:
    [request] = work()
    assert work() == []

    assert (request.method, request.path, request.body) == ("POST", "/v1/tasks", AUDIO)
    sent = {name: request.headers[name] for name in ("Authorization", "Idempotency-Key", "X-Shunya-Task-Type")}
    assert sent == {
        "Authorization": "Bearer key-of-platform",
        "Idempotency-Key": str(queued.id),
        "X-Shunya-Task-Type": "visit_analysis",
    }
    assert request.headers["X-Shunya-Company-Id"] == str(organization.id)
    task, session = behind.one(ProviderTask), behind.one(RecordingSession)
    assert (task.status, task.external_task_id, task.attempts) == ("sent", "shu_1", 1)
    assert task.next_attempt_at
    assert timedelta(minutes=115) < task.next_attempt_at - datetime.now(UTC) < timedelta(minutes=121)
    assert (session.shunya_asr_task_id, session.shunya_analysis_task_id) == ("shu_1", "shu_1")


def test_the_organizations_own_account_is_used(
    app: Flask, make: Factories, organization: Organization, work: Work, queued: ProviderTask
) -> None:
    row_id = uuid7()
    with app.app_context():
        sealed = seal_secrets(row_id, {"api_key": Secret("own-key", DUE), "webhook_secret": Secret("s", DUE)}, DUE)
    own: Integration = make.integration(organization, id=row_id, provider="shunya", account_id="co_1", secrets=sealed)

    [request] = work()

    assert request.headers["Authorization"] == "Bearer own-key"
    assert request.headers["X-Shunya-Company-Id"] == own.account_id


def test_a_submission_that_fails_is_repeated_with_the_same_key(
    work: Work, shunya: Collector, behind: Behind, queued: ProviderTask
) -> None:
    keys = []
    for answer in (response(503), reply([]), reply({"task_id": "é"}), reply({"task_id": "shu_1"})):
        shunya.responses["/v1/tasks"] = answer
        behind.change(queued, next_attempt_at=DUE)
        [request] = work()
        keys.append(request.headers["Idempotency-Key"])

    task = behind.one(ProviderTask)
    assert (task.status, task.attempts, task.error) == ("sent", 4, None)
    assert set(keys) == {str(queued.id)}


def test_a_refused_submission_fails_at_once_and_an_unavailable_shunya_after_eight_times(
    work: Work, shunya: Collector, behind: Behind, queued: ProviderTask
) -> None:
    shunya.responses["/v1/tasks"] = response(422)
    work()
    task = behind.one(ProviderTask)
    assert (task.status, task.error) == ("failed", "The server responded with status 422.")

    shunya.responses["/v1/tasks"] = response(503)
    behind.change(queued, status="queued", attempts=MAX_ATTEMPTS - 1, next_attempt_at=DUE)
    work()
    assert (behind.one(ProviderTask).status, behind.one(ProviderTask).next_attempt_at) == ("failed", None)


@pytest.mark.parametrize(
    "changes",
    [{"consent": "refused", "storage_key": None}, {"consent": "not_needed"}, {"storage_key": None}, {"call_id": None}],
)
def test_audio_that_may_not_or_cannot_be_sent_is_not(
    work: Work, behind: Behind, queued: ProviderTask, recording: RecordingSession, changes: dict[str, Any]
) -> None:
    behind.change(recording, **changes)

    assert work() == []
    task = behind.one(ProviderTask)
    assert (task.status, task.error) == ("failed", "There’s no audio that can be sent.")


@pytest.mark.parametrize(("seconds", "status"), [(9, "failed"), (10, "sent")])
def test_calls_are_submitted_from_ten_seconds_on(
    make: Factories, work: Work, behind: Behind, call: Call, recording: RecordingSession, seconds: int, status: str
) -> None:
    behind.change(call, audio_url=recording.storage_key, duration_seconds=seconds)
    make.provider_task(call, next_attempt_at=DUE)

    work()

    assert behind.one(ProviderTask).status == status


def test_a_result_that_does_not_arrive_is_fetched_and_stored_like_a_delivered_one(
    work: Work,
    shunya: Collector,
    behind: Behind,
    deliver: Deliver,
    queued: ProviderTask,
    recording: RecordingSession,
    organization: Organization,
) -> None:
    work()
    content = {"task_id": "shu_1", "company_id": str(organization.id), "result": RESULT}
    for status in ("processing", "completed"):
        shunya.responses["/v1/tasks/shu_1"] = reply({**content, "status": status})
        behind.change(queued, next_attempt_at=DUE)
        [request] = work()
        assert (request.method, request.path) == ("GET", "/v1/tasks/shu_1")

    analysis = behind.one(CallAnalysis)
    assert (analysis.call_id, analysis.shunya_task_id) == (recording.call_id, "shu_1")
    assert (behind.one(ProviderTask).status, behind.one(ProviderTask).next_attempt_at) == ("completed", None)
    [entry] = behind.rows(AuditLog, resource_type="call_analysis")
    assert (entry.source, entry.actor_label) == ("external", "Shunya")
    assert deliver().effects == []


@pytest.mark.parametrize("company", ["another", None])
def test_a_result_of_another_company_is_not_stored(
    work: Work, shunya: Collector, behind: Behind, queued: ProviderTask, company: str | None
) -> None:
    work()
    content = {"task_id": "shu_1", "company_id": company, "status": "completed", "result": RESULT}
    shunya.responses["/v1/tasks/shu_1"] = reply(content)
    behind.change(queued, next_attempt_at=DUE)
    work()

    task = behind.one(ProviderTask)
    assert (task.status, task.error) == ("sent", "The server’s response can’t be read.")
    assert behind.rows(CallAnalysis) == []


def test_a_task_without_a_result_is_given_up_and_a_failed_one_sent_again(
    work: Work, shunya: Collector, behind: Behind, queued: ProviderTask, organization: Organization
) -> None:
    work()
    content = {"task_id": "shu_1", "company_id": str(organization.id)}
    error = {"code": "busy", "message": "Later.", "retryable": True}
    shunya.responses["/v1/tasks/shu_1"] = reply({**content, "status": "failed", "error": error})
    behind.change(queued, next_attempt_at=DUE)
    work()
    assert (behind.one(ProviderTask).status, behind.one(ProviderTask).error) == ("queued", "busy: Later.")

    behind.change(queued, next_attempt_at=DUE)
    [request] = work()
    assert request.headers["Idempotency-Key"] == f"{queued.id}:shu_1"

    shunya.responses["/v1/tasks/shu_1"] = reply({**content, "status": "processing"})
    behind.change(queued, status="sent", attempts=MAX_ATTEMPTS - 1, next_attempt_at=DUE)
    work()
    assert (behind.one(ProviderTask).status, behind.one(ProviderTask).error) == ("failed", "There’s no result.")


def test_the_job_runs_for_active_organizations_with_a_due_task(
    app: Flask, make: Factories, organization: Organization, shunya: Collector, behind: Behind, queued: ProviderTask
) -> None:
    other = make.organization(status=OrganizationStatus.SUSPENDED)
    make.provider_task(make.call(other), next_attempt_at=DUE)

    def due() -> list[UUID]:
        with app.app_context(), jobs_role():
            return list(db.session.scalars(text("SELECT organizations_with_provider_tasks_due()")))

    assert due() == [organization.id]
    with jobs_role(), at_work(app, organization.id):
        send_for_analysis.run()
    assert due() == []
    assert len(shunya.received) == 1


def test_a_recording_is_queued_once_and_only_with_an_account(
    app: Flask, organization: Organization, shunya: Collector, behind: Behind, recording: RecordingSession
) -> None:
    def queue() -> None:
        with at_work(app, organization.id):
            queue_task(organization.id, "recording_session", recording.id, "visit_analysis")

    queue()
    queue()
    assert behind.one(ProviderTask).status == "queued"

    behind.change(behind.one(ProviderTask), subject_id=uuid7())
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"shunya_api_key": None})
    queue()
    assert len(behind.rows(ProviderTask)) == 1
