"""The panel that creates a task next to the record that it is about."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Organization, Role, Task, User
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

Stored = Callable[[Any], Any]


def form_of(page: Page) -> tuple[str, dict[str, Any]]:
    """Return the action and fields of the panel's form."""
    action = page.one(".//form[@id='task-form']").get("action") or ""
    return action, {**page.fields(action), "title": "Send the offer"}


@pytest.fixture(params=["calls", "contacts", "leads", "missed-calls"])
def address(request: pytest.FixtureRequest, make: Factories, organization: Organization, csr: User) -> str:
    """URL of the page of a record about Ruth Delgado."""
    contact = make.contact(organization, first_name="Ruth", last_name="Delgado", created_by=csr.id)
    call = make.call(organization, csr=csr, contact_card_id=contact.id)
    lead = make.lead(organization, contact=contact, csr_id=csr.id)
    missed = make.call(organization, status="missed", contact_card_id=contact.id)
    entry = make.missed_entry(organization, call=missed)
    ids = {"calls": call.id, "contacts": contact.id, "leads": lead.id, "missed-calls": entry.id}
    return f"/{request.param}/{ids[request.param]}"


def test_it_is_about_whom_the_page_is_about_and_leads_back(
    client: Client, organization: Organization, csr: User, address: str, behind: Behind
) -> None:
    page = client.sign_in(csr).get(f"{address}?panel=task")
    assert "Ruth Delgado" in text_of(page.one(".//*[@id='side-panel']"))
    action, form = form_of(page)

    page = client.follow(client.post(action, form))
    client.post(action, form)

    task = behind.one(Task, organization_id=organization.id)
    assert task.contact_card_id is not None
    assert (task.call_id is not None) == address.startswith("/calls/")
    assert "Task added." in page.text
    assert page.links["Open task"] == f"/tasks/{task.id}"
    assert page.links["Add another task"] == f"{address}?panel=task"


def test_htmx_gets_errors_and_then_the_task_in_the_panel(client: Client, csr: User, address: str) -> None:
    action, form = form_of(client.sign_in(csr).get(f"{address}?panel=task"))

    wrong = client.post(action, {**form, "title": "", "description": "By email"}, status=400, headers=HTMX)
    done = client.post(action, form, status=200, headers=HTMX)

    assert not wrong.is_whole
    assert "Enter what needs to be done." in wrong.text
    assert form_of(wrong)[1]["description"] == "By email"
    assert not done.is_whole
    assert "Open task" in done.links


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
def test_who_makes_no_tasks_is_not_offered_it(
    client: Client, make: Factories, organization: Organization, address: str, role: Role
) -> None:
    page = client.sign_in(make.user(organization, role)).get(f"{address}?panel=task")

    assert "Add task" not in page.links
    assert text_of(page.one(".//*[@id='side-panel']")) == ""
