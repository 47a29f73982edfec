"""Reverting an operation of more than 100 entries: the worker does it in steps, and lists what it skips."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from csv import DictReader
from functools import partial
from io import StringIO
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import paging
from app.db.context import Context
from app.db.ids import uuid7
from app.db.session import organization_scope
from app.errors import Conflict
from app.extensions import db
from app.models import AuditLog, Call, Notification, OperationRevert, Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.trust.audit_log import operation_run_service, operation_service
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.pages import Page
from tests.support.processes import started
from tests.support.work import at_work, both_at_once
from tests.trust.audit_log.conftest import Operate
from tests.trust.audit_log.entries import entries_on, link_on
from tests.trust.audit_log.reverting import Story

NewClient = Callable[[], Client]
Queries = Callable[[], AbstractContextManager[list[str]]]
Reverts = Callable[[], list[OperationRevert]]
Work = Callable[[], None]


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits by which more than two entries are a large operation, reverted two records at a time."""
    monkeypatch.setattr(operation_service, "MAX_ENTRIES", 2)
    monkeypatch.setattr(operation_run_service, "RECORDS_A_STEP", 2)


@pytest.fixture
def calls(make: Factories, organization: Organization) -> list[Call]:
    return [make.call(organization, booking_status="not_booked") for _ in range(5)]


@pytest.fixture
def booked(calls: list[Call], operate: Operate) -> UUID:
    """ID of an operation that booked all calls."""
    return operate(*((call, {"booking_status": "booked"}) for call in calls))


@pytest.fixture
def work(app: Flask) -> Work:
    """Function that has a worker run all pending jobs."""
    return lambda: run_worker(app, schedule=(), until_idle=True)


@pytest.fixture
def reverts(admin_engine: Engine) -> Reverts:
    """Function that returns all reverts of operations, oldest first."""

    def read() -> list[OperationRevert]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(OperationRevert).order_by(OperationRevert.created_at)))

    return read


@pytest.fixture
def one_step(app: Flask, admin: User, reverts: Reverts) -> Callable[[], None]:
    """Function that runs one step of the only revert, as its job would."""

    def run() -> None:
        [row] = reverts()
        context = Context(
            organization_id=row.organization_id,
            actor_id=admin.id,
            actor_label=admin.name,
            operation_id=row.operation_id,
        )
        with app.app_context(), organization_scope(context, db.session):
            operation_run_service.revert_some(row.id)
            db.session.commit()

    return run


def start(client: Client, operation_id: UUID) -> str:
    """Start the revert with the form on its page, and return the URL of the redirect."""
    action = f"/audit/operations/{operation_id}/revert"
    sent = client.post(f"{action}/start", client.get(action).fields(f"{action}/start"))
    return str(sent.headers["Location"])


def statuses(story: Story, calls: list[Call]) -> list[str | None]:
    return [story.stored(call).booking_status for call in calls]


def counts(page: Page) -> dict[str, int]:
    return {name.removeprefix("records_"): int(number) for name, number in page.metrics.items()}


def test_the_worker_reverts_it_under_one_operation(
    client: Client, admin: User, calls: list[Call], booked: UUID, story: Story, work: Work, admin_engine: Engine
) -> None:
    client.sign_in(admin)
    asked = client.get(f"/audit/operations/{booked}/revert")
    assert "Call 5" in asked.text
    started = start(client, booked)
    assert "Waiting" in client.get(started).text
    assert statuses(story, calls) == ["booked"] * 5
    work()

    done = client.get(started)
    assert statuses(story, calls) == ["not_booked"] * 5
    assert counts(done) == {"total": 5, "reverted": 5, "unchanged": 0, "skipped": 0}
    with Session(admin_engine) as session:
        told = session.scalars(select(AuditLog).where(AuditLog.action == "call.reverted")).all()
    assert {one.resource_id for one in told} == {call.id for call in calls}
    assert {one.details["operation"] for one in told} == {str(booked)}
    assert {one.user_id for one in told} == {admin.id}
    listed = client.get(link_on(done, "Entries of this revert"))
    assert len({one.operation_id for one in told}) == 1
    assert {one.id for one in told} <= set(entries_on(listed))


