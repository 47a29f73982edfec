"""Progress of an import, saved while others write the same row."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.data.imports import run_service
from app.data.imports.load_service import Progress
from app.data.imports.run_service import progress_writer
from app.db.context import Context, use_context
from app.models import Import, ImportStatus, Organization
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.importing import Importer
from tests.support.locks import app_connection, meanwhile

START = "UPDATE imports SET status = 'queued', rows_total = 7, percent_read = 70"


@pytest.fixture(autouse=True)
def _at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_service, "_SECONDS_BETWEEN_LOOKS", 0)


@pytest.fixture
def looked_at(make: Factories, organization: Organization) -> Import:
    """An import whose whole file was previewed, next to another import."""
    make.import_of_calls(organization)
    return make.import_of_calls(organization, preview={})


@pytest.fixture
def tell(app: Flask, organization: Organization, looked_at: Import) -> Callable[[ImportStatus], None]:
    """Function that saves, like a preview or a run, that 1,000 rows and a tenth of the file have been read."""

    def write(status: ImportStatus) -> None:
        with app.app_context(), use_context(Context(organization_id=organization.id)):
            progress_writer(looked_at.id, status)(Progress(1_000, 0.1))

    return write


def read_so_far(importer: Importer, row: Import) -> dict[str, tuple[int, int]]:
    """Return the rows and percentage read of this import, and of the other one."""
    found = importer.stored(Import)
    return {"this" if one.id == row.id else "other": (one.rows_total, one.percent_read) for one in found}


def test_a_preview_that_is_overtaken_by_the_start_writes_nothing_over_it(
    importer: Importer, looked_at: Import, database: WorkerDatabase, tell: Callable[[ImportStatus], None]
) -> None:
    with app_connection(database, importer.organization.id) as starting:
        starting.execute(f"{START} WHERE id = %s", [looked_at.id])
        # The preview waits for the row, and rechecks it once the start is committed.
        with meanwhile(lambda: tell(ImportStatus.UPLOADED), database) as refused:
            starting.commit()

    assert refused == []
    assert read_so_far(importer, looked_at) == {"this": (7, 70), "other": (0, 0)}


def test_a_preview_that_waited_for_a_start_which_was_given_up_is_written(
    importer: Importer, looked_at: Import, database: WorkerDatabase, tell: Callable[[ImportStatus], None]
) -> None:
    with app_connection(database, importer.organization.id) as starting:
        starting.execute(f"{START} WHERE id = %s", [looked_at.id])
        with meanwhile(lambda: tell(ImportStatus.UPLOADED), database):
            starting.rollback()

    assert read_so_far(importer, looked_at) == {"this": (1_000, 10), "other": (0, 0)}


def test_a_run_writes_over_a_running_import_alone(
    importer: Importer, looked_at: Import, database: WorkerDatabase, tell: Callable[[ImportStatus], None]
) -> None:
    tell(ImportStatus.RUNNING)
    assert read_so_far(importer, looked_at)["this"] == (0, 0)
    with app_connection(database, importer.organization.id) as starting:
        starting.execute("UPDATE imports SET status = 'running' WHERE id = %s", [looked_at.id])
    tell(ImportStatus.RUNNING)
    assert read_so_far(importer, looked_at)["this"] == (1_000, 10)
