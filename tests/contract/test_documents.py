"""What the documents say of the database is what it does."""

import psycopg

from app.config import PROJECT_ROOT
from tests.support.database import WorkerDatabase

ACTIONS = {"c": "goes too", "r": "refused while it is referred to", "n": "reference becomes empty", "a": "refused"}


def test_the_table_of_references_is_complete_and_true(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        rows = connection.execute(
            """
            SELECT c.conrelid::regclass::text,
                   (SELECT attname FROM pg_attribute a
                    WHERE a.attrelid = c.conrelid AND a.attnum = c.conkey[array_upper(c.conkey, 1)]),
                   c.confrelid::regclass::text, c.confdeltype
            FROM pg_constraint c WHERE contype = 'f' AND connamespace = 'public'::regnamespace
              AND c.conrelid::regclass::text NOT LIKE 'procrastinate%' ORDER BY 1, 2
            """
        ).fetchall()
    wanted = [f"| {table} | {column} | {target} | {ACTIONS[action]} |" for table, column, target, action in rows]
    document = (PROJECT_ROOT / "docs" / "references.md").read_text().splitlines()

    assert [line for line in document if line.startswith("| ") and not line.startswith("| table")] == wanted
