"""The list of tasks, grouped by due date."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.models import Organization, Role, User
from app.work.tasks.group_rules import (
    LATER,
    NEXT_DAYS,
    NO_DATE,
    OVERDUE,
    TODAY,
    Snooze,
    group_of,
    snoozed_until,
)
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

ZONE = ZoneInfo("America/New_York")
#: A Friday.
NOW = datetime(2026, 11, 20, 14, 41, tzinfo=ZONE)


class Row:
    def __init__(self, due_at: datetime | None) -> None:
        self.due_at = due_at


@pytest.mark.parametrize(
    ("due_at", "group"),
    [
        (None, NO_DATE),
        (NOW - timedelta(minutes=1), OVERDUE),
        (NOW, TODAY),
        (datetime(2026, 11, 20, 23, 59, tzinfo=ZONE), TODAY),
        (datetime(2026, 11, 21, 4, 59, tzinfo=UTC), TODAY),
        (datetime(2026, 11, 21, tzinfo=ZONE), NEXT_DAYS),
        (datetime(2026, 11, 27, 23, 59, tzinfo=ZONE), NEXT_DAYS),
        (datetime(2026, 11, 28, tzinfo=ZONE), LATER),
    ],
)
def test_a_task_is_in_the_group_of_its_day_where_the_organization_is(due_at: datetime | None, group: object) -> None:
    assert group_of(Row(due_at), NOW) is group


@pytest.mark.parametrize(
    ("choice", "now", "until"),
    [
        (Snooze.HOURS, NOW, "2026-11-20 17:41"),
        (Snooze.TOMORROW, NOW, "2026-11-21 09:00"),
        (Snooze.WEEK, NOW, "2026-11-23 09:00"),
        (Snooze.WEEK, datetime(2026, 11, 23, 8, tzinfo=ZONE), "2026-11-30 09:00"),
        (Snooze.TOMORROW, datetime(2026, 3, 7, 12, tzinfo=ZONE), "2026-03-08 09:00"),
        (Snooze.HOURS, datetime(2026, 3, 8, 0, 30, tzinfo=ZONE), "2026-03-08 04:30"),
    ],
)
def test_where_a_task_is_put_off_to(choice: Snooze, now: datetime, until: str) -> None:
    assert snoozed_until(choice, now).astimezone(ZONE).strftime("%Y-%m-%d %H:%M") == until


def heads(page: Page) -> list[str]:
    """Return the headings of the groups."""
    return [text_of(cell).split(" Call")[0] for cell in page.all(".//tbody/tr/th[@scope='rowgroup']")]


@pytest.fixture
def at(make: Factories, organization: Organization, csr: User) -> datetime:
    """The current time, at which the CSR has a task in each group."""
    now = datetime.now(UTC)
    for days in (-1, 3, 30):
        make.task(organization, assignee=csr, title=f"In {days}", due_at=now + timedelta(days=days))
    make.task(organization, assignee=csr, title="Some day", due_at=None)
    make.task(organization, assignee=csr, title="Long done", status="completed", completed_at=DAY)
    make.task(organization, assignee=csr, title="Done now", status="completed", completed_at=now)
    return now


def test_rows_stand_under_heads_with_their_count_and_what_is_done_below(
    client: Client, csr: User, at: datetime
) -> None:
    page = client.sign_in(csr).get("/tasks")

    assert heads(page) == ["Overdue · 1", "Next 7 days · 1", "Later · 1", "No date · 1", "Done today · 1"]
    assert [text_of(one) for one in page.all(".//details[@class='group-fold']/summary")] == [
        "No date · 1",
        "Done today · 1",
    ]
    assert page.one(".//*[@data-count]").get("data-count") == "4", "the list counts what is open"


def test_the_count_of_a_group_that_may_go_on_is_not_told(
    client: Client, make: Factories, organization: Organization, csr: User
) -> None:
    with make.batch():
        for number in range(60):
            make.task(organization, assignee=csr, title=f"Late {number}", due_at=DAY)

    first = client.sign_in(csr).get("/tasks")
    second = client.get(first.links["Older"])

    assert heads(first) == heads(second) == ["Overdue"]


@pytest.mark.parametrize("query", ["sort=dueDate", "status=completed", "status=pending,completed"])
def test_a_list_of_what_is_done_too_has_no_groups(client: Client, csr: User, at: datetime, query: str) -> None:
    assert heads(client.sign_in(csr).get(f"/tasks?{query}")) == []


def test_what_is_done_today_is_a_list_of_its_own(client: Client, csr: User, at: datetime) -> None:
    page = client.sign_in(csr).get("/tasks?done=today")

    assert [text_of(cell.findall("./a")[0]) for cell in page.all(".//tbody/tr/th")] == ["Done now"]


def test_mine_and_what_i_gave(
    client: Client, make: Factories, organization: Organization, csr: User, manager: User
) -> None:
    make.task(organization, assignee=csr, created_by=manager.id, title="Given")
    make.task(organization, assignee=manager, created_by=manager.id, title="Mine")
    make.task(organization, assignee=csr, created_by=csr.id, title="Of others")
    make.task(organization, assignee=None, created_by=manager.id, title="For whoever takes it")
    client.sign_in(manager)

    def titles(query: str) -> list[str]:
        page = client.get(f"/tasks?{query}")
        return [text_of(cell.findall("./a")[0]) for cell in page.all(".//tbody/tr/th[@scope='row']")]

    assert (set(titles("giver=me")), titles("assignee=me")) == ({"Given", "For whoever takes it"}, ["Mine"])
    links = client.get("/tasks").links
    assert set(titles(links["Created for others"].partition("?")[2])) == {"Given", "For whoever takes it"}


def test_an_exec_looks_and_changes_nothing(
    client: Client, make: Factories, organization: Organization, csr: User
) -> None:
    make.task(organization, assignee=csr)
    page = client.sign_in(make.user(organization, Role.EXEC)).get("/tasks")

    assert [form for form in page.all(".//main//form[@method='post']") if "/tasks/" in form.get("action", "")] == []
