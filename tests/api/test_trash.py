"""The trash in the JSON API: deletions, the preview of a restore, and restores with choices."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.models import AuditLog, DeletionBatch, IdempotencyKey, Lead, Organization, Role, Task, User
from app.ops.jobs.worker import run_worker
from app.trust.trash import background_service, portion_service
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories

Queries = Callable[[], AbstractContextManager[list[str]]]
FIELDS = {
    *("id", "resourceType", "resourceId", "label", "status", "progress", "error", "counts", "reason", "deletedAt"),
    *("deletedBy", "deletedByName", "ipAddress", "restorableUntil", "restoredAt", "restoredBy", "restoredByName"),
    "purgedAt",
}


@pytest.fixture
def as_admin(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


def delete(client: ApiClient, path: str) -> str:
    """Delete a record and return the id of its deletion."""
    return str(data_of(client.delete(path), "deletion")["id"])


@pytest.fixture
def taken(make: Factories, organization: Organization) -> tuple[str, User]:
    """The deletion of a person whose address someone else has taken since, and the person."""
    person = make.user(organization, email="one@blue.example")
    batch = make.deletion(person, root_type="user", root_label=person.name)
    make.user(organization, email="ONE@blue.example")
    return str(batch.id), person


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests restore up to three records, and so do the steps of the worker."""
    monkeypatch.setattr(background_service, "MAX_IN_A_REQUEST", 3)
    monkeypatch.setattr(portion_service, "ROWS_A_STEP", 3)


def test_a_deletion_is_listed_and_restored_as_it_was(
    as_admin: ApiClient, make: Factories, organization: Organization, admin: User, behind: Behind
) -> None:
    card = make.contact(organization)
    task = make.task(organization, contact_card_id=card.id, title="Call back")
    earlier = make.deletion(make.task(organization, contact_card_id=card.id))
    batch_id = delete(as_admin, f"/contacts/{card.id}")

    deletion = data_of(as_admin.get(f"/trash/{batch_id}"), "deletion")
    assert set(deletion) == FIELDS
    assert (deletion["resourceType"], deletion["resourceId"]) == ("contact_card", str(card.id))
    assert (deletion["status"], deletion["counts"]["task"], deletion["progress"]) == ("in_trash", 1, None)
    assert (deletion["deletedBy"], deletion["deletedByName"]) == (str(admin.id), admin.name)
    assert datetime.fromisoformat(deletion["restorableUntil"]) > DAY
    restored = as_admin.post(f"/trash/{batch_id}/restore")
    deletion = data_of(restored, "deletion")
    assert (deletion["status"], deletion["restoredBy"]) == ("restored", str(admin.id))
    assert "Retry-After" not in restored.headers
    assert data_of(as_admin.get(f"/trash/{batch_id}"), "deletion")["status"] == "restored"
    assert behind.one(Task, id=task.id).deleted_at is None
    assert behind.one(Task, deletion_batch_id=earlier.id).deleted_at is not None
    [entry] = behind.rows(AuditLog, organization_id=organization.id, action="deletion.restored")
    assert entry.user_id == admin.id
    again = error_of(as_admin.post(f"/trash/{batch_id}/restore"), status=409)
    assert (again["code"], again["message"]) == ("RESOURCE_CONFLICT", "This was already restored.")