def test_each_step_is_a_transaction(
    app: Flask,
    client: Client,
    admin: User,
    calls: list[Call],
    booked: UUID,
    story: Story,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    step = operation_run_service.revert_some

    def watched(revert_id: UUID) -> bool:
        seen.append(statuses(story, calls).count("not_booked"))
        return step(revert_id)

    monkeypatch.setattr(operation_run_service, "revert_some", watched)
    start(client.sign_in(admin), booked)
    work()

    assert seen == [0, 2, 4]


def test_records_that_changed_since_are_skipped_and_listed(
    client: Client, admin: User, make: Factories, calls: list[Call], booked: UUID, story: Story, work: Work
) -> None:
    story.change(calls[1], booking_status="service_not_offered")
    story.change(calls[3], booking_status="not_booked")
    client.sign_in(admin)
    started = start(client, booked)
    work()

    done = client.get(started)
    (row,) = DictReader(StringIO(client.get(f"{started}/skipped.csv").html.removeprefix("\ufeff")))
    assert statuses(story, calls) == ["not_booked", "service_not_offered", *["not_booked"] * 3]
    assert counts(done) == {"total": 5, "reverted": 3, "unchanged": 1, "skipped": 1}
    assert "1 record was skipped" in done.text
    assert "the record has changed since" in done.text
    assert str(calls[1].id) in row.values()
    assert any("the record has changed since" in value for value in row.values())


def test_a_change_that_rules_no_longer_allow_is_skipped_without_the_others(
    client: Client, admin: User, make: Factories, organization: Organization, operate: Operate, story: Story, work: Work
) -> None:
    gone, stays = make.user(organization), make.user(organization)
    tasks = [make.task(organization, assigned_to_user_id=who.id) for who in (gone, stays, stays)]
    operation_id = operate(*((task, {"assigned_to_user_id": admin.id}) for task in tasks))
    story.as_owner(f"UPDATE users SET status = 'inactive' WHERE id = '{gone.id}'")
    client.sign_in(admin)
    started = start(client, operation_id)
    work()

    assert [story.stored(task).assigned_to_user_id for task in tasks] == [admin.id, stays.id, stays.id]
    assert "The record’s previous owner is no longer active." in client.get(started).text


def test_what_came_or_went_and_what_never_can_be_reverted_stays(
    client: Client, admin: User, make: Factories, calls: list[Call], operate: Operate, story: Story, work: Work
) -> None:
    task, colleague = make.task(story.organization), make.user(story.organization)
    operation_id = operate(
        (calls[0], {"booking_status": "booked"}),
        (calls[0], {"outcome": "resolved"}),
        (colleague, {"role": Role.MANAGER}),
        then=f"DELETE FROM tasks WHERE id = '{task.id}'",
    )
    client.sign_in(admin)
    assert (
        "1 entry in this operation records a creation or deletion"
        in client.get(f"/audit/operations/{operation_id}/revert").text
    )
    started = start(client, operation_id)
    work()

    stored = story.stored(calls[0])
    assert (stored.booking_status, stored.outcome) == ("not_booked", calls[0].outcome)
    assert story.stored(colleague).role == Role.MANAGER
    assert counts(client.get(started)) == {"total": 2, "reverted": 1, "unchanged": 0, "skipped": 1}


def test_a_requester_who_lost_the_permission_stops_it(
    client: Client,
    admin: User,
    new_client: NewClient,
    make: Factories,
    calls: list[Call],
    booked: UUID,
    story: Story,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = operation_run_service.revert_some

    def demoted(revert_id: UUID) -> bool:
        if statuses(story, calls).count("not_booked") == 2:
            story.as_owner(f"UPDATE users SET role = 'exec' WHERE id = '{admin.id}'")
        return step(revert_id)

    make.user(story.organization, Role.OWNER)
    monkeypatch.setattr(operation_run_service, "revert_some", demoted)
    started = start(client.sign_in(admin), booked)
    work()

    assert statuses(story, calls).count("not_booked") == 2
    page = new_client().sign_in(make.user(story.organization, Role.ADMIN)).get(started)
    assert "Ada Admin can no longer revert changes. Records reverted so far stay reverted." in page.text
    assert "Stopped" in page.text


def test_it_can_be_canceled_and_started_again(
    client: Client, admin: User, calls: list[Call], booked: UUID, story: Story, work: Work, one_step: Callable[[], None]
) -> None:
    at = start(client.sign_in(admin), booked)
    one_step()
    client.post(f"{at}/cancel", client.get(at).fields(f"{at}/cancel", "post"))
    work()

    page = client.get(at)
    assert "Canceled" in page.text
    assert statuses(story, calls).count("not_booked") == 2

    action = f"/audit/operations/{booked}/revert"
    assert page.links["Revert the rest…"] == action
    again = start(client, booked)
    work()
    assert statuses(story, calls) == ["not_booked"] * 5
    assert counts(client.get(again)) == {"total": 5, "reverted": 3, "unchanged": 2, "skipped": 0}


def test_an_unfinished_revert_cannot_be_reverted(
    client: Client, app: Flask, admin: User, booked: UUID, reverts: Reverts, work: Work, one_step: Callable[[], None]
) -> None:
    client.sign_in(admin)
    start(client, booked)
    one_step()
    [row] = reverts()
    unfinished = "This operation is a revert that hasn’t finished."

    assert unfinished in client.get(f"/audit/operations/{row.operation_id}/revert").text
    with at_work(app, admin.organization_id), pytest.raises(Conflict, match=unfinished):
        operation_service.start(acting(admin), uuid7(), row.operation_id)

    work()
    assert unfinished not in client.get(f"/audit/operations/{row.operation_id}/revert").text


def test_what_has_ended_cannot_be_canceled(app: Flask, admin: User, booked: UUID, make: Factories) -> None:
    done = make.operation_revert(admin, status="completed", finished_at=DAY)
    canceled = make.operation_revert(admin, status="cancelled", finished_at=DAY)

    with at_work(app, admin.organization_id):
        operation_service.cancel(acting(admin), canceled.id)
        with pytest.raises(Conflict):
            operation_service.cancel(acting(admin), done.id)


def test_started_twice_at_once_it_is_one_job(
    app: Flask,
    admin: User,
    make: Factories,
    booked: UUID,
    organization: Organization,
    reverts: Reverts,
    admin_engine: Engine,
) -> None:
    other = make.user(organization, Role.OWNER)
    works = [partial(operation_service.start, acting(who), uuid7(), booked) for who in (admin, other, admin)]

    assert both_at_once(app, organization.id, *works) == []

    assert len(reverts()) == 1
    with admin_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM jobs WHERE name = 'audit.revert'").scalar() == 1


def test_the_database_allows_one_unfinished_revert_of_an_operation(admin: User, make: Factories, booked: UUID) -> None:
    make.operation_revert(admin, target_id=booked)

    with pytest.raises(IntegrityError, match="uq_operation_reverts_unfinished"):
        make.operation_revert(admin, target_id=booked)


def test_one_form_sent_again_after_the_end_starts_nothing(
    client: Client, admin: User, booked: UUID, work: Work, reverts: Reverts
) -> None:
    client.sign_in(admin)
    action = f"/audit/operations/{booked}/revert"
    form = client.get(action).fields(f"{action}/start")
    first = client.post(f"{action}/start", form)
    work()

    second = client.post(f"{action}/start", form)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(reverts()) == 1


def test_while_it_runs_the_page_of_the_operation_leads_to_its_progress(
    client: Client, admin: User, booked: UUID
) -> None:
    started = start(client.sign_in(admin), booked)

    page = client.get(f"/audit/operations/{booked}/revert", status=303)

    assert page.headers["Location"] == started


def test_a_worker_killed_in_a_step_leaves_nothing_out_and_does_nothing_twice(
    app: Flask,
    client: Client,
    admin: User,
    calls: list[Call],
    booked: UUID,
    story: Story,
    work: Work,
    admin_engine: Engine,
) -> None:
    at = start(client.sign_in(admin), booked)
    with started(app, "tests.trust.audit_log.dying") as doomed:
        assert doomed.wait(60) == -signal.SIGKILL
    assert statuses(story, calls).count("not_booked") == 2

    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    work()

    assert statuses(story, calls) == ["not_booked"] * 5
    assert counts(client.get(at)) == {"total": 5, "reverted": 5, "unchanged": 0, "skipped": 0}
    with admin_engine.connect() as connection:
        reverted = text("SELECT count(*), count(DISTINCT operation_id) FROM audit_logs WHERE action = 'call.reverted'")
        assert tuple(connection.execute(reverted).one()) == (5, 1)


def test_the_requester_is_notified(client: Client, admin: User, booked: UUID, work: Work, admin_engine: Engine) -> None:
    at = start(client.sign_in(admin), booked)
    work()

    with Session(admin_engine) as session:
        (told,) = session.scalars(select(Notification).where(Notification.kind == "revert_finished"))
    assert (told.user_id, told.link) == (admin.id, at)


def test_one_that_stopped_goes_on_where_it_was(
    app: Flask, client: Client, admin: User, calls: list[Call], booked: UUID, story: Story, work: Work, reverts: Reverts
) -> None:
    at = start(client.sign_in(admin), booked)
    [row] = reverts()
    with at_work(app, story.organization.id):
        operation_run_service.stop(row.id, ValueError("the disk is full"))
    assert "Something broke on our side." in client.get(at).text
    with at_work(app, story.organization.id):
        operation_run_service.go_on(row.id)
    work()

    assert statuses(story, calls) == ["not_booked"] * 5


def test_one_that_stopped_does_not_go_on_beside_another(
    app: Flask, client: Client, admin: User, booked: UUID, story: Story, reverts: Reverts
) -> None:
    client.sign_in(admin)
    start(client, booked)
    [row] = reverts()
    with at_work(app, story.organization.id):
        operation_run_service.stop(row.id, ValueError("the disk is full"))
    start(client, booked)

    with at_work(app, story.organization.id), pytest.raises(Conflict):
        operation_run_service.go_on(row.id)


def test_more_than_ten_thousand_entries_are_refused_with_what_to_do(
    client: Client, admin: User, booked: UUID, monkeypatch: pytest.MonkeyPatch, reverts: Reverts
) -> None:
    action = f"/audit/operations/{booked}/revert"
    client.sign_in(admin)
    form = client.get(action).fields(f"{action}/start")
    monkeypatch.setattr(paging, "MAX_COUNTED", 4)

    page = client.get(action)
    refused = client.post(f"{action}/start", form, status=409)

    for shown in (page, refused):
        assert "too many to revert together. Undo it where it was made" in shown.text
        assert not shown.all(f".//form[@action='{action}/start']")
    assert reverts() == []


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC, Role.MANAGER])
def test_it_takes_the_permission_to_revert(
    client: Client, make: Factories, admin: User, booked: UUID, story: Story, reverts: Reverts, role: Role
) -> None:
    running = make.operation_revert(admin)
    client.sign_in(make.user(story.organization, role))

    client.post(f"/audit/operations/{booked}/revert/start", {"row_id": str(uuid7())}, status=403)
    client.post(f"/audit/reverts/{running.id}/cancel", {}, status=403)
    shown = client.get(f"/audit/reverts/{running.id}", status=403 if role is Role.MANAGER else 200)
    assert "Cancel revert" not in shown.text
    assert [row.status for row in reverts()] == ["queued"]


