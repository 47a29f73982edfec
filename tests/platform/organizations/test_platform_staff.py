"""Platform staff, who are added by a command and restricted by the database."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, StaffRole
from app.web import maintenance
from tests.support.client import Client
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.factories import PASSWORD, Factories


class TestPower:
    """Restrictions of platform staff that the database enforces."""

    def test_a_granted_permission_makes_nobody_staff(
        self, client: Client, make: Factories, organization: Organization, admin_engine: Engine
    ) -> None:
        user = make.user(organization, role=Role.OWNER)
        with admin_engine.begin() as connection:
            for permission in ("organizations:enter", "maintenance:write"):
                connection.execute(
                    text(
                        "INSERT INTO user_permissions (organization_id, id, user_id, permission)"
                        " VALUES (:organization, gen_random_uuid(), :user, :permission)"
                    ),
                    {"organization": organization.id, "user": user.id, "permission": permission},
                )

        client.sign_in(user).get("/organizations", status=403)

    def test_the_apps_role_cannot_make_staff(self, database: WorkerDatabase, make: Factories) -> None:
        staff = make.staff()
        with psycopg.connect(database.url("app_rw")) as connection:
            enter(connection, staff.organization_id)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("UPDATE platform_staff SET role = 'admin'")

    def test_only_people_of_the_platforms_organization_can_be_staff(
        self, database: WorkerDatabase, make: Factories, organization: Organization
    ) -> None:
        make.staff()
        stranger = make.user(organization)
        with psycopg.connect(database.url("app_owner")) as connection, pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(
                "INSERT INTO platform_staff (organization_id, id, user_id, role)"
                " VALUES (%s, gen_random_uuid(), %s, 'admin')",
                [organization.id, stranger.id],
            )

    def test_reading_across_takes_a_reason_and_shows_no_secrets(
        self, database: WorkerDatabase, make: Factories, organization: Organization
    ) -> None:
        with psycopg.connect(database.url("app_platform")) as connection:
            assert connection.execute("SELECT count(*) FROM organizations").fetchone() == (0,)
            connection.execute("SELECT set_config('app.platform_reason', 'a test', true)")
            assert connection.execute("SELECT count(*) FROM organizations").fetchone() == (3,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT password_hash FROM users")


class TestMaintenance:
    """Access during maintenance, which platform admins keep and platform support loses."""

    @pytest.fixture(autouse=True)
    def _switched_on(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(maintenance, "CACHE_SECONDS", -1)
        runner = app.test_cli_runner()
        assert runner.invoke(args=["maintenance", "on"]).exit_code == 0
        yield
        assert runner.invoke(args=["maintenance", "off"]).exit_code == 0
        with app.app_context():
            assert not maintenance.maintenance_window().is_on, "for the tests that come next"

    def test_an_admin_of_the_platform_signs_in_and_works(
        self, client: Client, make: Factories, organization: Organization
    ) -> None:
        staff = make.staff(StaffRole.ADMIN)
        client.post("/login", {"email": staff.email, "password": PASSWORD})

        assert "Blue Ridge Air" in client.get("/organizations").text

    def test_support_waits_like_everybody(self, client: Client, make: Factories) -> None:
        staff = make.staff(StaffRole.SUPPORT)
        client.post("/login", {"email": staff.email, "password": PASSWORD})

        client.get("/organizations", status=503)


class TestCommands:
    """The `flask platform` commands."""

    def run(self, app: Flask, *arguments: str) -> Any:
        return app.test_cli_runner().invoke(args=["platform", *arguments])

    def test_the_first_admin_is_made_with_the_organization(self, app: Flask, client: Client) -> None:
        made = self.run(app, "create", "--email", "sam@platform.example", "--person", "Sam Staff")
        assert made.exit_code == 0, made.output
        link = re.search(r"/password/\S+", made.output)
        assert link is not None
        client.post(link[0], {"password": "a quiet lake at dusk", "again": "a quiet lake at dusk"})

        client.post("/login", {"email": "sam@platform.example", "password": "a quiet lake at dusk"})

        assert "Switchboard" in client.get("/organizations").text
        again = self.run(app, "create", "--email", "eve@platform.example", "--person", "Eve", "--slug", "other")
        assert again.exit_code == 1
        assert "organization already exists" in again.output

    def test_people_are_added_given_another_role_and_removed(
        self, app: Flask, admin_engine: Engine, make: Factories
    ) -> None:
        staff = make.staff(StaffRole.SUPPORT)

        assert self.run(app, "add", "--email", staff.email, "--role", "admin").exit_code == 0
        added = self.run(app, "add", "--email", "new@platform.example", "--role", "support", "--person", "New Person")
        assert added.exit_code == 0
        assert "Link to set a password" in added.output
        assert self.roles(admin_engine) == {staff.email: "admin", "new@platform.example": "support"}

        assert self.run(app, "remove", "--email", staff.email).exit_code == 0
        assert self.roles(admin_engine) == {"new@platform.example": "support"}

    def test_somebody_unknown_is_a_sentence(self, app: Flask, make: Factories) -> None:
        make.staff()

        result = self.run(app, "add", "--email", "nobody@platform.example", "--role", "admin")

        assert result.exit_code == 1
        assert "No one here has the email address" in result.output

    def test_before_there_is_a_platform_nobody_is_added(self, app: Flask) -> None:
        result = self.run(app, "add", "--email", "nobody@platform.example", "--role", "admin")

        assert "flask platform create" in result.output

    def roles(self, engine: Engine) -> dict[str, str]:
        with engine.connect() as connection:
            staff = "SELECT email, platform_staff.role FROM platform_staff JOIN users ON users.id = user_id"
            return {row.email: row.role for row in connection.execute(text(staff))}
