"""The inventory of personal data, which covers every column and matches its document."""

from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import Table

from app.config import PROJECT_ROOT
from app.declarations.registry import build_registry
from app.features import FEATURES
from app.models import Base, holds
from app.trust.privacy.inventory import mentions
from tests.support.database import WorkerDatabase

PLACES = build_registry(FEATURES).personal
#: Columns with these words in their names contain a secret, or are listed here as harmless.
SECRET_WORDS = ("secret", "hash", "token", "password", "salt", "key")
HARMLESS = {
    ("audit_logs", "payload_hash"),
    ("audit_seals", "key_id"),
    ("audit_seals", "hash"),
    ("audit_seals", "prev_hash"),
    ("audit_seals", "rows_hash"),
    ("imports", "header_hash"),
    ("imports", "storage_key"),
    ("messages", "dedupe_key"),
    ("notifications", "merge_key"),
    ("provider_tasks", "processed_output_hash"),
    ("recording_sessions", "storage_key"),
    ("users", "avatar_key"),
}


#: Declarations of personal columns: nothing but personal data, text that can mention others as well, or a secret.
ERASABLE = (holds.PERSONAL, holds.MENTIONS, holds.SECRET)


def tables() -> Iterator[Table]:
    """Yield the tables with an `organization_id`, and that of the organizations."""
    for table in Base.metadata.sorted_tables:
        if "organization_id" in table.c or table.name == "organizations":
            yield table


def columns() -> set[tuple[str, str]]:
    """Return the columns that could contain personal data."""
    return {(table.name, column.name) for table in tables() for column in table.columns if holds.needs_word(column)}


def saying(*words: dict[Any, Any]) -> set[tuple[str, str]]:
    """Return the table and name of each column whose model declares one of these classes of data."""
    return {
        (name, column) for name, table in Base.metadata.tables.items() for column in holds.columns_with(table, *words)
    }


def test_every_column_that_could_tell_of_somebody_is_classified() -> None:
    assert columns() - saying(*holds.WORDS) == set(), "say in its model what it holds: mapped_column(info=holds.…)"


def test_no_column_is_classified_that_says_nothing_of_anybody() -> None:
    assert saying(*holds.WORDS) - columns() == set()


def test_what_is_personal_is_erased_and_nothing_else() -> None:
    erased = {(place.table, name) for place in PLACES for name in place.columns}

    assert saying(holds.PERSONAL) - erased == set(), "say in the privacy.py of its feature what erasing does to it"
    assert erased - saying(*ERASABLE) == set(), "say in its model that it is holds.PERSONAL"


def test_what_sounds_like_a_secret_is_one_or_is_named_harmless() -> None:
    suspicious = {(table, name) for table, name in columns() if any(word in name.split("_") for word in SECRET_WORDS)}
    assert suspicious - saying(holds.SECRET) - HARMLESS == set()


def test_the_trail_calls_the_tables_what_the_inventory_calls_them(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        resources = {
            table: arguments.split(b"\0")[0].decode()
            for table, arguments in connection.execute(
                "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = 'audit'"
            )
        }

    assert {place.table: place.resource for place in PLACES} == {
        place.table: resources.get(place.table) for place in PLACES
    }


def test_the_document_is_the_inventory() -> None:
    document = (PROJECT_ROOT / "docs" / "privacy.md").read_text().splitlines()

    assert [line for line in document if line.startswith("| `")] == list(document_lines())


def document_lines() -> Iterator[str]:
    """Yield the document's lines: one for each place, then one for each table with mentions of people."""
    for place in PLACES:
        what = "row deleted"
        if not place.removed:
            ways = sorted({way.value for way in place.columns.values()})
            what = "; ".join(
                f"{way}: {', '.join(name for name, one in place.columns.items() if one == way)}" for way in ways
            )
        yield f"| `{place.table}` | {place.how} | {what} |"
    for table, names in mentions().items():
        yield f"| `{table}` | {', '.join(names)} |"
