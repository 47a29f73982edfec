"""`flask db`: the commands for operators."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from pydantic import SecretStr

from app.cli import database as database_cli
from app.db import migrate
from app.factory import create_app
from demo.commands import add_demonstration
from tests.support.database import WorkerDatabase, scratch_database
from tests.support.factories import Factories


@pytest.fixture
def run(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def scratch(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database whose schema a test is free to break."""
    with scratch_database(database, "cli") as scratch:
        yield scratch


@pytest.mark.parametrize("arguments", [("db", "upgrade"), ("db", "check"), ("demo", "load"), ("maintenance", "off")])
def test_a_server_that_does_not_answer_is_a_sentence(
    database: WorkerDatabase, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    nowhere = SecretStr(f"postgresql://app_owner:hunter2@/switchboard?host={tmp_path}")
    addresses = dict.fromkeys(("database_url", "jobs_database_url", "owner_database_url"), nowhere)
    settings = database.settings(tmp_path).model_copy(update=addresses)

    app = create_app(settings)
    add_demonstration(app)
    result = app.test_cli_runner().invoke(args=arguments)

    assert result.exit_code == 1
    assert result.output.startswith("Error: The database can’t be reached: ")
    assert "hunter2" not in result.output


def test_check_is_content_with_a_migrated_database(run: FlaskCliRunner) -> None:
    result = run.invoke(args=["db", "check"])
    assert (result.exit_code, result.output) == (0, "The database matches the models.\n")


def test_check_names_what_differs(scratch: WorkerDatabase, tmp_path: Path) -> None:
    with psycopg.connect(scratch.url("app_owner")) as connection:
        connection.execute("ALTER TABLE calls ADD COLUMN by_hand text")
    result = create_app(scratch.settings(tmp_path)).test_cli_runner().invoke(args=["db", "check"])
    assert result.exit_code == 1
    assert "by_hand" in result.output


def test_downgrade_and_upgrade_go_one_step_back_and_to_the_newest(scratch: WorkerDatabase, tmp_path: Path) -> None:
    run = create_app(scratch.settings(tmp_path)).test_cli_runner()
    newest = migrate.current(scratch.url("app_owner"))
    assert run.invoke(args=["db", "downgrade"]).exit_code == 0
    assert migrate.current(scratch.url("app_owner")) != newest
    assert (
        run.invoke(args=["db", "downgrade", "base"]).output == "The database is at no revision because it is empty.\n"
    )
    assert run.invoke(args=["db", "upgrade"]).output == f"The database is at {newest}.\n"


def test_an_unknown_revision_is_a_sentence_not_a_traceback(run: FlaskCliRunner) -> None:
    result = run.invoke(args=["db", "upgrade", "9999_unheard_of"])
    assert result.exit_code == 1
    assert "9999_unheard_of" in result.output
    assert "Traceback" not in result.output


def test_shell_sees_the_rows_of_all_organizations(
    run: FlaskCliRunner, make: Factories, capfd: pytest.CaptureFixture[str]
) -> None:
    make.user(make.organization())
    make.user(make.organization())
    result = run.invoke(args=["db", "shell", "-c", "SELECT count(*) AS people FROM users"])
    assert result.exit_code == 0
    assert capfd.readouterr().out.split()[2] == "2"


def test_shell_fails_when_its_statement_does(run: FlaskCliRunner, capfd: pytest.CaptureFixture[str]) -> None:
    assert run.invoke(args=["db", "shell", "-c", "SELECT nonsense"]).exit_code != 0
    assert "nonsense" in capfd.readouterr().err


def test_shell_keeps_the_password_off_the_command_line(
    scratch: WorkerDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    tell = tmp_path / "psql"
    tell.write_text('#!/bin/sh\necho "$@ | $PGPASSWORD"\n')
    tell.chmod(0o755)
    monkeypatch.setattr(database_cli, "_psql", lambda: str(tell))
    address = SecretStr(scratch.url("app_owner").replace("app_owner@", "app_owner:s3cret@"))
    settings = scratch.settings(tmp_path).model_copy(update={"owner_database_url": address})
    assert create_app(settings).test_cli_runner().invoke(args=["db", "shell"]).exit_code == 0
    shown, password = capfd.readouterr().out.strip().split(" | ")
    assert "app_owner" in shown
    assert "s3cret" not in shown
    assert password == "s3cret"


def test_bootstrap_of_a_real_server_asks_for_a_superuser(database: WorkerDatabase, tmp_path: Path) -> None:
    settings = database.settings(tmp_path).model_copy(update={"bootstrap_database_url": None})
    result = create_app(settings).test_cli_runner().invoke(args=["db", "bootstrap"])
    assert result.exit_code == 1
    assert "BOOTSTRAP_DATABASE_URL" in result.output


def test_sql_prints_the_migrations(run: FlaskCliRunner) -> None:
    assert "CREATE TABLE calls" in run.invoke(args=["db", "sql"]).output
