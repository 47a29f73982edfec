"""Deletion, restoration and purging of an organization by the platform's admins."""

from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.db import transaction
from app.models import Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.platform.organizations.lifecycle.conftest import Rows
from tests.support.client import Client
from tests.support.factories import Factories

WHY = "They have asked for it in writing"


def confirm(admin: Client, organization: Organization, what: str, *, status: int = 303, **values: str) -> str:
    """Submit the confirmation of an action with the organization's URL name and a reason."""
    action = f"/organizations/{organization.id}/{what}"
    form = {**admin.get(action).fields(action), "slug": organization.slug, "reason": WHY, **values}
    return admin.post(action, form, status=status).text


def test_deleting_ends_everybodys_access(
    admin: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, rows: Rows
) -> None:
    person = make.user(organization, email="pat@blue-ridge.example")
    theirs = new_client().sign_in(person)

    confirm(admin, organization, "delete")

    theirs.get("/account", status=303)
    page = admin.get(f"/organizations/{organization.id}")
    assert WHY in page.text
    assert "Deleted by Sam Staff" in page.text
    told = "SELECT actor_label, actor_role, metadata FROM audit_logs WHERE action = 'organization.deleted'"
    assert rows(told) == [("Sam Staff", "platform_admin", {"retentionDays": 30})]


def test_what_collides_and_is_tried_again_is_told_once(
    admin: Client, organization: Organization, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = transaction.end_transaction
    collided: list[bool] = []

    def collide_once(*, keep: bool) -> None:
        if keep and not collided:
            collided.append(True)
            raise OperationalError("COMMIT", {}, psycopg.errors.SerializationFailure())
        end(keep=keep)

    action = f"/organizations/{organization.id}/delete"
    form = {**admin.get(action).fields(action), "slug": organization.slug, "reason": WHY}
    monkeypatch.setattr(transaction, "end_transaction", collide_once)
    page = admin.follow(admin.post(action, form))

    assert collided
    assert page.text.count("Blue Ridge Air was moved to the trash.") == 1
    told = "SELECT count(*) FROM audit_logs WHERE action = 'organization.deleted'"
    assert rows(told) == [(1,)]


def test_the_short_name_has_to_be_typed(admin: Client, organization: Organization, rows: Rows) -> None:
    text = confirm(admin, organization, "delete", status=400, slug="blue")

    assert "Type the organization’s URL name to confirm." in text
    assert rows("SELECT deleted_at FROM organizations WHERE id = :id", id=organization.id) == [(None,)]


def test_it_waits_for_calls_that_are_going_on(
    admin: Client, make: Factories, organization: Organization, rows: Rows
) -> None:
    make.call(organization, status="active")

    text = confirm(admin, organization, "delete", status=409)

    assert "1 call is still in progress." in text
    assert rows("SELECT deleted_at FROM organizations WHERE id = :id", id=organization.id) == [(None,)]


def test_the_platforms_own_stays(admin: Client, staff: User) -> None:
    admin.get(f"/organizations/{staff.organization_id}", status=409)
    admin.post(f"/organizations/{staff.organization_id}/delete", {"slug": "the-platform", "reason": WHY}, status=409)


def test_one_that_is_not_there_is_not_found(admin: Client) -> None:
    admin.get(f"/organizations/{uuid4()}", status=404)


def test_removed_for_good_only_its_trail_stays(
    admin: Client, app: Flask, make: Factories, organization: Organization, rows: Rows
) -> None:
    make.call(organization)
    other = make.call(make.organization())
    confirm(admin, organization, "delete")

    confirm(admin, organization, "purge")
    run_worker(app, schedule=(), until_idle=True)

    assert rows("SELECT count(*) FROM organizations WHERE id = :id", id=organization.id) == [(0,)]
    assert rows("SELECT count(*) FROM calls") == [(1,)]
    assert rows("SELECT id FROM calls") == [(other.id,)]
    asked = "SELECT actor_label, metadata->>'reason' FROM audit_logs WHERE action = 'organization.purge_requested'"
    assert rows(asked) == [("Sam Staff", WHY)]
    admin.get(f"/organizations/{organization.id}", status=404)


def test_what_was_asked_for_before_it_came_back_removes_no_later_deletion(
    admin: Client, app: Flask, organization: Organization, rows: Rows
) -> None:
    confirm(admin, organization, "delete")
    confirm(admin, organization, "purge")
    restored = app.test_cli_runner().invoke(args=["org", "restore", organization.slug])
    assert restored.exit_code == 0, restored.output
    confirm(admin, organization, "delete")

    run_worker(app, until_idle=True, schedule=())

    assert rows("SELECT count(*) FROM organizations WHERE id = :id", id=organization.id) == [(1,)]
    assert rows("SELECT status FROM jobs WHERE name = 'trash.purge_organization'") == [("done",)]


def test_what_is_not_in_the_trash_is_not_removed(admin: Client, organization: Organization, rows: Rows) -> None:
    text = confirm(admin, organization, "purge", status=409)

    assert "Delete the organization first" in text


def test_what_is_held_is_not_removed(admin: Client, make: Factories, app: Flask, rows: Rows) -> None:
    held = make.organization(name="Held Air", slug="held", legal_hold=True, legal_hold_reason="A court wants it")
    make.subscription(held)
    make.user(held, role=Role.OWNER)
    confirm(admin, held, "delete")

    assert "A court wants it" in confirm(admin, held, "purge", status=409)
    run_worker(app, until_idle=True)
    assert rows("SELECT count(*) FROM organizations WHERE id = :id", id=held.id) == [(1,)]
