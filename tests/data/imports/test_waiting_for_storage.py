"""Imports while storage is unavailable: they wait, say so, can be canceled, and run once it works."""

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.declarations.job import WAITS_FOR_STORAGE
from app.directory import Directory
from app.errors import StorageUnavailable
from app.models import Call, Import, ImportStatus, Job
from app.ops.jobs.worker import run_worker
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer

FILE = lines("Call Id,Date,Time,Answered,Reason", "A1,2026-03-17,09:30,Y,Repair").encode()


def unavailable(*_arguments: object) -> None:
    raise StorageUnavailable


def work_without_storage(app: Flask) -> None:
    """Have the worker run the pending jobs while no file can be read."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Directory, "path", unavailable)
        run_worker(app, schedule=(), until_idle=True)


def work(app: Flask, admin_engine: Engine) -> None:
    """Have the worker run all jobs, as if their next attempt were due."""
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
    run_worker(app, schedule=(), until_idle=True)


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_an_import_waits_and_says_so(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine, is_cancelled: bool
) -> None:
    pages.start(pages.client.follow(pages.map(pages.upload(FILE))))
    work_without_storage(app)

    assert importer.only(Import).status == ImportStatus.QUEUED
    page = pages.client.get(pages.at)
    assert str(WAITS_FOR_STORAGE) in page.text
    if is_cancelled:
        pages.client.post(f"{pages.at}/cancel", page.fields(f"{pages.at}/cancel"))
    work(app, admin_engine)

    row = importer.only(Import)
    assert row.failure is None
    assert row.status == (ImportStatus.CANCELLED if is_cancelled else ImportStatus.COMPLETED)
    assert len(importer.stored(Call)) == (0 if is_cancelled else 1)
    assert {job.status for job in importer.stored(Job)} == {"done"}


def test_cancelled_and_resumed_while_its_job_waits_it_imports_once(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine
) -> None:
    pages.start(pages.client.follow(pages.map(pages.upload(FILE))))
    work_without_storage(app)
    for action in ("cancel", "go-on"):
        pages.client.post(f"{pages.at}/{action}")
    work(app, admin_engine)

    assert importer.only(Import).status == ImportStatus.COMPLETED
    assert len(importer.stored(Call)) == 1


def test_a_preview_waits_and_says_so(app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine) -> None:
    mapping = pages.upload(FILE)
    pages.client.post(f"{pages.at}/mapping", mapping.fields(f"{pages.at}/mapping", "post"))
    work_without_storage(app)
    assert str(WAITS_FOR_STORAGE) in pages.client.get(f"{pages.at}/preview").text
    work(app, admin_engine)

    row = importer.only(Import)
    assert row.preview is not None
    assert row.preview_failure is None
