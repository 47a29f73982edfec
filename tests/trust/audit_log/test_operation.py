"""Reverting of an operation or of selected records; records that changed since then stay as they are."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Call, Organization, Role, User
from app.trust.audit_log import operation_service
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.trust.audit_log.conftest import Operate
from tests.trust.audit_log.reverting import Story

Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def calls(make: Factories, organization: Organization) -> list[Call]:
    return [make.call(organization, booking_status="not_booked") for _ in range(3)]


def choices(page: Page) -> list[str]:
    return [box.get("value") or "" for box in page.all(".//input[@name='record']")]


def post(client: Client, operation_id: UUID, *rows: Any, status: int = 303) -> Page:
    return client.post(
        f"/audit/operations/{operation_id}/revert", {"record": [str(row.id) for row in rows]}, status=status
    )


def statuses(story: Story, calls: list[Call]) -> list[str | None]:
    return [story.stored(call).booking_status for call in calls]


def test_all_of_it_is_set_back_in_one_act(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story, admin_engine: Engine
) -> None:
    operation_id = operate(*((call, {"booking_status": "booked"}) for call in calls))
    entry = story.last_entry(calls[0])
    client.sign_in(admin)

    shown = client.get(client.get(f"/audit/{entry.id}").links["Revert the whole operation…"])
    done = client.follow(post(client, operation_id, *calls))

    assert set(choices(shown)) == {str(call.id) for call in calls}
    assert "Not booked" in shown.text
    assert "3 records were reverted." in done.text
    assert statuses(story, calls) == ["not_booked"] * 3
    with Session(admin_engine) as session:
        told = session.scalars(select(AuditLog).where(AuditLog.action == "call.reverted")).all()
    assert {one.resource_id for one in told} == {call.id for call in calls}
    assert len({one.operation_id for one in told}) == 1
    assert {one.details["operation"] for one in told} == {str(operation_id)}


def test_or_those_that_are_chosen(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story
) -> None:
    operation_id = operate(*((call, {"booking_status": "booked"}) for call in calls))

    post(client.sign_in(admin), operation_id, calls[1])

    assert statuses(story, calls) == ["booked", "not_booked", "booked"]


def test_what_moved_on_is_said_and_cannot_be_chosen(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story
) -> None:
    operation_id = operate(*((call, {"booking_status": "booked"}) for call in calls))
    story.change(calls[0], booking_status="service_not_offered")

    page = client.sign_in(admin).get(f"/audit/operations/{operation_id}/revert")

    assert set(choices(page)) == {str(call.id) for call in calls[1:]}
    assert "the record has changed since" in page.text
    assert "Service not offered" in page.text


def test_when_one_of_the_chosen_moved_on_meanwhile_none_is_set_back(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story
) -> None:
    operation_id = operate(*((call, {"booking_status": "booked"}) for call in calls))
    story.change(calls[0], booking_status="service_not_offered")

    page = post(client.sign_in(admin), operation_id, *calls, status=409)

    assert "the record has changed since" in page.text
    assert statuses(story, calls) == ["service_not_offered", "booked", "booked"]
    assert set(choices(page)) == {str(call.id) for call in calls[1:]}


def test_several_changes_of_a_record_are_one(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story
) -> None:
    call = calls[0]
    operation_id = operate(
        (call, {"booking_status": "booked", "outcome": "resolved"}),
        (calls[1], {"outcome": "resolved"}),
        (call, {"booking_status": "service_not_offered"}),
        (calls[1], {"outcome": None}),
    )
    client.sign_in(admin)
    page = client.get(f"/audit/operations/{operation_id}/revert")
    post(client, operation_id, call)

    assert choices(page) == [str(call.id)], "the other one is as it was"
    stored = story.stored(call)
    assert (stored.booking_status, stored.outcome) == ("not_booked", call.outcome)


def test_what_came_or_went_is_said_and_stays(
    client: Client, admin: User, make: Factories, calls: list[Call], operate: Operate, story: Story
) -> None:
    task = make.task(story.organization)
    operation_id = operate((calls[0], {"booking_status": "booked"}), then=f"DELETE FROM tasks WHERE id = '{task.id}'")

    page = client.sign_in(admin).get(f"/audit/operations/{operation_id}/revert")

    assert choices(page) == [str(calls[0].id)]
    assert "1 entry in this operation records a creation or deletion" in page.text


def test_nothing_chosen_is_said(client: Client, admin: User, calls: list[Call], operate: Operate, story: Story) -> None:
    operation_id = operate((calls[0], {"booking_status": "booked"}))

    page = post(client.sign_in(admin), operation_id, status=400)

    assert "Choose at least one record to revert." in page.text
    assert choices(page) == [str(calls[0].id)]
    assert statuses(story, calls[:1]) == ["booked"]


def test_a_very_large_one_is_undone_elsewhere(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation_service, "MAX_ENTRIES", 2)
    operation_id = operate(*((call, {"booking_status": "booked"}) for call in calls))
    client.sign_in(admin)

    assert choices(client.get(f"/audit/operations/{operation_id}/revert")) == []
    post(client, operation_id, *calls, status=409)
    assert statuses(story, calls) == ["booked"] * 3


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC, Role.MANAGER])
def test_it_takes_the_permission_to_revert(
    client: Client, make: Factories, calls: list[Call], operate: Operate, story: Story, role: Role
) -> None:
    operation_id = operate((calls[0], {"booking_status": "booked"}))
    client.sign_in(make.user(story.organization, role))

    client.get(f"/audit/operations/{operation_id}/revert", status=403)
    post(client, operation_id, calls[0], status=403)
    assert statuses(story, calls[:1]) == ["booked"]


def test_another_organizations_operation_is_not_found(
    client: Client, admin: User, make: Factories, operate: Operate
) -> None:
    call = make.call(make.organization(), booking_status="not_booked")
    operation_id = operate((call, {"booking_status": "booked"}))

    client.sign_in(admin).get(f"/audit/operations/{operation_id}/revert", status=404)
    post(client, operation_id, call, status=404)


def test_asked_twice_it_is_done_once_and_says_so(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story
) -> None:
    operation_id = operate(*((call, {"booking_status": "booked"}) for call in calls))
    client.sign_in(admin)
    post(client, operation_id, calls[0])

    page = client.follow(post(client, operation_id, *calls[:2]))
    assert "1 record was reverted." in page.text
    page = client.follow(post(client, operation_id, *calls[:2]))
    assert "The records already have the earlier values." in page.text


@pytest.mark.parametrize("is_told", [False, True], ids=["changes", "an event at the end"])
def test_a_change_before_it_can_be_set_back_afterwards(
    client: Client, admin: User, calls: list[Call], operate: Operate, story: Story, is_told: bool
) -> None:
    call = calls[0]
    earlier = story.change(call, booking_status="booked")
    event = f"SELECT audit_append('{story.organization.id}', 'call.played', 'call', '{call.id}', NULL, NULL, '{{}}')"
    operation_id = operate(
        (call, {"booking_status": "service_not_offered"}),
        (call, {"booking_status": "not_booked"}),
        then=event if is_told else "SELECT 1",
    )
    post(client.sign_in(admin), operation_id, call)
    assert statuses(story, calls[:1]) == ["booked"]

    story.revert(admin, earlier)

    assert statuses(story, calls[:1]) == ["not_booked"]


@pytest.mark.parametrize("kind", ["call", "task"])
def test_the_page_asks_as_often_for_twenty_records_as_for_two(
    client: Client, admin: User, make: Factories, operate: Operate, story: Story, queries: Queries, kind: str
) -> None:
    def operated(number: int) -> UUID:
        if kind == "call":
            return operate(
                *((make.call(story.organization), {"csr_id": make.user(story.organization).id}) for _ in range(number))
            )
        return operate(*((make.task(story.organization), {"title": "Another title"}) for _ in range(number)))

    client.sign_in(admin)
    few, many = operated(2), operated(20)
    client.get(f"/audit/operations/{few}/revert")  # runs the queries that are cached
    asked = []
    for operation_id in (few, many):
        with queries() as sent:
            client.get(f"/audit/operations/{operation_id}/revert")
        asked.append(len(sent))

    assert asked[0] == asked[1]
