"""An import by its pages: the file, its columns, a look at the rows, the run, what came of it."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.jobs.worker import run_worker
from app.models import Call, ContactCard, Import, ImportKind, Role, User, UserStatus
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import lines, workbook
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.pages import text_of

GOOD = lines(
    "Call Id,Date,Time,Agent,Answered,Talk time,Reason",
    "A1,03/17/2026,09:30,Maria Manager,Y,120,Repair",
    "A2,03/18/2026,10:15,maria manager,N,,Quote",
).encode()


@pytest.fixture
def pages(client: Client, manager: User) -> ImportPages:
    """The pages as the manager sees them."""
    return ImportPages(client.sign_in(manager))


def test_a_file_goes_all_the_way_in(app: Flask, pages: ImportPages, importer: Importer) -> None:
    done = pages.run(app, GOOD)

    assert done.metrics == {
        "rows_total": "2", "rows_created": "2", "rows_updated": "0", "rows_unchanged": "0", "rows_rejected": "0",
    }  # fmt: skip
    assert [(call.external_id, call.status, call.topic) for call in importer.stored(Call, Call.external_id)] == [
        ("A1", "completed", "Repair"),
        ("A2", "missed", "Quote"),
    ]
