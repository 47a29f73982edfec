"""The page `/notifications`: the user's own notifications that they can still see, newest first.

They can be read and marked as unread, also without JavaScript.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Notification, Organization, User
from tests.messaging.notifications.conftest import Told
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NOW = datetime.now(UTC)

Note = Callable[..., Notification]


@pytest.fixture
def note(make: Factories, csr: User) -> Note:
    """Function that gives the CSR a notification that refers to no record."""

    def add(said: str = "News", **values: Any) -> Notification:
        defaults = {"user_id": csr.id, "kind": "coaching_note", "text": said, "link": "/calls", "told_at": NOW}
        return make.add(Notification(**{"organization_id": csr.organization_id, **defaults, **values}))

    return add


def shown(page: Page) -> list[str]:
    """Return the texts of the listed notifications, in order."""
    items = page.all(".//ul[@class='notes']/li/div/a[1]") or page.all(".//ul[@class='notes notes--small']/li/div/a[1]")
    return [text_of(one) for one in items]


def count_of(page: Page) -> str:
    return text_of(page.all(".//*[@data-waiting='unread']")[0])


def test_newest_first_under_their_days(as_csr: Client, note: Note) -> None:
    note("Of yesterday", told_at=NOW - timedelta(days=1))
    note("Of now")
    note("Of long ago", told_at=datetime(2030, 3, 5, 12, tzinfo=UTC) - timedelta(days=365 * 8))

    page = as_csr.get("/notifications")

    assert shown(page) == ["Of now", "Of yesterday", "Of long ago"]
    assert [text_of(day) for day in page.all(".//h3[@class='day-title']")][:2] == ["Today", "Yesterday"]


def test_only_ones_own(as_csr: Client, note: Note, owner: User) -> None:
    theirs = note("Not mine", user_id=owner.id)

    assert shown(as_csr.get("/notifications")) == []
    as_csr.get(f"/notifications/{theirs.id}", status=404)
    as_csr.post(f"/notifications/{theirs.id}/read", status=404)
    as_csr.post(f"/notifications/{theirs.id}/unread", status=404)


def test_what_one_may_not_see_any_more_is_not_shown_nor_counted(
    as_csr: Client, note: Note, make: Factories, organization: Organization, owner: User, csr: User
) -> None:
    mine, gone = make.task(organization, assignee=csr, title="Send the plan"), make.task(organization, assignee=owner)
    note("About mine", about_type="task", about_id=mine.id)
    hidden = note("About another’s", about_type="task", about_id=gone.id)
    note("Of a kind that nobody knows", about_type="spaceship", about_id=gone.id)

    page = as_csr.get("/notifications")

    assert shown(page) == ["About mine"]
    assert "Send the plan" in page.text, "what the record is called now"
    as_csr.get(f"/notifications/{hidden.id}", status=404)
    assert count_of(as_csr.get("/notifications")) == "1"


def test_nor_about_what_was_deleted(
    as_csr: Client, note: Note, make: Factories, organization: Organization, csr: User, admin_engine: Engine
) -> None:
    task = make.task(organization, assignee=csr)
    note("About it", about_type="task", about_id=task.id)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE tasks SET deleted_at = now()"))

    assert shown(as_csr.get("/notifications")) == []
    assert shown(as_csr.swap("/notifications/newest")) == []


def test_following_one_reads_it(as_csr: Client, note: Note, told: Told) -> None:
    one = note(link="/tasks")

    answer = as_csr.get(f"/notifications/{one.id}", status=302)

    assert answer.headers["Location"] == "/tasks"
    assert told()[0]["read_at"] is not None
    assert count_of(as_csr.get("/calls")) == ""


def test_reading_one_is_taken_back(as_csr: Client, note: Note, told: Told) -> None:
    one, _other = note("One"), note("Another")

    page = as_csr.follow(as_csr.post(f"/notifications/{one.id}/read"))
    undo = next(form.get("action", "") for form in page.all(".//form") if "take-back" in form.get("action", ""))
    assert [row["read_at"] is None for row in told()].count(False) == 1
    as_csr.post(undo)

    assert [row["read_at"] for row in told()] == [None, None]


def test_all_are_read_and_taken_back(as_csr: Client, note: Note, told: Told, owner: User) -> None:
    note("Read long before", read_at=NOW - timedelta(hours=1))
    note("One"), note("Two"), note("Not mine", user_id=owner.id)

    page = as_csr.follow(as_csr.post("/notifications/read"))
    assert "2 notifications marked as read." in page.text
    assert {row["text"] for row in told() if row["read_at"] is None} == {"Not mine"}
    undo = next(form.get("action", "") for form in page.all(".//form") if "take-back" in form.get("action", ""))
    as_csr.post(undo)

    assert {row["text"] for row in told() if row["read_at"] is None} == {"One", "Two", "Not mine"}


def test_what_is_read_is_unread_again(as_csr: Client, note: Note, told: Told) -> None:
    one = note(read_at=NOW)

    as_csr.post(f"/notifications/{one.id}/unread")

    assert told()[0]["read_at"] is None


def test_narrowed_to_the_unread_and_to_a_kind(as_csr: Client, note: Note) -> None:
    note("Read", read_at=NOW)
    note("New")
    note("Of a task", kind="task_assigned")

    assert shown(as_csr.get("/notifications?state=unread&kind=coaching_note")) == ["New"]
    assert set(shown(as_csr.get("/notifications?kind=coaching_note"))) == {"Read", "New"}
    as_csr.get("/notifications?kind=No!", status=400)


def test_many_of_a_kind_are_said_as_one(as_csr: Client, note: Note) -> None:
    one = note("Marcus assigned you a task.", kind="task_assigned", about_type="task", count=12)

    assert shown(as_csr.get("/notifications")) == ["12 tasks were assigned to you"]
    assert as_csr.get(f"/notifications/{one.id}", status=302).headers["Location"].startswith("/tasks?assignee=me")


def test_older_ones_are_on_the_next_page(as_csr: Client, note: Note, make: Factories) -> None:
    with make.batch():
        for number in range(60):
            note(f"Number {number}", told_at=NOW - timedelta(minutes=number))

    first = as_csr.get("/notifications")
    second = as_csr.get(first.links["Older"])

    assert shown(first) + shown(second) == [f"Number {number}" for number in range(60)]


def test_the_bell_shows_the_newest_five_and_the_count(as_csr: Client, note: Note, make: Factories) -> None:
    with make.batch():
        for number in range(120):
            note(f"Number {number}", told_at=NOW - timedelta(minutes=number))

    assert count_of(as_csr.get("/calls")) == "99+"
    assert shown(as_csr.swap("/notifications/newest")) == [f"Number {number}" for number in range(5)]


def test_whoever_sees_the_pages_of_somebody_reads_nothing_for_them(
    client: Client, admin: User, csr: User, note: Note, told: Told, make: Factories, organization: Organization
) -> None:
    one = note("For Cara")
    hidden = make.task(organization)
    note("About what is out of sight", about_type="task", about_id=hidden.id)
    client.sign_in(admin)
    client.post(f"/users/{csr.id}/view-as", {"reason": "They say that a call is missing"})

    page = client.get("/notifications")
    client.get(f"/notifications/{one.id}", status=302)
    client.post("/notifications/read", status=403)

    assert shown(page) == ["For Cara"]
    assert count_of(page) == "2"
    assert [row["read_at"] for row in told()] == [None, None]


def test_the_day_is_that_of_the_organization(
    new_client: Callable[[], Client], make: Factories, organization: Organization
) -> None:
    """Notifications are grouped by day in the organization's time zone, whatever the day is in UTC.

    It is about noon in the organization's time zone, so 11 hours ago is today and 13 hours ago is yesterday.
    """
    now = datetime.now(UTC)
    ahead = 12 - now.hour
    far = make.organization(timezone=f"Etc/GMT{-ahead:+d}")
    person = make.user(far)
    values = {"organization_id": far.id, "user_id": person.id, "kind": "coaching_note", "link": "/calls"}
    make.add(Notification(text="Late", told_at=now - timedelta(hours=13), **values))
    make.add(Notification(text="Early", told_at=now - timedelta(hours=11), **values))

    page = new_client().sign_in(person).get("/notifications")

    assert [text_of(day) for day in page.all(".//h3[@class='day-title']")] == ["Today", "Yesterday"]


@pytest.mark.parametrize("address", ["/notifications", "/notifications/newest", "/calls"])
def test_ten_thousand_cost_as_many_statements_as_ten(
    as_csr: Client,
    csr: User,
    make: Factories,
    organization: Organization,
    admin_engine: Engine,
    queries: Callable[[], AbstractContextManager[list[str]]],
    address: str,
) -> None:
    task = make.task(organization, assignee=csr)

    def tell(number: int) -> None:
        with admin_engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO notifications (organization_id, id, user_id, kind, text, link, about_type, about_id)"
                    " SELECT :organization, gen_random_uuid(), :person, 'coaching_note', 'News', '/calls', 'task',"
                    " :task FROM generate_series(1, :number)"
                ),
                {"organization": organization.id, "person": csr.id, "task": task.id, "number": number},
            )

    tell(10)
    as_csr.get(address)
    with queries() as few:
        as_csr.get(address)
    tell(10_000)
    with queries() as many:
        as_csr.get(address)

    assert len(many) == len(few)


def test_what_one_has_lost_the_right_to_be_told_is_not_shown(as_csr: Client, note: Note) -> None:
    note("80% of a monthly budget has been used.", kind="budget_warning")
    note("News")

    assert shown(as_csr.get("/notifications")) == ["News"]
