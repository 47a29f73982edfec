"""Programs with an API key, which create records that name no person."""

from flask import Flask

from app.models import AuditLog, IdempotencyKey, Organization, Task, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.client import bearer
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import make_key


def test_what_a_key_creates_names_the_key_and_no_person(
    app: Flask, manager: User, make: Factories, behind: Behind
) -> None:
    key, token = make_key(make, manager, "tasks:read", "tasks:write", "tasks:assign", name="Zapier")
    sent = {"title": "Call back", "assignedTo": str(manager.id)}

    made = data_of(ApiClient(app).post("/tasks", sent, headers=bearer(token)), "task", status=201)

    assert made["createdBy"] is None
    task = behind.one(Task)
    assert (task.created_by, str(task.id)) == (None, made["id"])
    told = [row for row in behind.rows(AuditLog) if row.actor_label != "postgres"]
    assert {row.resource_id for row in told} >= {task.id}
    assert {(row.user_id, row.source, row.details["apiKeyId"]) for row in told} == {(None, "external", str(key.id))}
    assert {row.actor_label for row in told} == {"Zapier (key of Mona Manager)"}


def test_repeated_requests_are_those_of_one_key(
    app: Flask, manager: User, make: Factories, behind: Behind, new_api: NewApi
) -> None:
    tokens = [make_key(make, manager, "tasks:read", "tasks:write", "tasks:assign")[1] for _ in range(2)]
    sent, repeat = {"title": "Call back", "assignedTo": str(manager.id)}, {"Idempotency-Key": "one"}

    answers = [ApiClient(app).post("/tasks", sent, headers={**bearer(token), **repeat}) for token in (*tokens, *tokens)]
    of_person = new_api(manager).post("/tasks", sent, headers=repeat)

    assert [one.headers.get("Idempotency-Replayed") for one in (*answers, of_person)] == [
        None, None, "true", "true", None,
    ]  # fmt: skip
    assert [one.get_data() for one in answers[:2]] == [one.get_data() for one in answers[2:]]
    assert len(behind.rows(Task)) == len(behind.rows(IdempotencyKey)) == 3


def test_without_the_permission_a_key_gets_nothing_of_its_creators(
    app: Flask, organization: Organization, manager: User, make: Factories
) -> None:
    own = make.task(organization, assignee=manager)
    _key, token = make_key(make, manager, "calls:read")

    for path in ("/tasks", f"/tasks/{own.id}"):
        error = error_of(ApiClient(app).get(path, headers=bearer(token)), status=403)
        assert (error["requiredPermission"], error["currentRole"]) == ("tasks:read", None)


def test_a_key_that_may_not_read_what_it_would_create_creates_nothing(
    app: Flask, organization: Organization, manager: User, make: Factories, behind: Behind
) -> None:
    task = make.task(organization, assignee=manager)
    _key, token = make_key(make, manager, "tasks:write")
    client = ApiClient(app)

    refused = error_of(client.post("/tasks", {"title": "", "priority": 1}, headers=bearer(token)), status=403)
    assert refused["requiredPermission"] == "tasks:read"
    error_of(client.post(f"/tasks/{task.id}/complete", headers=bearer(token)), status=404)
    assert [(row.id, row.status) for row in behind.rows(Task)] == [(task.id, "pending")]
