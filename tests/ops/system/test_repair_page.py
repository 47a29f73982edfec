"""The page `/system/repair`: repairs are previewed, explained, and recorded under the user's name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, Role, StaffRole, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of

PAGE = "/system/repair"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def organization(make: Factories) -> Organization:
    organization = make.organization(slug="comfort", timezone="America/Chicago")
    make.subscription(organization)
    make.user(organization, role=Role.OWNER, email="owner@comfort.example")
    return organization


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.ADMIN, email="ada@comfort.example", name="Ada Admin")


def values(engine: Engine, statement: str, **bound: Any) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), bound)]


def test_looking_changes_nothing(
    client: Client, make: Factories, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    broken = make.user(organization, email="casey@nowhere", name="Casey")

    page = client.sign_in(admin).get(PAGE)

    assert "casey@nowhere" in page.text
    assert "Will be repaired" in page.text
    assert values(admin_engine, "SELECT status, version FROM users WHERE id = :id", id=broken.id) == [("active", 1)]


def test_a_repair_is_done_and_recorded_under_the_name_of_who_asked(
    client: Client, make: Factories, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    broken = make.user(organization, email="casey@nowhere")
    sound = make.user(organization)
    elsewhere = make.user(make.organization(), email="casey@nowhere")
    form = client.sign_in(admin).get(PAGE).fields(PAGE)

    page = client.follow(client.post(PAGE, form))

    assert "1 record repaired." in page.text
    assert "Nothing to repair" in page.text
    states = values(
        admin_engine, "SELECT id, status FROM users WHERE id = ANY (:ids)", ids=[broken.id, sound.id, elsewhere.id]
    )
    assert dict(states) == {broken.id: "inactive", sound.id: "active", elsewhere.id: "active"}
    told = values(
        admin_engine,
        "SELECT action, actor_label FROM audit_logs WHERE organization_id = :id AND actor_label = 'Ada Admin'"
        " AND action IN ('user.deactivated', 'organization.repaired') ORDER BY id",
        id=organization.id,
    )
    assert told == [("user.deactivated", "Ada Admin"), ("organization.repaired", "Ada Admin")]


def test_sent_twice_it_repairs_once(client: Client, make: Factories, organization: Organization, admin: User) -> None:
    make.user(organization, email="casey@nowhere")
    form = client.sign_in(admin).get(PAGE).fields(PAGE)

    client.post(PAGE, form)

    assert "0 records repaired." in client.follow(client.post(PAGE, form)).text


def test_due_dates_are_taken_away_only_when_asked_for(
    client: Client, make: Factories, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    task = make.task(organization, due_at=YESTERDAY, title="Call Mr Reyes")
    client.sign_in(admin)

    assert "Needs manual action" in client.get(PAGE).text
    client.post(PAGE, {"subject": "tasks"})
    assert values(admin_engine, "SELECT due_at IS NULL FROM tasks WHERE id = :id", id=task.id) == [(False,)]

    asked = f"{PAGE}?clear_past_due=yes"
    client.post(PAGE, client.get(asked).fields(PAGE))
    assert values(admin_engine, "SELECT due_at IS NULL FROM tasks WHERE id = :id", id=task.id) == [(True,)]


def test_nobody_is_deactivated_by_somebody_below_them(
    client: Client, make: Factories, organization: Organization, admin: User, admin_engine: Engine
) -> None:
    owner = make.user(organization, role=Role.OWNER, email="olga@nowhere")
    client.sign_in(admin)

    assert "You can’t change a person with a higher role." in client.get(PAGE).text
    page = client.follow(client.post(PAGE, {"subject": "users"}))

    assert "1 couldn’t be repaired, for the reasons below" in page.text
    assert values(admin_engine, "SELECT status FROM users WHERE id = :id", id=owner.id) == [("active",)]


def test_the_last_owner_stays(client: Client, make: Factories, admin_engine: Engine) -> None:
    organization = make.organization()
    owner = make.user(organization, role=Role.OWNER, email="olga@nowhere")

    page = client.sign_in(owner).get(PAGE)

    assert "Can’t be repaired" in page.text
    client.post(PAGE, {"subject": "users"})
    assert values(admin_engine, "SELECT status FROM users WHERE id = :id", id=owner.id) == [("active",)]


def test_all_checks_are_run_when_asked_for(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    make.contact(organization, email="dana@nowhere")

    assert "dana@nowhere" not in client.sign_in(admin).get(PAGE).text
    page = client.get(f"{PAGE}?checks=all")
    assert "dana@nowhere" in page.text
    assert "An email address is invalid." in page.text


def test_what_is_worth_knowing_and_not_wrong_is_a_note(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    lead = make.lead(organization)
    make.appointment(organization, lead_id=lead.id)
    make.contact(organization, email="dana@nowhere")
    make.deletion(lead, root_type="lead", counts={"lead": 1})

    page = client.sign_in(admin).get(f"{PAGE}?checks=all")

    said = [text_of(row) for row in page.all(".//*[@id='findings-table']//tbody/tr/th")]
    assert [row for row in said if "Note" in row] == [row for row in said if "optional parent" in row] != []


@pytest.mark.parametrize("subject", ["", "everything", "users\0", "x" * 5000])
def test_what_is_no_repair_is_refused(client: Client, admin: User, subject: str) -> None:
    client.sign_in(admin).post(PAGE, {"subject": subject}, status=400)


def test_a_platform_admin_repairs_as_a_guest(
    client: Client, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    broken = make.user(organization, email="casey@nowhere")
    client.sign_in(make.staff(StaffRole.ADMIN, name="Nora Guest"))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    client.post(PAGE, client.get(PAGE).fields(PAGE))

    told = "SELECT actor_label FROM audit_logs WHERE resource_id = :id AND action = 'user.deactivated'"
    assert values(admin_engine, told, id=broken.id) == [("Nora Guest",)]


def test_what_is_found_is_told_by_its_name_and_on_the_organizations_clock(
    client: Client, make: Factories, admin: User, organization: Organization
) -> None:
    due = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    make.task(organization, title="Send the estimate to Ruth", due_at=due, status="pending")

    page = client.sign_in(admin).get(PAGE)

    rows = [text_of(row) for row in page.all(".//table//tbody/tr")]
    (row,) = [row for row in rows if "Send the estimate to Ruth" in row]
    assert "Mar 2, 9:30 AM" in row.replace("2026, ", "")  # the organization's time zone, six hours behind UTC
    assert "T15:30Z" not in page.text
    assert "Send the estimate to Ruth" in client.get(f"{PAGE}?checks=all").text
