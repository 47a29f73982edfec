"""What tests of the queue share: somebody who asks, and a worker that does what the test says."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.context import Context, use_context
from app.jobs.queue import JobName
from app.jobs.work import Work
from app.jobs.worker import run_worker
from app.models import Organization, Role, User
from tests.support.factories import Factories

RunJobs = Callable[..., None]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Maria Manager")


@pytest.fixture
def asking(app: Flask, organization: Organization, manager: User) -> Iterator[Context]:
    """The manager's request, in which jobs are asked for."""
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
    """Has a worker do `run` for every job that waits, and `give_up` for those that fail."""

    def run_all(
        run: Callable[..., None], give_up: Callable[..., None] = _not_expected, *, until_idle: bool = True
    ) -> None:
        run_worker(app, {JobName.RUN_IMPORT: Work(run, give_up)}, until_idle=until_idle)

    return run_all


@pytest.fixture
def stored_jobs(admin_engine: Engine) -> Callable[[], list[Any]]:
    """What stands in the queue, as somebody else sees it: status and arguments of each job, oldest first."""

    def look() -> list[Any]:
        with admin_engine.connect() as connection:
            return list(connection.execute(text("SELECT status::text, args FROM procrastinate_jobs ORDER BY id")))

    return look


def _not_expected(error: BaseException, **_arguments: object) -> None:
    raise AssertionError("the job was given up") from error
