"""Repeated requests: every mutation that is sent twice, at once or later, has one effect and one answer."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.api.endpoints import Endpoint, endpoints_of
from app.api.jobs import delete_stored_responses
from app.api.routes import endpoints
from app.db.session import jobs_role
from app.declarations.api import Callers
from app.declarations.registry import build_registry
from app.features import FEATURES
from app.models import AuditLog, IdempotencyKey, Organization, Role, Task, User
from tests.api.conftest import NewApi
from tests.api.samples import ApiCompany, refusal_of
from tests.api.test_walk import send_example
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import at_work

KEY = {"Idempotency-Key": "one"}


#: The operations whose responses are stored.
MUTATIONS = [
    one.name
    for one in endpoints_of(build_registry(FEATURES))
    if one.method != "GET" and not one.is_secret and not one.is_preview and one.callers is not Callers.ANYONE
]


def twice_at_once(client: ApiClient, endpoint: Endpoint) -> list[TestResponse]:
    """Send the example of an operation in two threads that start together, with the same key."""
    answers: list[TestResponse] = []
    together = threading.Barrier(2)

    def send() -> None:
        together.wait()
        answers.append(send_example(client, endpoint, headers=KEY))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_sent_twice_at_once_has_one_effect_one_answer_and_one_trail(
    app: Flask, company: ApiCompany, behind: Behind, mutation: str
) -> None:
    endpoint = next(one for one in endpoints(app) if one.name == mutation)
    answers = twice_at_once(ApiClient(app, company.people[Role.OWNER]), endpoint)

    assert len({answer.get_data() for answer in answers}) == 1, [answer.get_data() for answer in answers]
    refused = refusal_of(mutation, Role.OWNER)
    assert {answer.status_code for answer in answers} <= ({refused} if refused else {200, 201, 202, 204})
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", "true"]
    requests = {answer.headers["X-Request-ID"] for answer in answers}
    entries = [entry for entry in behind.rows(AuditLog) if entry.request_id in requests]
    is_recorded = not refused and (endpoint.api is None or endpoint.api.resource.is_audited)
    assert len({entry.request_id for entry in entries}) == int(is_recorded)
    assert {entry.user_id for entry in entries} <= {company.people[Role.OWNER].id}
    assert len(behind.rows(IdempotencyKey)) == 1


def test_a_key_is_the_callers_own(
    new_api: NewApi, make: Factories, organization: Organization, manager: User, behind: Behind
) -> None:
    sent = {"title": "Call back", "assignedToType": "csr"}
    colleague = make.user(organization, role=Role.MANAGER)
    for user in (manager, colleague, make.user(make.organization(name="Elsewhere"), role=Role.MANAGER)):
        assert new_api(user).post("/tasks", sent, headers=KEY).headers.get("Idempotency-Replayed") is None
    assert new_api(manager).post("/tasks", sent, headers=KEY).headers["Idempotency-Replayed"] == "true"
    assert len(behind.rows(Task)) == 3


def test_a_key_can_be_used_again_after_a_day(as_manager: ApiClient, behind: Behind) -> None:
    sent = {"title": "Call back", "assignedToType": "csr"}
    as_manager.post("/tasks", sent, headers=KEY)
    behind.change(behind.one(IdempotencyKey), expires_at=datetime.now(UTC) - timedelta(seconds=1))

    again = as_manager.post("/tasks", {**sent, "title": "Other"}, headers=KEY)
    assert data_of(again, "task", status=201)["title"] == "Other"
    assert len(behind.rows(Task)) == 2


def test_stored_responses_are_deleted_after_a_day(
    app: Flask, as_manager: ApiClient, manager: User, behind: Behind
) -> None:
    for key in ("old", "new"):
        as_manager.post("/tasks", {"title": key, "assignedToType": "csr"}, headers={"Idempotency-Key": key})
    behind.change(behind.one(IdempotencyKey, key="old"), expires_at=datetime.now(UTC) - timedelta(seconds=1))

    with jobs_role(), at_work(app, manager.organization_id):
        delete_stored_responses.run()
    assert [row.key for row in behind.rows(IdempotencyKey)] == ["new"]


def test_what_may_change_by_itself_is_not_stored(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User, behind: Behind
) -> None:
    task = make.task(organization, assignee=csr)

    assert error_of(as_csr.delete(f"/tasks/{task.id}", headers=KEY), status=403)["code"] == "INSUFFICIENT_PERMISSIONS"
    broken = as_csr.patch(f"/tasks/{task.id}", None, data=b"{", content_type="application/json", headers=KEY)
    assert error_of(broken, status=400)["code"] == "INVALID_JSON"
    assert behind.rows(IdempotencyKey) == []


def test_a_request_waits_for_its_twin_no_longer_than_five_seconds(
    as_manager: ApiClient, manager: User, admin_engine: Engine
) -> None:
    with Session(admin_engine) as twin:  # as the superuser, whose open transactions are not ended
        twin.add(_half_done(manager))
        twin.flush()

        error = error_of(as_manager.post("/tasks", {"title": "Call back"}, headers=KEY), status=409)
    assert (error["code"], error["retryAfter"]) == ("IDEMPOTENCY_IN_PROGRESS", 1)


def _half_done(user: User) -> IdempotencyKey:
    return IdempotencyKey(
        organization_id=user.organization_id,
        user_id=user.id,
        key=KEY["Idempotency-Key"],
        method="POST",
        path="/api/v1/tasks",
        request_fingerprint=bytes(32),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
