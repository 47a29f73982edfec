"""The filters and order with which lists open, and the partial page update that they share."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from app.models import Organization, Role
from tests.support.client import Client
from tests.support.factories import DAY, Factories


@pytest.fixture
def owner(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.OWNER))


def titles(client: Client, url: str) -> list[str]:
    cells = client.get(url).all(".//main//tbody/tr/th[@scope='row']")
    return ["".join(cell.itertext()).split("\n")[0].strip() for cell in cells]


def test_tasks_open_on_what_is_to_do_overdue_first(owner: Client, make: Factories, organization: Organization) -> None:
    late, soon = DAY - timedelta(days=3), datetime.now(UTC) + timedelta(days=3)
    make.task(organization, title="Soon", due_at=soon)
    make.task(organization, title="Late", due_at=late)
    make.task(organization, title="Done", due_at=late, status="completed", completed_at=DAY)

    first, second = titles(owner, "/tasks")
    assert (first.startswith("Late"), second.startswith("Soon")) == (True, True)
    assert len(titles(owner, "/tasks?sort=dueDate")) == 3


def test_the_filter_that_a_list_opens_with_is_shown_and_taken_away(
    owner: Client, make: Factories, organization: Organization
) -> None:
    make.task(organization, title="Done", status="completed", completed_at=DAY)

    page = owner.get("/tasks")
    [chip] = [link for link in page.all(".//search//a[@href]") if "status" not in link.get("href", "")][:1]

    assert titles(owner, chip.get("href", "")) != []


def test_any_status_can_be_chosen(owner: Client, make: Factories, organization: Organization) -> None:
    make.task(organization, title="Done", status="completed", completed_at=DAY)
    fields = owner.get("/tasks").fields("/tasks", "get")

    there = owner.get(f"/tasks?{urlencode({**fields, 'status': ''})}", status=303).headers["Location"]

    assert len(titles(owner, there)) == 1


def test_appointments_begin_today(owner: Client, make: Factories, organization: Organization) -> None:
    today = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0)
    for days in (-2, 5, 1):
        make.appointment(organization, scheduled_start_at=today + timedelta(days=days))

    def visits(url: str) -> list[str]:
        return [row.get("id", "") for row in owner.get(url).all(".//main//tbody/tr")]

    assert [len(visits(url)) for url in ("/appointments", "/appointments?sort=startTime")] == [2, 3]
    times = [row.find(".//time") for row in owner.get("/appointments").all(".//main//tbody/tr")]
    begins = [time.get("datetime", "") for time in times if time is not None]
    assert begins == sorted(begins)
    assert len(begins) == 2


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/tasks", "tasks"), ("/leads", "leads"), ("/missed-calls", "missed-calls"), ("/appointments", "appointments"),
        ("/recordings", "recordings"), ("/users", "users"), ("/invitations", "invitations"), ("/outbox", "outbox"),
        ("/imports", "imports"), ("/bulk", "bulk"), ("/calls", "calls"), ("/trash", "trash"), ("/audit", "audit"),
    ],
)  # fmt: skip
def test_a_list_swaps_itself_and_says_how_many_there_are(owner: Client, path: str, name: str) -> None:
    whole = owner.get(path)
    region = whole.one(f".//*[@id='{name}']")

    assert region.get("hx-boost:inherited") == "true"
    assert region.get("hx-target:inherited") == f"#{name}"
    assert region.get("data-announce")
    part = owner.swap(f"{path}?status=") if path not in ("/trash", "/audit") else owner.swap(path)
    assert part.one(f".//*[@id='{name}']") is not None
    if path != "/invitations":
        assert "status=" not in part.headers["HX-Push-Url"] or path == "/tasks"
