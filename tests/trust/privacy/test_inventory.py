"""The inventory names every column there is, and the document says what the inventory does."""

from collections import Counter
from collections.abc import Iterator

import psycopg
from sqlalchemy import ARRAY, Column, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import INET, JSONB, TSVECTOR

from app.config import PROJECT_ROOT
from app.declarations.personal import ColumnsOf
from app.declarations.registry import build_registry
from app.features import FEATURES
from app.models import Base
from tests.support.database import WorkerDatabase

PLACES = build_registry(FEATURES).personal
COLUMNS = build_registry(FEATURES).columns
#: Columns of these words hold something that opens something, or are named harmless here.
SECRET_WORDS = ("secret", "hash", "token", "password", "salt", "key")
HARMLESS = {
    ("audit_logs", "payload_hash"),
    ("audit_seals", "key_id"),
    ("audit_seals", "hash"),
    ("audit_seals", "prev_hash"),
    ("audit_seals", "rows_hash"),
    ("imports", "storage_key"),
    ("messages", "dedupe_key"),
    ("notifications", "merge_key"),
    ("provider_tasks", "processed_output_hash"),
    ("recording_sessions", "storage_key"),
    ("users", "avatar_key"),
}


def tables() -> Iterator[Table]:
    """Those of organizations, and theirs."""
    for table in Base.metadata.sorted_tables:
        if "organization_id" in table.c or table.name == "organizations":
            yield table


def can_tell(column: Column[object]) -> bool:
    """Whether a column could say anything of anybody; an enumeration cannot, nor what is made of other columns."""
    type_ = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if column.computed is not None and not isinstance(type_, TSVECTOR):
        return False
    choices = {check.info["choice"][0] for check in column.table.constraints if "choice" in check.info}
    return isinstance(type_, (Text, LargeBinary, JSONB, INET, TSVECTOR)) and column.name not in choices


def columns() -> set[tuple[str, str]]:
    return {(table.name, column.name) for table in tables() for column in table.columns if can_tell(column)}


def named() -> Counter[tuple[str, str]]:
    """How often each column is classified; a personal one may mention others too."""
    personal = {(place.table, name) for place in PLACES for name in place.columns}
    found = Counter(personal)
    for table, held in COLUMNS.items():
        found.update((table, name) for name in _all(held) if (table, name) not in personal)
    return found


def _all(held: ColumnsOf) -> tuple[str, ...]:
    return (*held.mentions, *held.staff, *held.secrets, *held.in_the_trail, *held.nobody)


def test_every_column_that_could_tell_of_somebody_is_classified() -> None:
    assert columns() - set(named()) == set(), (
        "say in the privacy.py of its feature what it holds, and what erasing does to it"
    )


def test_no_column_is_classified_that_is_none_or_twice() -> None:
    assert set(named()) - columns() == set()
    assert [column for column, times in named().items() if times > 1] == []


def test_what_sounds_like_a_secret_is_one_or_is_named_harmless() -> None:
    secrets = {(table, name) for table, held in COLUMNS.items() for name in held.secrets}
    suspicious = {(table, name) for table, name in columns() if any(word in name.split("_") for word in SECRET_WORDS)}
    assert suspicious - secrets - HARMLESS == set()


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
    """A line for each place, then one for each table whose texts may mention somebody."""
    for place in PLACES:
        what = "the row is removed"
        if not place.removed:
            ways = sorted({way.value for way in place.columns.values()})
            what = "; ".join(
                f"{way}: {', '.join(name for name, one in place.columns.items() if one == way)}" for way in ways
            )
        yield f"| `{place.table}` | {place.how} | {what} |"
    for table, held in COLUMNS.items():
        if held.mentions:
            yield f"| `{table}` | {', '.join(held.mentions)} |"
