"""Statements in the documentation about the database and the folders are true."""

import re

import psycopg

from app.config import PROJECT_ROOT
from tests.support.database import WorkerDatabase
from tests.support.howto import blocks_of
from tests.support.storeys import DOCUMENT, with_storeys

#: A file or folder of the project, as documents name it.
PATH = re.compile(r"`((?:app|demo|templates|static|migrations|tests|bench|docs)/[\w./-]+)`")

ACTIONS = {"c": "CASCADE", "r": "RESTRICT", "n": "SET NULL", "a": "NO ACTION"}


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


def test_the_picture_of_the_storeys_is_the_contract() -> None:
    document = DOCUMENT.read_text()

    assert document == with_storeys(document), "run python -m tests.support.storeys"


def test_every_path_that_is_named_is_there() -> None:
    documents = [PROJECT_ROOT / "README.md", *sorted((PROJECT_ROOT / "docs").rglob("*.md"))]
    named = {(path, found) for path in documents for found in PATH.findall(path.read_text())}
    made = {(path, block.path) for path in documents if path.parent.name == "howto" for block in blocks_of(path)}

    assert len(named) > 50
    assert sorted(str(one) for one in named - made if not (PROJECT_ROOT / one[1]).exists()) == []
