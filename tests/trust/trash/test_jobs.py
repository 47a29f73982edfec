"""Nightly job that empties the trash, and deletion of the files of purged rows."""

import os
from collections.abc import Callable
from io import BytesIO
from time import time

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import NotFound
from app.extensions import db
from app.models import Organization, Role, User
from app.ops.jobs.queue import enqueue
from app.ops.jobs.run_service import perform_for_all
from app.ops.jobs.worker import run_worker
from app.organization.settings.deletion_service import delete_organization
from app.storage import new_key, storage
from app.trust.trash.file_jobs import remove_file, remove_unfinished_files
from app.trust.trash.jobs import purge_organizations, purge_trash
from tests.support.factories import Factories
from tests.support.work import at_work
from tests.trust.trash.conftest import Delete, Stored


@pytest.fixture
def expire(admin_engine: Engine) -> Callable[[], None]:
    """Function that makes everything in the trash due for purging."""

    def run() -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE deletion_batches SET purge_after = now() - interval '1 day'"))

    return run


def due(engine: Engine) -> list[object]:
    """Return the IDs of the organizations whose trash the schedule empties."""
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT organizations_with_trash_due()")))


def test_the_schedule_finds_who_has_something_due(
    make: Factories,
    organization: Organization,
    manager: User,
    soft_delete: Delete,
    expire: Callable[[], None],
    admin_engine: Engine,
) -> None:
    held = make.organization(legal_hold=True)
    for where, who in ((organization, manager), (held, make.user(held, Role.MANAGER))):
        soft_delete(who, "task", make.task(where))
    assert due(admin_engine) == []

    expire()

    assert due(admin_engine) == [organization.id]


def test_the_worker_empties_the_trash_of_one(
    app: Flask,
    make: Factories,
    organization: Organization,
    manager: User,
    soft_delete: Delete,
    expire: Callable[[], None],
    stored: Stored,
    admin_engine: Engine,
) -> None:
    task = make.task(organization)
    soft_delete(manager, "task", task)
    expire()
    with at_work(app, organization.id):
        enqueue(purge_trash)

    run_worker(app, schedule=(), until_idle=True)

    assert stored(task) == {}
    assert due(admin_engine) == []


def test_the_files_of_a_purged_organization_go_and_all_others_stay(
    app: Flask,
    make: Factories,
    organization: Organization,
    owner: User,
    expire: Callable[[], None],
    stored: Stored,
) -> None:
    stays = make.organization()
    with app.app_context():
        keys = [new_key(one.id, "imports") for one in (organization, stays)]
        for key in keys:
            storage().save(key, BytesIO(b"caller,csr"), max_bytes=100)
        unknown = new_key(make.task(stays).id, "imports")  # of an organization that never existed
        storage().save(unknown, BytesIO(b"caller,csr"), max_bytes=100)
    with at_work(app, organization.id):
        delete_organization(organization.id, slug=organization.slug, reason="They moved away")
        db.session.commit()
    expire()

    for _ in range(2):  # files are deleted after the deletion of their rows is committed
        perform_for_all(app, purge_organizations, 1)

    assert stored(organization) == {}
    with app.app_context():
        left = storage().organization_ids()
        assert storage().path(unknown).exists()
    assert (organization.id in left, stays.id in left) == (False, True)


def test_a_file_is_removed_once(app: Flask, organization: Organization) -> None:
    with at_work(app, organization.id):
        key = new_key(organization.id, "recordings")
        storage().save(key, BytesIO(b"sound"), max_bytes=100)
        for _ in range(2):
            enqueue(remove_file, key=key)

    run_worker(app, schedule=(), until_idle=True)

    with app.app_context(), pytest.raises(NotFound):
        storage().path(key)


def test_a_file_of_another_organization_is_not_removed(app: Flask, organization: Organization, make: Factories) -> None:
    neighbour = make.organization()
    with at_work(app, organization.id):
        key = new_key(neighbour.id, "recordings")
        storage().save(key, BytesIO(b"sound"), max_bytes=100)

        with pytest.raises(ValueError, match="not of this organization"):
            remove_file.run(key=key)

        assert storage().path(key).exists()


def test_what_killed_processes_left_is_removed_a_day_later(app: Flask, organization: Organization) -> None:
    with app.app_context():
        key = new_key(organization.id, "recordings")
        storage().save(key, BytesIO(b"sound"), max_bytes=100)
        old, new = (storage().path(key).with_name(name) for name in (".7shchrw1", ".pt9r8g_9"))
        for path in (old, new):
            path.write_bytes(b"sound")
        os.utime(old, (time() - 25 * 3600,) * 2)

        remove_unfinished_files.run()

        assert (old.exists(), new.exists(), storage().path(key).exists()) == (False, True, True)