@pytest.mark.parametrize(
    ("asked", "on_page"),
    [
        ("", ""),
        ("sort=purgeAfter", "sort=purgeAfter"),
        ("kind=task&sort=deletedAt", "kind=task&sort=deletedAt"),
        ("state=any&q=furnace", "state=any&q=furnace"),
        ("by={admin}", "by={admin}"),
    ],
)
def test_a_list_is_that_of_the_file(
    as_admin: ApiClient,
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    asked: str,
    on_page: str,
) -> None:
    for number in range(3):
        row = make.task(organization) if number else make.contact(organization)
        make.deletion(
            row,
            root_type="task" if number else "contact_card",
            root_label=f"Furnace {number}",
            deleted_by=admin.id if number else None,
            created_at=DAY + timedelta(hours=number),
            purge_after=DAY + timedelta(days=40 - number),
        )
    make.deletion(make.task(organization), restored_at=DAY)
    make.deletion(make.task(make.organization(name="Elsewhere")), root_label="Furnace 9")
    file = client.sign_in(admin).get(f"/trash.csv?{on_page.format(admin=admin.id)}").html
    filed = [row["Deleted"] for row in csv.DictReader(io.StringIO(file.removeprefix("\ufeff"), newline=""))]

    path, seen = f"/trash?limit=1&{asked.format(admin=admin.id)}", []
    while path:
        page = as_admin.get(path.removeprefix("/api/v1")).get_json()
        seen += [deletion["label"] for deletion in page["data"]]
        path = page["links"]["next"]
    assert seen == filed
    assert len(seen) >= 2


def test_a_list_of_what_has_left_the_trash_is_not_sorted_by_the_date_of_purging(as_admin: ApiClient) -> None:
    assert wrong_fields(as_admin.get("/trash?state=any&sort=purgeAfter")) == {"sort"}
    assert wrong_fields(as_admin.get("/trash?kind=odd&state=gone&due=later")) == {"kind", "state", "due"}


def test_people_see_what_they_may_restore(
    as_manager: ApiClient,
    as_csr: ApiClient,
    new_api: NewApi,
    make: Factories,
    organization: Organization,
    manager: User,
) -> None:
    own, others = (make.deletion(make.task(organization), deleted_by=by) for by in (manager.id, None))
    elsewhere = make.organization(name="Elsewhere")
    foreign = make.deletion(make.task(elsewhere))

    assert [one["id"] for one in data_of(as_manager.get("/trash"))] == [str(own.id)]
    for hidden in (others, foreign):
        for method, path in (("GET", ""), ("POST", "/preview"), ("POST", "/restore")):
            gone = error_of(as_manager.send(method, f"/trash/{hidden.id}{path}"), status=404)
            assert gone["resourceType"] == "deletion_batch"
    assert data_of(as_manager.get(f"/trash/{own.id}"), "deletion")["ipAddress"] is None, "not a reader of the trail"
    assert error_of(as_csr.get("/trash"), status=403)["requiredPermission"] == "trash:read"
    support = new_api(make.user(organization, role=Role.SUPPORT))
    assert error_of(support.post(f"/trash/{own.id}/preview"), status=403)["requiredPermission"] == "trash:restore"
    for unknown in (make.user(elsewhere).id, uuid7()):
        assert error_of(as_manager.get(f"/trash?by={unknown}"), status=404)["resourceType"] == "user"


def test_a_list_costs_a_constant_number_of_statements(
    as_admin: ApiClient, make: Factories, organization: Organization, queries: Queries
) -> None:
    counts = []
    as_admin.get("/trash")  # the first request of an hour writes the caller's rate
    for _round in range(2):
        make.deletion(make.task(organization), restoring_at=DAY)
        with queries() as statements:
            as_admin.get("/trash")
        counts.append(len(statements))

    assert counts[0] == counts[1]


