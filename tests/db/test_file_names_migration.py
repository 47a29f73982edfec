"""Names of files that were stored before they were looked at show what would turn their letters round."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from app.db import migrate
from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase, copy_template
from tests.support.factories import Factories

BEFORE, AFTER = "0031_known_devices", "0032_file_names_without_controls"


@pytest.fixture
def before(database: WorkerDatabase) -> Iterator[WorkerDatabase]:
    """A database in which names were stored as they came."""
    name = f"{database.name}_file_names"
    copy_template(database.server, name)
    scratch = WorkerDatabase(name, database.server)
    migrate.downgrade(scratch.url("app_owner"), BEFORE)
    yield scratch
    with psycopg.connect(database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_names_that_were_stored_before_are_escaped(before: WorkerDatabase) -> None:
    engine = before.admin_engine()
    make = Factories(engine)
    organization = make.organization()
    names = ["calls\u202excod.csv", "\u2066" * 3 + "x" * 248 + ".csv", "plain (1).csv", "звонки.csv", "C:\\u202e.csv"]
    for name in names:
        make.import_of_calls(organization, file_name=name)

    migrate.upgrade(before.url("app_owner"), AFTER)

    with engine.connect() as connection:
        kept = connection.scalars(text("SELECT file_name FROM imports ORDER BY id")).all()
        recorded = connection.scalars(text("SELECT count(*) FROM audit_logs WHERE action = 'import.updated'")).one()
    engine.dispose()
    assert kept[0] == "calls\\u202excod.csv"
    assert (len(kept[1]), kept[1][-12:]) == (255, "xxxxxxxx.csv")
    assert kept[2:] == names[2:]
    assert recorded == 2
