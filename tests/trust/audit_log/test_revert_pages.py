"""Pages for reverting a change: support finds out who made it, and an admin reverts it."""

import pytest
from flask import Flask

from app.models import Call, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.trust.audit_log.reverting import Story


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER, name="Marcus Bell")


def reclassify(client: Client, manager: User, call: Call) -> None:
    values = {"booking_status": "booked", "reason": "I heard it myself", "version": "1"}
    client.sign_in(manager).post(f"/calls/{call.id}/booking-status", values)


def test_the_story(
    make: Factories,
    organization: Organization,
    admin: User,
    manager: User,
    call: Call,
    story: Story,
    app: Flask,
) -> None:
    reclassify(Client(app), manager, call)
    entry = story.last_entry(call)
    support = Client(app).sign_in(make.user(organization, Role.SUPPORT))

    found = support.get(f"/audit?resource_type=call&resource_id={call.id}&field=booking_status")
    assert "Marcus Bell" in found.text
    shown = support.get(f"/audit/{entry.id}")
    assert "audit:revert" in shown.text
    assert "Admin" in shown.text
    assert shown.all(".//button[@disabled]")
    support.get(f"/audit/{entry.id}/revert", status=403)
    support.post(f"/audit/{entry.id}/revert", status=403)

    boss = Client(app).sign_in(admin)
    page = boss.get(boss.get(f"/audit/{entry.id}").links["Revert this change…"])
    assert "Not booked" in page.text
    assert "Booked" in page.text
    done = boss.follow(boss.post(f"/audit/{entry.id}/revert"))
    assert "The change was reverted." in done.text

    row = story.stored(call)
    assert (row.booking_status, row.booking_status_reason, row.booking_status_source) == (
        "not_booked",
        None,
        "analysis",
    )
    told = story.last_entry(call)
    assert (told.action, told.user_id, told.details["entry"]) == ("call.reverted", admin.id, str(entry.id))
    assert str(told.ip_address) == "127.0.0.1"
    assert told.request_id


def test_what_moved_on_is_shown_field_by_field_and_stays(client: Client, admin: User, call: Call, story: Story) -> None:
    entry = story.change(call, booking_status="booked", booking_status_source="user")
    story.change(call, booking_status="service_not_offered")
    client.sign_in(admin)

    page = client.get(f"/audit/{entry}/revert")
    assert "the record has changed since" in page.text
    assert "Service not offered" in page.text
    assert "this entry set it to Booked" in page.text
    assert not page.all(f".//form[@action='/audit/{entry}/revert']")

    refused = client.post(f"/audit/{entry}/revert", status=409)
    assert "Service not offered" in refused.text
    assert story.stored(call).booking_status == "service_not_offered"


def test_a_program_gets_the_newer_values(client: Client, admin: User, call: Call, story: Story) -> None:
    entry = story.change(call, booking_status="booked")
    story.change(call, booking_status="service_not_offered")

    answer = client.sign_in(admin).post(f"/audit/{entry}/revert", status=409, headers={"Accept": "application/json"})

    assert answer.json["error"]["code"] == "VERSION_CONFLICT"
    assert answer.json["error"]["current"] == {"bookingStatus": "service_not_offered"}


def test_what_is_back_already_says_so(client: Client, admin: User, call: Call, story: Story) -> None:
    entry = story.change(call, booking_status="booked")
    client.sign_in(admin).post(f"/audit/{entry}/revert")

    assert "There’s nothing to revert." in client.get(f"/audit/{entry}/revert").text
    client.post(f"/audit/{entry}/revert")
    assert story.stored(call).version == 3


def test_what_is_done_on_another_page_says_where(client: Client, admin: User, manager: User, story: Story) -> None:
    story.as_owner(f"UPDATE users SET role = 'exec' WHERE id = '{manager.id}'")
    entry = story.last_entry(manager)
    client.sign_in(admin)

    assert "on their page" in client.get(f"/audit/{entry.id}").text
    assert "on their page" in client.post(f"/audit/{entry.id}/revert", status=409).text


def test_the_rest_of_the_operation_stays_and_is_one_click_away(
    client: Client, admin: User, story: Story, make: Factories, organization: Organization
) -> None:
    task, other = make.task(organization), make.task(organization)
    story.as_owner("UPDATE tasks SET title = 'Another title', version = version + 1")
    entry = story.last_entry(task)

    page = client.sign_in(admin).get(f"/audit/{entry.id}/revert")
    assert "changed 1 other record" in page.text
    client.post(f"/audit/{entry.id}/revert")

    assert story.stored(task).title == task.title
    assert story.stored(other).title == "Another title"


def test_another_organizations_entry_is_not_found(client: Client, make: Factories, call: Call, story: Story) -> None:
    entry = story.change(call, booking_status="booked")
    client.sign_in(make.user(make.organization(), Role.OWNER))

    client.get(f"/audit/{entry}/revert", status=404)
    client.post(f"/audit/{entry}/revert", status=404)
