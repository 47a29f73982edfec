"""The list of tasks: visibility, order by due date, and the buttons and links in its rows."""

from datetime import timedelta

import pytest

from app.models import Role
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


def titles(page: Page) -> list[str]:
    """Return the title of each row."""
    cells = page.all(".//tbody/tr/th[@scope='row']")
    return [text_of(cell.findall("./a")[0]) for cell in cells]


def test_a_csr_sees_what_is_assigned_to_them_or_was_made_by_them(client: Client, make: Factories) -> None:
    company = make.organization()
    me, colleague = make.user(company), make.user(company)
    make.task(company, title="For me", assignee=me)
    make.task(company, title="By me", assignee=colleague, created_by=me.id, due_at=DAY + timedelta(days=1))
    make.task(company, title="Not mine", assignee=colleague)
    make.task(make.organization(), title="Next door")

    assert titles(client.sign_in(me).get("/tasks")) == ["For me", "By me"]


def test_tasks_without_a_date_come_last_on_every_page(client: Client, make: Factories) -> None:
    company = make.organization()
    with make.batch():
        for number in range(60):
            make.task(company, title=f"Dated {number:02}", due_at=DAY + timedelta(hours=number))
            make.task(company, title=f"Undated {number:02}", due_at=None)
    client.sign_in(make.user(company, role=Role.MANAGER))

    page = client.get("/tasks")
    seen = titles(page)
    while "Older" in page.links:
        page = client.get(page.links["Older"])
        seen += titles(page)

    assert seen[:60] == [f"Dated {number:02}" for number in range(60)]
    assert sorted(seen[60:]) == [f"Undated {number:02}" for number in range(60)]


@pytest.mark.parametrize(
    ("status", "label", "action"),
    [("pending", "Complete: Call back", "complete"), ("completed", "Reopen: Call back", "reopen")],
)
def test_the_ring_completes_what_is_open_and_reopens_what_is_done(
    client: Client, make: Factories, status: str, label: str, action: str
) -> None:
    company = make.organization()
    me = make.user(company)
    done = {"completed_at": DAY} if status == "completed" else {}
    task = make.task(company, title="Call back", assignee=me, status=status, **done)
    page = client.sign_in(me).get(f"/tasks?status={status}")

    rings = {button.get("aria-label"): button for button in page.all(".//tbody//button[@aria-label]")}
    assert label in rings
    forms = [form.get("action") for form in page.all(".//tbody//form") if rings[label] in form.iter()]
    assert forms == [f"/tasks/{task.id}/{action}"]


def test_support_has_no_tasks(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.SUPPORT))

    client.get("/tasks", status=403)


def test_my_tasks_can_be_asked_for_without_knowing_my_id(client: Client, make: Factories) -> None:
    company = make.organization()
    manager = make.user(company, role=Role.MANAGER)
    make.task(company, title="Mine", assignee=manager)
    make.task(company, title="Somebody's", assignee=make.user(company))

    assert titles(client.sign_in(manager).get("/tasks?assignee=me&status=pending,in_progress")) == ["Mine"]


def test_a_task_leads_to_its_call_where_that_may_be_seen(client: Client, make: Factories) -> None:
    company = make.organization()
    me = make.user(company)
    mine, anothers = make.call(company, csr=me), make.call(company, csr=make.user(company))
    make.task(company, title="About my call", assignee=me, call_id=mine.id)
    make.task(company, title="About another's", assignee=me, call_id=anothers.id)

    page = client.sign_in(me).get("/tasks")

    assert sorted(titles(page)) == ["About another's", "About my call"]
    assert page.links["Call"] == f"/calls/{mine.id}"
    assert f"/calls/{anothers.id}" not in page.links.values()
