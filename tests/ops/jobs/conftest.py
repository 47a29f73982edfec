"""Fixtures for tests of the queue: a user who requests jobs, and a worker that runs the test's code."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports.jobs import import_file
from app.db.context import Context, use_context
from app.declarations.job import Retries, nothing
from app.models import Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.support.factories import Factories

RunJobs = Callable[..., None]
Look = Callable[[], list[Any]]
ONCE = Retries(max_tries=1)


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Maria Manager")


@pytest.fixture
def asking(app: Flask, organization: Organization, manager: User) -> Iterator[Context]:
    """A request of the manager, within which tests enqueue jobs."""
    context = Context(
        organization_id=organization.id,
        actor_id=manager.id,
        actor_label=manager.name,
        actor_role=manager.role,
        source="user",
        ip_address="192.0.2.7",
        request_id="request-0001",
        correlation_id="correlation-0001",
    )
    with app.app_context(), use_context(context):
        yield context


@pytest.fixture
def run_jobs(app: Flask) -> RunJobs:
    """Function that has a worker call `run` for every due job, and `give_up` for those that fail.

    By default, each job is tried once. Without `give_up`, a job that fails raises an AssertionError.
    """

    def run_all(
        run: Callable[..., None],
        give_up: Callable[..., None] | None = None,
        *,
        until_idle: bool = True,
        retries: Retries = ONCE,
    ) -> None:
        unexpected: list[BaseException] = []
        said = give_up or (lambda error, **_arguments: unexpected.append(error))
        job = replace(import_file, run=run, give_up=said, revive=nothing, retries=retries)
        run_worker(app, (job,), schedule=(), until_idle=until_idle)
        if unexpected:
            raise AssertionError("the job was given up") from unexpected[0]

    return run_all


@pytest.fixture
def stored_jobs(admin_engine: Engine) -> Look:
    """Function that returns the committed job records, oldest first."""

    def look() -> list[Any]:
        with admin_engine.connect() as connection:
            return list(connection.execute(text("SELECT * FROM jobs ORDER BY id")))

    return look


@pytest.fixture
def queued(admin_engine: Engine) -> Look:
    """Function that returns the status, task name, arguments and time of each queue entry, oldest first."""

    def look() -> list[Any]:
        with admin_engine.connect() as connection:
            found = text("SELECT status::text, task_name, args, scheduled_at FROM procrastinate_jobs ORDER BY id")
            return list(connection.execute(found))

    return look


@pytest.fixture
def run_sql(admin_engine: Engine) -> Callable[..., None]:
    """Function that executes a statement directly in the database, bypassing the app."""

    def run(statement: str, **values: object) -> None:
        with admin_engine.begin() as connection:
            connection.execute(text(statement), values)

    return run
