"""A revert in the background that skips records says so first, with the reasons, and before it starts if it can."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import Call, Notification, Organization, User
from app.ops.jobs.worker import run_worker
from app.trust.audit_log import operation_run_service, operation_service
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.trust.audit_log.conftest import Operate
from tests.trust.audit_log.reverting import Story

AUTOMATIC = "This change includes values that are set automatically, so it can’t be reverted."

Revert = Callable[[UUID], Page]


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits by which more than two entries are a large operation, reverted two records at a time."""
    monkeypatch.setattr(operation_service, "MAX_ENTRIES", 2)
    monkeypatch.setattr(operation_run_service, "RECORDS_A_STEP", 2)


@pytest.fixture
def calls(make: Factories, organization: Organization) -> list[Call]:
    return [make.call(organization, booking_status="not_booked", topic="Leak") for _ in range(3)]


@pytest.fixture
def browser(client: Client, admin: User) -> Client:
    """A browser in which an admin is signed in."""
    return client.sign_in(admin)


@pytest.fixture
def revert(app: Flask, browser: Client) -> Revert:
    """Function that has an admin revert an operation in the background, and returns the page of the result."""

    def run(operation_id: UUID) -> Page:
        sent = browser.post(f"/audit/operations/{operation_id}/revert/start", {"row_id": str(uuid7())})
        run_worker(app, schedule=(), until_idle=True)
        return browser.get(str(sent.headers["Location"]))

    return run


@pytest.fixture
def notified(admin_engine: Engine) -> Callable[[], str]:
    """Function that returns the text of the notification about the end of the revert."""

    def read() -> str:
        with Session(admin_engine) as session:
            return session.scalars(select(Notification.text).where(Notification.kind == "revert_finished")).one()

    return read


def announced(page: Page) -> str | None:
    """Return the state that screen readers announce."""
    (panel,) = page.all(".//*[@id='operation-revert']")
    return panel.get("data-announce")


def test_a_revert_of_what_is_set_automatically_says_first_that_nothing_was_reverted(
    browser: Client, calls: list[Call], operate: Operate, revert: Revert, notified: Callable[[], str]
) -> None:
    operation_id = operate(*((call, {"topic": "Furnace"}) for call in calls))

    preview = browser.get(f"/audit/operations/{operation_id}/revert")
    assert "None of the records can be reverted." in preview.text
    assert f"3 records: {AUTOMATIC}" in preview.text
    assert not preview.all(".//form//button[@class='btn btn--primary']")

    result = revert(operation_id)
    assert f"Nothing was reverted. 3 records: {AUTOMATIC}" in result.text
    assert announced(result) == "Nothing was reverted"
    assert notified() == f"Nothing was reverted. Skipped records: 3. Main reason (3): {AUTOMATIC}"


def test_some_records_are_announced_as_skipped_and_the_rest_is_reverted(
    browser: Client, calls: list[Call], operate: Operate, revert: Revert, notified: Callable[[], str]
) -> None:
    operation_id = operate(
        (calls[0], {"booking_status": "booked"}), (calls[1], {"topic": "Furnace"}), (calls[2], {"topic": "Furnace"})
    )

    preview = browser.get(f"/audit/operations/{operation_id}/revert")
    assert f"These records will be skipped: 2 records: {AUTOMATIC}" in preview.text
    assert preview.all(".//form//button[@class='btn btn--primary']")

    result = revert(operation_id)
    assert announced(result) == "Finished"
    assert "Nothing was reverted" not in result.text
    assert notified() == "The revert of an operation finished."


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("service_not_offered", "3 records: Can’t revert: the record has changed since."),
        ("not_booked", "The records already have the earlier values."),
    ],
)
def test_what_changed_since_is_the_reason_that_nothing_was_reverted(
    status: str, reason: str, calls: list[Call], operate: Operate, story: Story, revert: Revert
) -> None:
    operation_id = operate(*((call, {"booking_status": "booked"}) for call in calls))
    for call in calls:
        story.change(call, booking_status=status)

    assert f"Nothing was reverted. {reason}" in revert(operation_id).text
