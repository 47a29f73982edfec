"""Tasks in the JSON API, and with them what holds for every resource."""

from datetime import datetime, timedelta

import pytest

from app.models import AuditLog, IdempotencyKey, Organization, Role, Task, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories


def test_a_task_is_created_read_changed_and_deleted(as_manager: ApiClient, manager: User, behind: Behind) -> None:
    sent = {"title": "Call back", "assignedTo": str(manager.id), "dueDate": "2026-12-01T15:00:00Z", "category": "quote"}
    created = as_manager.post("/tasks", sent)
    task = data_of(created, "task", status=201)

    assert sent.items() <= task.items()
    assert (task["createdBy"], task["status"], task["version"]) == (str(manager.id), "pending", 1)
    assert created.headers["Location"] == f"/api/v1/tasks/{task['id']}"
    assert data_of(as_manager.get(f"/tasks/{task['id']}"), "task") == task
    changed = data_of(as_manager.patch(f"/tasks/{task['id']}", {"priority": "high", "dueDate": None}), "task")
    assert (changed["priority"], changed["dueDate"], changed["title"]) == ("high", None, "Call back")
    deletion = data_of(as_manager.delete(f"/tasks/{task['id']}"), "deletion")
    assert datetime.fromisoformat(deletion["restorableUntil"]) > DAY
    gone = error_of(as_manager.get(f"/tasks/{task['id']}"), status=404)
    assert (gone["code"], gone["resourceType"], gone["resourceId"]) == ("RESOURCE_NOT_FOUND", "task", task["id"])
    assert behind.one(Task).deleted_at is not None


def test_a_date_alone_means_the_end_of_work_there(as_manager: ApiClient, manager: User) -> None:
    sent = {"title": "Call back", "assignedTo": str(manager.id), "dueDate": "2026-12-01"}

    assert data_of(as_manager.post("/tasks", sent), "task", status=201)["dueDate"] == "2026-12-01T22:00:00Z"


def test_a_task_is_for_a_person_or_a_role(as_manager: ApiClient) -> None:
    assert wrong_fields(as_manager.post("/tasks", {"title": "Call back"})) == {"assignedTo"}
    for role in ("csr", "sales_rep", "exec"):
        created = data_of(as_manager.post("/tasks", {"title": "Call", "assignedToType": role}), "task", status=201)
        stored = data_of(as_manager.get(f"/tasks/{created['id']}"), "task")
        assert (stored["assignedTo"], stored["assignedToType"]) == (None, role)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSR])
def test_a_new_task_reads_as_it_was_returned(
    new_api: NewApi, make: Factories, organization: Organization, role: Role
) -> None:
    client, contact = new_api(make.user(organization, role=role)), make.contact(organization)
    whole = {"title": " Call ", "assignedToType": "csr", "priority": "high", "dueDate": "2026-12-01T09:00:00.25+03:00"}
    about = {"contactId": str(contact.id)} if role is Role.MANAGER else {}
    for sent in (whole, {**whole, "description": "Ask.", "category": "quote"}, {**whole, **about}):
        created = client.post("/tasks", sent)
        task, again = (
            data_of(created, "task", status=201),
            client.get(f"/tasks/{created.get_json()['data']['task']['id']}"),
        )
        assert data_of(again, "task") == task
        assert again.headers["ETag"] == created.headers["ETag"]
        assert (task["dueDate"], task["contactId"]) == ("2026-12-01T06:00:00.250000Z", sent.get("contactId"))


def test_a_task_is_about_one_contact(as_manager: ApiClient, make: Factories, organization: Organization) -> None:
    own, other = (make.contact(organization) for _ in range(2))
    of_own, of_other = (make.call(organization, contact_card_id=contact.id) for contact in (own, other))
    visit = make.appointment(organization, contact=other)
    new = {"title": "Call back", "assignedToType": "csr"}
    task = data_of(as_manager.post("/tasks", {**new, "callId": str(of_own.id)}), "task", status=201)
    path, wrong = f"/tasks/{task['id']}", {"callId": str(of_other.id), "appointmentId": str(visit.id)}

    assert task["contactId"] == str(own.id)
    assert wrong_fields(as_manager.patch(path, wrong)) == set(wrong)
    assert wrong_fields(as_manager.post("/tasks", {**new, **wrong, "contactId": str(own.id)})) == set(wrong)
    both = {"callId": str(of_own.id), "appointmentId": str(visit.id)}
    assert wrong_fields(as_manager.post("/tasks", {**new, **both})) == {"appointmentId"}
    moved = data_of(as_manager.patch(path, {**wrong, "contactId": str(other.id)}), "task")
    assert moved == {**moved, **wrong, "contactId": str(other.id)}


