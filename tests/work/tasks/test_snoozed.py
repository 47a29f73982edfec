"""Snoozed tasks, which are listed separately from open ones until the snooze ends."""

from datetime import UTC, datetime, timedelta

from app.models import Organization, Task, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NOW = datetime.now(UTC)


def groups(page: Page) -> dict[str, list[str]]:
    """Return the titles below each heading of the list."""
    found: dict[str, list[str]] = {}
    for body in page.all(".//tbody"):
        heads = [text_of(head).split(" ·")[0] for head in body.findall(".//tr[@class='group']/th")]
        found[heads[0] if heads else ""] = [text_of(link) for link in body.findall(".//th[@scope='row']/a")]
    return found


def test_it_stands_below_and_comes_back_by_itself(
    client: Client, organization: Organization, csr: User, make: Factories, behind: Behind
) -> None:
    late = NOW - timedelta(days=1)
    make.task(organization, assignee=csr, title="Call Ruth", due_at=late)
    waits = make.task(organization, assignee=csr, title="Call Carl", due_at=late)
    behind.change(waits, snoozed_until=NOW + timedelta(hours=2))
    over = make.task(organization, assignee=csr, title="Call Dana", due_at=late)
    behind.change(over, snoozed_until=NOW - timedelta(minutes=1))
    client.sign_in(csr)

    page = client.get("/tasks")

    assert groups(page) == {"Overdue": ["Call Ruth", "Call Dana"], "Snoozed": ["Call Carl"]}
    assert "Snoozed until" in page.text
    overdue = [text_of(row) for row in page.all(".//tbody/tr[th][td]") if "Overdue" in text_of(row)]
    assert len(overdue) == 2
    assert not any("Call Carl" in row for row in overdue)
    behind.change(waits, snoozed_until=NOW - timedelta(minutes=1))
    assert groups(client.get("/tasks")) == {"Overdue": ["Call Ruth", "Call Carl", "Call Dana"]}


def test_it_has_a_list_of_its_own(
    client: Client, organization: Organization, csr: User, make: Factories, behind: Behind
) -> None:
    make.task(organization, assignee=csr, title="Call Ruth")
    behind.change(make.task(organization, assignee=csr, title="Call Carl"), snoozed_until=NOW + timedelta(hours=2))
    theirs = make.task(make.organization(), title="Call somebody else")
    behind.change(theirs, snoozed_until=NOW + timedelta(hours=2))
    page = client.sign_in(csr).get("/tasks")

    snoozed = client.get(page.links["Snoozed"])

    assert [title for titles in groups(snoozed).values() for title in titles] == ["Call Carl"]
    assert [text_of(link) for link in snoozed.all(".//nav[@class='seg']/a[@aria-current='true']")] == ["Snoozed"]
    assert groups(client.get(snoozed.links["Mine"]))["Overdue"] == ["Call Ruth"]


def test_a_view_that_says_nothing_of_it_has_it_among_the_others(
    client: Client, organization: Organization, csr: User, make: Factories, behind: Behind
) -> None:
    task: Task = make.task(organization, assignee=csr, title="Call Carl")
    behind.change(task, snoozed_until=NOW + timedelta(hours=2))

    page = client.sign_in(csr).get("/tasks?status=pending,in_progress")

    assert groups(page) == {"Overdue": ["Call Carl"]}
    assert "Snoozed until" in client.get("/tasks.csv").html


def test_whoever_is_given_it_by_its_form_sees_it_at_once(
    client: Client,
    organization: Organization,
    csr: User,
    colleague: User,
    manager: User,
    make: Factories,
    behind: Behind,
) -> None:
    task: Task = make.task(organization, assignee=csr, title="Call Carl")
    address = f"/tasks/{task.id}/edit"
    client.sign_in(manager)
    for assignee, snoozed in ((csr, NOW + timedelta(hours=2)), (colleague, None)):
        behind.change(task, snoozed_until=NOW + timedelta(hours=2))
        form = client.get(address).fields(address)
        client.post(address, {**form, "title": f"For {assignee.name}", "assignee": str(assignee.id)})

        assert behind.one(Task, id=task.id).assigned_to_user_id == assignee.id
        assert behind.one(Task, id=task.id).snoozed_until == snoozed
