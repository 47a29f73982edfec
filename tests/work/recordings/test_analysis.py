"""Analysis of recordings: submission with consent, and what the result changes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.models import (
    Call,
    Organization,
    PendingAction,
    Provider,
    ProviderTask,
    RecordingSession,
    Role,
    Task,
    WebhookDelivery,
)
from app.organization.webhooks.process_service import process_due
from app.work.analyses.task_service import work_on_tasks
from demo import signing
from tests.support.client import Client
from tests.support.collector import Collector
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.shunya import SECRET, platform_account
from tests.support.sounds import wav
from tests.support.work import at_work
from tests.work.analyses.conftest import RESULT
from tests.work.recordings.conftest import Phone


@pytest.fixture
def shunya(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A Shunya at which the platform has an account."""
    with platform_account(app, tmp_path, monkeypatch) as server:
        yield server


@pytest.mark.usefixtures("shunya")
def test_a_recording_with_consent_is_queued_once_it_can_be_played(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    assert behind.rows(ProviderTask) == []
    phone.work()

    task, recording = behind.one(ProviderTask), behind.one(RecordingSession)
    assert (task.subject_type, task.subject_id, task.kind) == ("recording_session", recording.id, "visit_analysis")
    assert (task.status, task.next_attempt_at is not None) == ("queued", True)


@pytest.mark.usefixtures("shunya")
def test_a_recording_that_needed_no_consent_is_not_queued(phone: Phone, behind: Behind) -> None:
    address = phone.begin("not_needed")
    phone.send(address, [wav(1)])
    phone.work()

    assert behind.one(RecordingSession).status == "ready"
    assert behind.rows(ProviderTask) == []


def test_without_an_account_no_recording_is_queued(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    phone.work()

    assert behind.one(RecordingSession).status == "ready"
    assert behind.rows(ProviderTask) == []


def test_the_page_the_numbers_and_the_tasks_show_what_was_said(
    app: Flask, phone: Phone, behind: Behind, make: Factories, organization: Organization, shunya: Collector
) -> None:
    address = phone.begin()
    phone.send(address, [wav(60)])
    phone.work()
    with jobs_role(), at_work(app, organization.id):
        work_on_tasks(organization.id, datetime.now(UTC) + timedelta(seconds=20))
    [submitted] = shunya.received
    assert submitted.body == phone.file(behind.one(RecordingSession).storage_key or "")
    event = {"event": "task.completed", "task_id": "shu_1", "company_id": str(organization.id), "result": RESULT}

    assert [deliver(app, event), deliver(app, event)] == ["received", "duplicate"]
    del event["task_id"]
    assert deliver(app, event, {"X-Shunya-Task-Id": "shu_1"}) == "received"

    *_, repeated = behind.rows(WebhookDelivery)
    assert (repeated.status, repeated.effects) == ("processed", [])
    call = behind.one(Call)
    recorded = phone.client.get(f"/calls/{call.id}")
    assert "My furnace is cold." in recorded.text
    assert "The furnace is cold." in recorded.text
    assert behind.one(PendingAction).call_id == call.id
    assert behind.one(Task).assigned_to_user_id == phone.visit.sales_rep_id
    assert "Call back" in phone.client.get("/tasks").text
    manager = Client(app).sign_in(make.user(organization, Role.MANAGER))
    assert manager.get("/exec/sales?period=last_30").metrics["process_grade"] == "88.0000"


def deliver(app: Flask, event: dict[str, Any], headers: dict[str, str] | None = None) -> str:
    """Send an event of the platform's account, process it, and return the answer."""
    body = json.dumps(event).encode()
    signature = signing.signature(Provider.SHUNYA, SECRET, "", body, datetime.now(UTC).timestamp())
    sent = app.test_client().post(
        "/webhooks/shunya", data=body, content_type="application/json", headers={**signature, **(headers or {})}
    )
    with app.app_context(), jobs_role(), use_context(Context()):
        process_due()
    return str(sent.json and sent.json["status"])