def test_every_wrong_field_is_named_and_nothing_is_stored(as_manager: ApiClient, behind: Behind) -> None:
    sent = {"title": "", "priority": "soon", "dueDate": "tomorrow", "organizationId": "x", "__proto__": {}}

    assert wrong_fields(as_manager.post("/tasks", sent)) == set(sent)
    assert behind.rows(Task) == []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"title": "a", "title": "b"}', "title"),
        (b'{"title": NaN}', "NaN"),
        (b'{"title": 1e400}', "number"),
        (b'{"title": "\\ud800"}', "text"),
        (b'{"title": "\xff"}', "byte 11"),
        (b"{", "line 1, column 2"),
        (b"[" * 40 + b"]" * 40, "level 33"),
        (b"[" * 100_000, "level 33"),
    ],
)
def test_a_body_that_parsers_could_read_differently_is_refused(as_manager: ApiClient, body: bytes, where: str) -> None:
    error = error_of(as_manager.post("/tasks", data=body, content_type="application/json"), status=400)

    assert (error["code"], error["where"]) == ("INVALID_JSON", where)


def test_a_body_is_json_in_utf_8(as_manager: ApiClient) -> None:
    for kind in ("text/plain", "application/json; charset=latin-1", "application/x-www-form-urlencoded"):
        error = error_of(as_manager.post("/tasks", data=b"{}", content_type=kind), status=415)
        assert error["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_a_change_of_an_older_version_is_refused_with_the_present_values(as_manager: ApiClient, manager: User) -> None:
    created = as_manager.post("/tasks", {"title": "Call back", "assignedTo": str(manager.id)})
    path = f"/tasks/{data_of(created, 'task', status=201)['id']}"
    as_manager.patch(path, {"title": "Call back soon"}, headers={"If-Match": created.headers["ETag"]})

    for late in ({"headers": {"If-Match": created.headers["ETag"]}}, {}):
        body = {"title": "Too late"} if late else {"title": "Too late", "version": 1}
        error = error_of(as_manager.patch(path, body, **late), status=409)
        assert (error["code"], error["currentVersion"]) == ("VERSION_CONFLICT", 2)
        assert error["current"]["title"] == "Call back soon"
    assert data_of(as_manager.patch(path, {"title": "The last one wins"}), "task")["version"] == 3


def test_a_reader_who_has_the_record_gets_304(as_manager: ApiClient, manager: User) -> None:
    created = as_manager.post("/tasks", {"title": "Call back", "assignedTo": str(manager.id)})
    path = f"/tasks/{data_of(created, 'task', status=201)['id']}"
    tag = as_manager.get(path).headers["ETag"]

    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        assert as_manager.get(path, headers={"If-None-Match": known}).status_code == 304
    as_manager.patch(path, {"title": "Changed"})
    assert as_manager.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_the_tag_of_a_compressed_response_works_like_the_other(
    as_manager: ApiClient, make: Factories, organization: Organization, manager: User
) -> None:
    path = f"/tasks/{make.task(organization, assignee=manager, description='Call back. ' * 100).id}"
    packed = {"Accept-Encoding": "gzip"}
    response = as_manager.get(path, headers=packed)
    tag = response.headers["ETag"]

    assert response.headers["Content-Encoding"] == "gzip"
    assert tag.startswith("W/")
    assert as_manager.get(path, headers={**packed, "If-None-Match": tag}).status_code == 304
    assert data_of(as_manager.patch(path, {"title": "Changed"}, headers={"If-Match": tag}), "task")["version"] == 2
    assert error_of(as_manager.patch(path, {"title": "Late"}, headers={"If-Match": tag}), status=409)


def test_a_status_runs_its_action(as_manager: ApiClient, manager: User) -> None:
    created = as_manager.post("/tasks", {"title": "Call back", "assignedTo": str(manager.id)})
    path = f"/tasks/{data_of(created, 'task', status=201)['id']}"

    for status in (
        "in_progress",
        "pending",
        "completed",
        "in_progress",
        "cancelled",
        "in_progress",
        "cancelled",
        "pending",
    ):
        assert data_of(as_manager.patch(path, {"status": status}), "task")["status"] == status
    as_manager.post(f"{path}/complete")
    for again in (as_manager.post(f"{path}/complete"), as_manager.patch(path, {"status": "completed"})):
        error = error_of(again, status=409)
        assert error["code"] == "TASK_ALREADY_COMPLETED"
        assert error["otherParty"] == {"name": "Mona Manager"}


def test_pages_follow_each_other_by_cursor_and_by_number(
    as_manager: ApiClient, make: Factories, organization: Organization, manager: User
) -> None:
    made = [make.task(organization, assignee=manager, due_at=DAY + timedelta(hours=hour)) for hour in range(5)]
    expected = [str(task.id) for task in made]

    for first in ("/tasks?limit=2", "/tasks?limit=2&page=1"):
        path, seen = first, []
        while path:
            page = as_manager.get(path.removeprefix("/api/v1")).get_json()
            seen += [task["id"] for task in page["data"]]
            assert page["pagination"] == page["meta"]["pagination"]
            path = page["links"]["next"]
        assert seen == expected
    last = as_manager.get("/tasks?limit=2&page=3").get_json()
    assert (last["pagination"]["total"], last["pagination"]["pages"], last["pagination"]["hasNext"]) == (5, 3, False)
    assert last["links"]["last"] == "/api/v1/tasks?limit=2&page=3"
    counted = as_manager.get("/tasks?limit=2&includeTotalCount=true").get_json()["pagination"]
    assert (counted["total"], counted["page"], counted["pages"]) == (5, None, None)


def test_a_cursor_belongs_to_its_list_and_organization(
    as_manager: ApiClient, new_api: NewApi, make: Factories, organization: Organization, manager: User
) -> None:
    elsewhere = make.organization(name="Elsewhere")
    stranger = make.user(elsewhere, role=Role.MANAGER)
    for of, assignee in ((organization, manager), (elsewhere, stranger)):
        make.task(of, assignee=assignee)
        make.task(of, assignee=assignee)
    cursor = as_manager.get("/tasks?limit=1").get_json()["pagination"]["nextCursor"]

    assert data_of(as_manager.get(f"/tasks?limit=2&cursor={cursor}"))
    for client, query in ((new_api(stranger), ""), (as_manager, "&priority=high"), (as_manager, "x")):
        error = error_of(client.get(f"/tasks?limit=1&cursor={cursor}{query}"), status=400)
        assert error["code"] == "INVALID_CURSOR"


def test_parameters_that_are_wrong_are_all_named(as_manager: ApiClient) -> None:
    wrong = "limit=0&page=x&foo=1&snoozed=yes&status=done&ids=1&includeTotalCount=1"

    assert wrong_fields(as_manager.get(f"/tasks?{wrong}")) == {part.partition("=")[0] for part in wrong.split("&")}
    assert wrong_fields(as_manager.get("/tasks?limit=100&page=101")) == {"page"}
    assert wrong_fields(as_manager.get("/tasks?sort=title")) == {"sort"}
    for nothing in ("", ",", ",,"):
        assert wrong_fields(as_manager.get(f"/tasks?ids={nothing}")) == {"ids"}


def test_an_id_has_one_form(as_manager: ApiClient, make: Factories, organization: Organization, manager: User) -> None:
    id_ = str(make.task(organization, assignee=manager).id)

    for same in (id_, id_.upper()):
        assert data_of(as_manager.get(f"/tasks/{same}"), "task")["id"] == id_
        assert [task["id"] for task in data_of(as_manager.get(f"/tasks?ids={same}"))] == [id_]
        assert data_of(as_manager.patch(f"/tasks/{same}", {"id": id_.upper(), "title": "Same"}), "task")["id"] == id_
    for other in (id_.replace("-", ""), f"{{{id_}}}", f"urn:uuid:{id_}", f"{id_}-"):
        assert error_of(as_manager.get(f"/tasks/{other}"), status=404)["code"] == "RESOURCE_NOT_FOUND"
        assert wrong_fields(as_manager.get("/tasks", query_string={"ids": other})) == {"ids"}


def test_every_wrong_field_is_named_with_the_version_and_the_id(
    as_manager: ApiClient, make: Factories, organization: Organization, manager: User
) -> None:
    path = f"/tasks/{make.task(organization, assignee=manager).id}"
    wrong = {"version": "x", "id": "other", "title": "", "color": "red"}

    assert wrong_fields(as_manager.patch(path, wrong)) == {*wrong}
    assert wrong_fields(as_manager.post(f"{path}/snooze", {"version": 0, "color": "red"})) >= {"version", "color"}
    assert wrong_fields(as_manager.delete(path, body={"version": 0, "color": "red"})) == {"version", "color"}


def test_the_last_page_by_number_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, as_manager: ApiClient, make: Factories, organization: Organization, manager: User
) -> None:
    monkeypatch.setattr("app.api.parameters.MAX_OFFSET", 4)
    monkeypatch.setattr("app.api.responses.MAX_OFFSET", 4)
    for _ in range(5):
        make.task(organization, assignee=manager)

    first, last = (as_manager.get(f"/tasks?limit=2&page={page}").get_json() for page in (1, 2))
    assert (first["links"]["next"], first["links"]["last"]) == ("/api/v1/tasks?limit=2&page=2", None)
    assert (last["links"]["next"], last["pagination"]["hasNext"]) == (None, True)


