"""`flask audit`: its commands, and the job that the worker runs every minute."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import Engine

from app.db import migrate
from app.db.embedded import SUPERUSER
from app.declarations.job import JobScope, Schedule
from app.extensions import db
from app.factory import create_app
from app.models import Organization
from app.ops.jobs.run_service import perform_for_all
from app.trust.audit_log.jobs import seal_audit
from tests.support.database import WorkerDatabase, copy_template
from tests.support.factories import Factories
from tests.support.sealing import wait_for_other_databases


@pytest.fixture
def run(app: Flask) -> Iterator[FlaskCliRunner]:
    """A CLI runner; the file with the newest seals is removed before and after."""
    heads: Path = app.config["SETTINGS"].audit_heads_path
    heads.unlink(missing_ok=True)
    yield app.test_cli_runner()
    heads.unlink(missing_ok=True)


@pytest.fixture
def organization(make: Factories, admin_engine: Engine) -> Organization:
    """An organization whose audit trail records only the creation of a task."""
    organization = make.organization(slug="comfort")
    make.task(organization)
    wait_for_other_databases(admin_engine)
    return organization


def test_what_was_sealed_verifies(run: FlaskCliRunner, organization: Organization) -> None:
    sealed = run.invoke(args=["audit", "seal"])
    verified = run.invoke(args=["audit", "verify", "--organization", "comfort"])

    assert (sealed.exit_code, sealed.stdout) == (0, "Sealed 1 entries of 1 audit trails.\n")
    assert verified.exit_code == 0
    assert verified.stdout.startswith("comfort: intact. 1 entries in 1 seals, sealed until ")
    assert verified.stdout.endswith("; 0 not sealed yet; 1 seals compared with copies outside the database.\n")


def test_that_it_was_verified_is_in_the_trail(
    run: FlaskCliRunner, organization: Organization, database: WorkerDatabase
) -> None:
    run.invoke(args=["audit", "verify"])

    with psycopg.connect(database.url("app_owner")) as connection:
        found = connection.execute(
            "SELECT organization_id, actor_label, metadata ->> 'finding' FROM audit_logs"
            " WHERE action = 'audit.verified'"
        ).fetchall()
    assert found == [(organization.id, "flask audit verify", None)]


def test_damage_ends_with_one_and_names_row_and_seal(
    run: FlaskCliRunner, organization: Organization, database: WorkerDatabase
) -> None:
    run.invoke(args=["audit", "seal"])
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        row = connection.execute("UPDATE audit_logs SET actor_label = 'Nobody' RETURNING id").fetchone()
    assert row is not None

    words = run.invoke(args=["audit", "verify"])
    facts = run.invoke(args=["audit", "verify", "--json"])

    assert (words.exit_code, facts.exit_code) == (1, 1)
    assert words.stdout == f"comfort: DAMAGED. An entry was changed after it was sealed. Seal 1. Entry {row[0]}.\n"
    [status] = json.loads(facts.stdout)
    assert status["slug"] == "comfort"
    assert (status["finding"]["damage"], status["finding"]["seal"]) == ("row_altered", 1)
    assert status["finding"]["row_id"] == str(row[0])


def test_a_chain_that_is_gone_with_its_organization_is_still_asked_for(
    run: FlaskCliRunner, organization: Organization, make: Factories, database: WorkerDatabase
) -> None:
    run.invoke(args=["audit", "seal"])
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in ("audit_logs", "audit_seals", "tasks", "organization_usage", "organizations"):
            connection.execute(f"DELETE FROM {table}")

    result = run.invoke(args=["audit", "verify"])

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{organization.id}: DAMAGED. The latest seals are missing")


def test_an_unknown_organization_is_a_sentence(run: FlaskCliRunner) -> None:
    result = run.invoke(args=["audit", "verify", "--organization", "nobody"])

    assert result.exit_code == 1
    assert "No organization has the URL name “nobody”." in result.stderr


def test_heads_that_cannot_be_written_down_are_told_and_all_is_sealed(
    organization: Organization, database: WorkerDatabase, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings = database.settings(tmp_path).model_copy(update={"audit_heads_file": tmp_path / "file" / "heads"})
    app = create_app(settings)

    result = app.test_cli_runner().invoke(args=["audit", "seal"])
    _close(app)

    assert result.exit_code == 1
    assert "AUDIT_HEADS_FILE can’t be written" in result.stderr
    with psycopg.connect(database.url("app_owner")) as connection:
        assert connection.execute("SELECT count(*) FROM audit_seals").fetchone() == (1,)


def test_the_worker_seals_each_minute_for_all_at_once(
    app: Flask, run: FlaskCliRunner, organization: Organization, make: Factories, admin_engine: Engine,
    database: WorkerDatabase,
) -> None:  # fmt: skip
    make.task(make.organization())
    wait_for_other_databases(admin_engine)
    assert seal_audit.schedule == Schedule("* * * * *", JobScope.SYSTEM)

    perform_for_all(app, seal_audit, 1)

    with psycopg.connect(database.url("app_owner")) as connection:
        assert connection.execute("SELECT count(DISTINCT organization_id) FROM audit_seals").fetchone() == (2,)


class TestMove:
    """An audit trail from another server, whose transaction counter was far ahead."""

    @pytest.fixture
    def moved(self, database: WorkerDatabase, admin_engine: Engine, tmp_path: Path) -> Iterator[Flask]:
        """An app on a database whose trail was recorded at positions far beyond this server's."""
        name = f"{database.name}_moved"
        copy_template(database.server, name)
        scratch = WorkerDatabase(name, database.server)
        app = create_app(scratch.settings(tmp_path))
        self.owner = scratch.url("app_owner")
        self.far_away(1_000_000_000)
        self.admin_engine = admin_engine
        self.record()
        yield app
        _close(app)
        with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def far_away(self, offset: int) -> None:
        """Set the position offset of a server that is `offset` transactions ahead, or of a new one if None."""
        with psycopg.connect(self.owner) as connection:
            connection.execute("UPDATE audit_epoch SET pos_offset = %s", [offset])

    def record(self) -> None:
        with psycopg.connect(self.owner) as connection:
            connection.execute("SELECT set_config('app.organization_id', '00000000-0000-7000-8000-000000000001', true)")
            connection.execute("SELECT record_event('task.seen', 'task', NULL, '{}') FROM generate_series(1, 3)")

    def seal(self, app: Flask) -> None:
        wait_for_other_databases(self.admin_engine)
        app.test_cli_runner().invoke(args=["audit", "seal"])

    def verified(self, app: Flask) -> dict[str, object]:
        [status] = json.loads(app.test_cli_runner().invoke(args=["audit", "verify", "--json"]).stdout)
        return {name: status[name] for name in ("finding", "rows", "unsealed")}

    def test_nothing_is_recorded_among_what_is_sealed(self, moved: Flask) -> None:
        self.seal(moved)
        self.far_away(0)

        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="moved to this server"):
            self.record()

    def test_an_upgrade_goes_on_behind_what_is_sealed(self, moved: Flask) -> None:
        self.seal(moved)
        self.far_away(0)
        migrate.upgrade(self.owner)
        self.record()
        self.seal(moved)

        assert self.verified(moved) == {"finding": None, "rows": 6, "unsealed": 0}

    def test_a_round_goes_on_behind_what_was_not_sealed_yet(self, moved: Flask) -> None:
        self.far_away(0)
        self.record()
        self.seal(moved)
        self.record()
        self.seal(moved)

        assert self.verified(moved) == {"finding": None, "rows": 9, "unsealed": 0}


def _close(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