def test_another_organizations_is_not_found(client: Client, make: Factories, admin: User) -> None:
    stranger = make.user(make.organization(), Role.ADMIN)
    theirs = make.operation_revert(stranger)
    client.sign_in(admin)

    client.get(f"/audit/reverts/{theirs.id}", status=404)
    client.get(f"/audit/reverts/{theirs.id}/skipped.csv", status=404)


def test_an_import_and_a_bulk_change_lead_to_their_own_undo(
    client: Client, admin: User, make: Factories, calls: list[Call], booked: UUID, story: Story, reverts: Reverts
) -> None:
    changed = make.bulk_operation(admin, operation_id=booked)
    client.sign_in(admin)
    action = f"/audit/operations/{booked}/revert"

    listed, page = client.get(f"/audit?operation_id={booked}"), client.get(action)
    with_records = client.post(action, {"record": [str(calls[0].id)]}, status=409)
    client.post(f"{action}/start", {"row_id": str(uuid7())}, status=409)

    assert listed.links["Undo bulk change…"] == page.links["Undo bulk change…"] == f"/bulk/{changed.id}"
    assert "This operation is a bulk change. Undo it on its own page instead." in with_records.text
    assert "Revert the whole operation…" not in listed.text
    assert statuses(story, calls) == ["booked"] * 5
    assert reverts() == []


