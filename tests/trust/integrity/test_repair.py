"""The command `flask repair`: a preview, the repair on request, and cases that are left to people."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, text

from app.models import Event, Organization, Role, User
from tests.support.factories import DAY, Factories
from tests.trust.integrity.conftest import Damage, Run

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def values(engine: Engine, statement: str, **bound: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(statement), bound))


def repaired(run: Run, *arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = run("repair", *arguments, "--organization", "comfort", "--json")
    assert result.exit_code == exit_code, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_without_apply_nothing_is_changed(
    run: Run, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    user = make.user(organization, email="casey@nowhere")

    result = run("repair", "users")

    assert result.exit_code == 0
    assert f"comfort: repaired: user {user.id} casey@nowhere." in result.stdout
    assert result.stdout.endswith("Dry run, nothing was changed: 1 would be repaired.\n")
    assert values(admin_engine, "SELECT status FROM users WHERE id = :id", id=user.id) == [("active",)]


def test_users(
    run: Run, make: Factories, organization: Organization, csr: User, damage: Damage, admin_engine: Engine
) -> None:
    user = make.user(organization, email="casey@nowhere")
    damage(
        "INSERT INTO user_permissions (organization_id, id, user_id, permission) VALUES (:org, :id, :user, 'a:juggle')",
        org=organization.id,
        id=uuid4(),
        user=csr.id,
    )

    told = repaired(run, "users", "--apply")

    assert (told["repaired"], told["errors"]) == (2, [])
    assert {line["resource"] for line in told["repairs"]} == {"user", "user_permission"}
    state = "SELECT status, deactivated_at IS NOT NULL, deactivation_reason FROM users WHERE id = :id"
    assert values(admin_engine, state, id=user.id) == [("inactive", True, "The e-mail address is malformed.")]
    assert values(admin_engine, "SELECT status FROM users WHERE id = :id", id=csr.id) == [("active",)]
    assert values(admin_engine, "SELECT count(*) FROM user_permissions") == [(0,)]
    trail = "SELECT action, actor_label, source FROM audit_logs WHERE actor_label LIKE 'flask repair%' ORDER BY action"
    assert values(admin_engine, trail) == [
        ("user.deactivated", "flask repair users", "system"),
        ("user_permission.deleted", "flask repair users", "system"),
    ]


def test_the_last_owner_stays_active_and_the_others_are_repaired(
    run: Run, make: Factories, organization: Organization, damage: Damage, admin_engine: Engine
) -> None:
    damage("UPDATE users SET email = 'owner@nowhere' WHERE role = 'owner'")
    other = make.user(organization, email="casey@nowhere")

    told = repaired(run, "users", "--apply", exit_code=1)

    assert [line["id"] for line in told["repairs"]] == [str(other.id)]
    assert [line["detail"] for line in told["errors"]] == ["owner@nowhere"]
    assert values(admin_engine, "SELECT status FROM users WHERE role = 'owner'") == [("active",)]


def test_tasks(run: Run, make: Factories, organization: Organization, csr: User, admin_engine: Engine) -> None:
    gone = make.user(organization)
    orphan = make.task(organization, assignee=gone, due_at=TOMORROW)
    done = make.task(organization, assignee=gone, status="completed", completed_at=DAY)
    late = make.task(organization, assignee=csr, due_at=DAY)
    make.deletion(gone, root_type="user", counts={"user": 1})

    told = repaired(run, "tasks", "--apply")

    assert [line["id"] for line in told["repairs"]] == [str(orphan.id)]
    assert [line["id"] for line in told["findings"]] == [str(late.id)]
    assignees = dict(values(admin_engine, "SELECT id, assigned_to_user_id FROM tasks"))
    assert assignees == {orphan.id: None, done.id: gone.id, late.id: csr.id}


def test_due_dates_go_when_that_is_wanted(
    run: Run, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    late, done = make.task(organization), make.task(organization, status="completed", completed_at=DAY)
    later = make.task(organization, due_at=TOMORROW)

    told = repaired(run, "tasks", "--apply", "--clear-past-due")

    assert [line["id"] for line in told["repairs"]] == [str(late.id)]
    assert told["findings"] == []
    left = {row.id for row in values(admin_engine, "SELECT id FROM tasks WHERE due_at IS NOT NULL")}
    assert left == {done.id, later.id}


def test_events(
    run: Run, make: Factories, organization: Organization, csr: User, without_check: Any, admin_engine: Engine
) -> None:
    gone = make.user(organization)
    backwards: Event = make.event(organization, csr, start_at=TOMORROW, end_at=TOMORROW + timedelta(hours=1))
    pointless = make.event(organization, csr, start_at=DAY)
    make.attendee(backwards, gone)
    make.deletion(gone, root_type="user", counts={"user": 1})
    without_check(
        "events",
        "check_event_end_after_start",
        f"UPDATE events SET start_at = end_at, end_at = CASE id WHEN '{pointless.id}' THEN end_at ELSE start_at END",
    )

    told = repaired(run, "events", "--apply", exit_code=1)

    assert {line["resource"] for line in told["repairs"]} == {"event", "event_attendee"}
    assert [line["id"] for line in told["errors"]] == [str(pointless.id)]
    times = "SELECT start_at, end_at FROM events WHERE id = :id"
    assert values(admin_engine, times, id=backwards.id) == [(TOMORROW, TOMORROW + timedelta(hours=1))]
    assert values(admin_engine, "SELECT count(*) FROM event_attendees") == [(0,)]
    assert values(admin_engine, "SELECT count(*) FROM users WHERE id = :id", id=gone.id) == [(1,)]


def test_all_of_them_in_every_organization(run: Run, make: Factories, organization: Organization) -> None:
    other = make.organization(slug="other")
    make.user(other, role=Role.OWNER)
    make.user(other, email="casey@nowhere")
    make.task(organization)

    result = run("repair", "all", "--apply", "--clear-past-due")

    assert result.exit_code == 0, result.output
    assert "other: repaired: user" in result.stdout
    assert "comfort: repaired: task" in result.stdout
    assert result.stdout.endswith("2 repaired.\n")
