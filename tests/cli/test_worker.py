"""`flask worker` as a separate process, started as by `make run`."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from time import monotonic, sleep

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.config import PROJECT_ROOT, Settings
from app.data.imports.service import receive_file, start_import
from app.db.context import Context, use_context
from app.extensions import db
from app.models import ImportKind
from app.ops.jobs.jobs import clean_up_jobs
from app.ops.jobs.queue import enqueue
from app.server.processes import flask_command
from tests.support.factories import Factories
from tests.support.import_files import lines, mapped, seen_whole

PATIENCE_SECONDS = 120.0


@pytest.fixture
def worker(app: Flask) -> Iterator[subprocess.Popen[bytes]]:
    """A running worker process on the test's database."""
    settings: Settings = app.config["SETTINGS"]
    urls = ("database_url", "jobs_database_url", "owner_database_url")
    environment = {name.upper(): getattr(settings, name).get_secret_value() for name in urls}
    process = subprocess.Popen(
        flask_command("worker"),
        cwd=PROJECT_ROOT,
        env={
            "PATH": os.environ["PATH"],
            "FLASK_APP": "wsgi",
            "ENVIRONMENT": "test",
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "SECRETS_KEY": settings.secrets_key.get_secret_value(),
            "AUDIT_SEAL_KEY": settings.audit_seal_key.get_secret_value(),
            "VAR_DIR": str(settings.var_dir),
            **environment,
        },
    )
    yield process
    process.kill()
    process.wait()


def test_it_works_until_it_is_told_to_stop(
    app: Flask, make: Factories, admin_engine: Engine, worker: subprocess.Popen[bytes]
) -> None:
    organization = make.organization()
    columns = ("started_at", "answered")
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        row = receive_file(BytesIO(lines(",".join(columns), "2026-03-02 09:30,Y").encode()), "a.csv", ImportKind.CALLS)
        start_import(seen_whole(row, mapped(columns)), mapped(columns), create_users=False)
        db.session.commit()

    _wait_until(lambda: _status(admin_engine) == "completed")
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(PATIENCE_SECONDS) == 0


def _status(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text("SELECT status FROM imports")))


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while not happened():
        assert monotonic() < deadline
        sleep(0.1)


def test_until_idle_it_does_what_is_due_and_ends(app: Flask, make: Factories, admin_engine: Engine) -> None:
    organization = make.organization()
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        enqueue(clean_up_jobs)
        db.session.commit()

    result = app.test_cli_runner().invoke(args=["worker", "--until-idle", "--no-schedule", "--jobs", "2"])

    assert result.exit_code == 0, result.output
    with admin_engine.connect() as connection:
        assert connection.scalars(text("SELECT status FROM jobs")).all() == ["done"]