class TestConflicts:
    def test_a_preview_shows_them_and_writes_nothing(
        self, as_admin: ApiClient, taken: tuple[str, User], behind: Behind
    ) -> None:
        batch_id, person = taken
        before = len(behind.rows(AuditLog))
        preview = data_of(as_admin.post(f"/trash/{batch_id}/preview", headers={"Idempotency-Key": "one"}))

        [conflict] = preview["conflicts"]
        assert (preview["canRestore"], preview["isBackground"], preview["counts"]) == (False, False, {})
        assert (conflict["id"], conflict["isOpen"], conflict["choices"]) == (str(person.id), True, ["rename", "skip"])
        assert (conflict["field"], conflict["value"]) == ("email", "one@blue.example")
        assert conflict["message"] == "Someone here already has this email address."
        assert len(behind.rows(AuditLog)) == before
        assert behind.rows(IdempotencyKey) == []
        assert behind.one(DeletionBatch).restored_at is None
        assert behind.one(User, id=person.id).deleted_at is not None

    def test_a_restore_names_them_and_restores_nothing(
        self, as_admin: ApiClient, taken: tuple[str, User], behind: Behind
    ) -> None:
        batch_id, person = taken
        refused = error_of(as_admin.post(f"/trash/{batch_id}/restore"), status=409)

        [conflict] = refused["conflicts"]
        assert refused["code"] == "RESOURCE_CONFLICT"
        assert {"resourceType", "resourceId", "label", "problem", "message", "choices"} == set(conflict)
        assert (conflict["resourceId"], conflict["choices"]) == (str(person.id), ["rename", "skip"])
        assert behind.one(User, id=person.id).deleted_at is not None

    def test_choices_resolve_them(self, as_admin: ApiClient, taken: tuple[str, User], behind: Behind) -> None:
        batch_id, person = taken
        chosen = {"choices": [{"id": str(person.id), "choice": "rename", "value": "first@blue.example"}]}

        preview = data_of(as_admin.post(f"/trash/{batch_id}/preview", chosen))
        assert (preview["canRestore"], preview["counts"], preview["conflicts"][0]["isOpen"]) == (
            True,
            {"user": 1},
            False,
        )
        restored = data_of(as_admin.post(f"/trash/{batch_id}/restore", chosen), "deletion")
        assert restored["status"] == "restored"
        assert behind.one(User, id=person.id).email == "first@blue.example"

    def test_wrong_choices_are_named(self, as_admin: ApiClient, taken: tuple[str, User]) -> None:
        path, row_id = f"/trash/{taken[0]}", str(taken[1].id)
        wrong = {"records": ["1"], "choices": [{"id": row_id, "choice": "burn"}], "skipTheRest": 1, "restore": True}

        for verb in ("preview", "restore"):
            assert wrong_fields(as_admin.post(f"{path}/{verb}", wrong)) == set(wrong)
            missing = {"choices": [{"id": row_id, "choice": "rename"}]}
            assert wrong_fields(as_admin.post(f"{path}/{verb}", missing)) == {f"choices.{row_id}"}
        odd = {"choices": [{"id": row_id, "choice": "rename", "value": "no address"}]}
        assert wrong_fields(as_admin.post(f"{path}/restore", odd)) == {f"choices.{row_id}"}
        [conflict] = data_of(as_admin.post(f"{path}/preview", odd))["conflicts"]
        assert (conflict["isOpen"], bool(conflict["error"])) == (True, True)