def test_a_repeated_request_takes_effect_once(as_manager: ApiClient, manager: User, behind: Behind) -> None:
    sent, key = {"title": "Call back", "assignedTo": str(manager.id)}, {"Idempotency-Key": "one"}
    first, second = (as_manager.post("/tasks", sent, headers=key) for _ in range(2))

    assert first.get_data() == second.get_data()
    assert (first.status_code, second.status_code) == (201, 201)
    assert [response.headers.get("Idempotency-Replayed") for response in (first, second)] == [None, "true"]
    assert first.headers["ETag"] == second.headers["ETag"]
    assert len(behind.rows(Task)) == 1
    reused = error_of(as_manager.post("/tasks", {**sent, "title": "Other"}, headers=key), status=409)
    assert reused["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_a_refused_request_is_stored_without_its_effect(as_manager: ApiClient, manager: User, behind: Behind) -> None:
    key = {"Idempotency-Key": "two"}
    refused = [as_manager.post("/tasks", {"title": ""}, headers=key) for _ in range(2)]

    assert [response.status_code for response in refused] == [400, 400]
    assert refused[0].get_data() == refused[1].get_data()
    assert refused[1].headers["Idempotency-Replayed"] == "true"
    assert behind.rows(Task) == []
    assert [row.status_code for row in behind.rows(IdempotencyKey)] == [400]
    assert wrong_fields(as_manager.post("/tasks", {"title": ""}, headers={"Idempotency-Key": "a b"})) == {
        "Idempotency-Key"
    }


def test_people_see_and_change_what_they_do_on_pages(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User, manager: User
) -> None:
    own, others = (make.task(organization, assignee=user) for user in (csr, manager))

    assert [task["id"] for task in data_of(as_csr.get("/tasks"))] == [str(own.id)]
    assert error_of(as_csr.get(f"/tasks/{others.id}"), status=404)["code"] == "RESOURCE_NOT_FOUND"
    assert error_of(as_csr.post(f"/tasks/{others.id}/complete"), status=404)["code"] == "RESOURCE_NOT_FOUND"
    refused = error_of(as_csr.delete(f"/tasks/{own.id}"), status=403)
    assert (refused["code"], refused["requiredPermission"]) == ("INSUFFICIENT_PERMISSIONS", "tasks:delete")


def test_a_change_is_recorded_with_the_person(as_manager: ApiClient, manager: User, behind: Behind) -> None:
    as_manager.post("/tasks", {"title": "Call back", "assignedTo": str(manager.id)})

    [entry] = [row for row in behind.rows(AuditLog) if row.resource_type == "task"]
    assert (entry.action, entry.user_id) == ("task.created", manager.id)