def test_an_import_leads_to_its_own_undo(
    client: Client, admin: User, make: Factories, calls: list[Call], operate: Operate, story: Story
) -> None:
    made = make.import_of_calls(story.organization, status="completed", started_at=func.now(), finished_at=func.now())
    story.as_owner(
        f"SELECT set_config('app.operation_id', '{made.id}', false)",
        *(f"UPDATE calls SET booking_status = 'booked' WHERE id = '{call.id}'" for call in calls),
    )
    client.sign_in(admin)

    listed = client.get(f"/audit?operation_id={made.id}")
    page = client.get(f"/audit/operations/{made.id}/revert")

    assert listed.links["Undo import…"] == page.links["Undo import…"] == f"/imports/{made.id}"
    assert "This operation is an import." in page.text


def test_the_list_of_an_operation_leads_to_reverting_it(
    client: Client, admin: User, new_client: NewClient, make: Factories, booked: UUID, story: Story
) -> None:
    action = f"/audit/operations/{booked}/revert"

    listed = client.sign_in(admin).get(f"/audit?operation_id={booked}")
    of_support = new_client().sign_in(make.user(story.organization, Role.SUPPORT)).get(f"/audit?operation_id={booked}")

    assert listed.links["Revert the whole operation…"] == action
    assert "Revert the whole operation…" not in client.get("/audit").text
    assert "Revert the whole operation…" not in client.get(f"/audit?operation_id={uuid4()}").text
    assert "Revert the whole operation…" not in of_support.text


def test_a_step_reads_as_often_for_twenty_records_as_for_two(
    app: Flask,
    client: Client,
    admin: User,
    make: Factories,
    operate: Operate,
    story: Story,
    work: Work,
    queries: Queries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(operation_run_service, "RECORDS_A_STEP", 500)
    client.sign_in(admin)
    reads = []
    for number in (3, 3, 20):  # the first runs the queries that are cached
        made = [make.task(story.organization) for _ in range(number)]
        start(client, operate(*((task, {"title": "Another title"}) for task in made)))
        with queries() as sent:
            work()
        reads.append(sum("FROM tasks" in one or "audit_logs" in one for one in sent))

    assert reads[1] == reads[2]