def test_some_records_come_back_and_the_others_stay(
    as_admin: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    card = make.contact(organization)
    tasks = [make.task(organization, contact_card_id=card.id) for _ in range(2)]
    path = f"/trash/{delete(as_admin, f'/contacts/{card.id}')}"
    some = {"records": [str(card.id), str(tasks[0].id)]}

    assert data_of(as_admin.post(f"{path}/preview", some))["counts"] == {"contact_card": 1, "task": 1}
    elsewhere, unknown = make.task(organization), str(uuid7())
    make.deletion(elsewhere)
    for other in (str(elsewhere.id), unknown):
        skipped = {"choices": [{"id": other, "choice": "skip"}]}
        for verb in ("preview", "restore"):
            assert wrong_fields(as_admin.post(f"{path}/{verb}", {"records": [other]})) == {"records"}
            assert wrong_fields(as_admin.post(f"{path}/{verb}", {"parents": [other]})) == {"parents"}
            assert wrong_fields(as_admin.post(f"{path}/{verb}", skipped)) == {f"choices.{other}"}
    assert data_of(as_admin.post(f"{path}/restore", some), "deletion")["status"] == "in_trash"
    assert [behind.one(Task, id=task.id).deleted_at is None for task in tasks] == [True, False]
    assert data_of(as_admin.post(f"{path}/restore"), "deletion")["status"] == "restored"


def test_optional_parents_come_back_only_if_they_are_chosen(
    as_admin: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    lead = make.lead(organization)
    visits = [make.appointment(organization, lead_id=lead.id) for _ in range(2)]
    paths = [f"/trash/{make.deletion(visit, root_type='appointment').id}" for visit in visits]
    make.deletion(lead, root_type="lead")

    [parent] = data_of(as_admin.post(f"{paths[0]}/preview"))["parents"]
    assert (parent["id"], parent["resourceType"], parent["reason"]) == (str(lead.id), "lead", None)
    skipped = {"allParents": True, "choices": [{"id": str(lead.id), "choice": "skip"}]}
    data_of(as_admin.post(f"{paths[0]}/restore", skipped))
    assert behind.one(Lead, id=lead.id).deleted_at is not None
    as_admin.post(f"{paths[1]}/restore", {"parents": [str(lead.id)]})
    assert behind.one(Lead, id=lead.id).deleted_at is None


@pytest.mark.usefixtures("few_at_once")
def test_a_large_deletion_is_restored_in_the_background(
    app: Flask, as_admin: ApiClient, make: Factories, organization: Organization
) -> None:
    card = make.contact(organization)
    for _ in range(5):
        make.task(organization, contact_card_id=card.id)
    path = f"/trash/{delete(as_admin, f'/contacts/{card.id}')}"

    preview = data_of(as_admin.post(f"{path}/preview"))
    assert (preview["isBackground"], preview["counts"]["task"]) == (True, 5)
    assert wrong_fields(as_admin.post(f"{path}/restore", {"handBack": False})) == {"handBack"}
    begun = as_admin.post(f"{path}/restore")
    deletion = data_of(begun, "deletion", status=202)
    total = sum(deletion["counts"].values())
    assert (deletion["status"], deletion["progress"]) == ("restoring", {"done": 0, "total": total})
    assert (begun.headers["Location"], begun.headers["Retry-After"]) == (f"/api/v1{path}", "2")
    assert as_admin.get(path).headers["Retry-After"] == "2"
    run_worker(app, schedule=(), until_idle=True)

    ended = as_admin.get(path)
    assert (data_of(ended, "deletion")["status"], "Retry-After" in ended.headers) == ("restored", False)


def test_bringing_back_an_owner_needs_a_confirmed_session(
    app: Flask, make: Factories, organization: Organization, owner: User
) -> None:
    another = make.user(organization, role=Role.OWNER)
    batch = make.deletion(another, root_type="user", root_label=another.name)
    late = ApiClient(app, owner, confirmed_at=DAY)

    refused = error_of(late.post(f"/trash/{batch.id}/restore"), status=403)
    assert refused["code"] == "REAUTHENTICATION_REQUIRED"
    assert data_of(late.post(f"/trash/{batch.id}/preview"))["canRestore"] is True  # a read
    for verb in ("preview", "restore"):
        assert error_of(late.post(f"/trash/1/{verb}"), status=404)["resourceType"] == "deletion_batch"
    assert data_of(ApiClient(app, owner).post(f"/trash/{batch.id}/restore"), "deletion")["status"] == "restored"


def test_a_preview_counts_the_work_that_goes_back_unless_it_stays(
    as_admin: ApiClient, make: Factories, organization: Organization
) -> None:
    leaving, taker = (make.user(organization) for _ in range(2))
    make.task(organization, assignee=leaving)
    sent = {"reason": "Left the company", "takeoverTasks": str(taker.id)}
    deletion = data_of(as_admin.send("DELETE", f"/users/{leaving.id}", sent), "deletion")

    for stays, number in ({}, 1), ({"handBack": True}, 1), ({"handBack": False}, 0):
        preview = data_of(as_admin.post(f"/trash/{deletion['id']}/preview", stays))
        assert (preview["handedBack"], preview["canRestore"]) == (number, True)
