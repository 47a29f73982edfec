"""Submission of recordings for analysis."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import HttpUrl, SecretStr

from app.models import ProviderTask, RecordingSession
from tests.support.direct_access import Behind
from tests.support.sounds import wav
from tests.work.recordings.conftest import Phone


@pytest.fixture
def _account(app: Flask) -> Iterator[None]:
    """The platform's account with Shunya."""
    settings = app.config["SETTINGS"]
    changed = {"shunya_api_url": HttpUrl("https://shunya.example"), "shunya_api_key": SecretStr("key-of-platform")}
    app.config["SETTINGS"] = settings.model_copy(update=changed)
    yield
    app.config["SETTINGS"] = settings


@pytest.mark.usefixtures("_account")
def test_a_recording_with_consent_is_queued_once_it_can_be_played(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])
    assert behind.rows(ProviderTask) == []
    phone.work()

    task, recording = behind.one(ProviderTask), behind.one(RecordingSession)
    assert (task.subject_type, task.subject_id, task.kind) == ("recording_session", recording.id, "visit_analysis")
    assert (task.status, task.next_attempt_at is not None) == ("queued", True)


@pytest.mark.usefixtures("_account")
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
