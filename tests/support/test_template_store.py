"""Kept data directories: found by what determines their contents, and rebuilt after an interruption."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from app.db.embedded import SUPERUSER, EmbeddedServer
from tests.support.template_store import MAX_KEPT, SOURCES, place_template, template_key


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A project with one file in each place that determines the contents of a template."""
    root = tmp_path / "project"
    for name in SOURCES:
        path = root / name if "." in name else root / name / "deep" / "one.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before")
    return root


@pytest.mark.parametrize("name", SOURCES)
def test_a_change_of_any_source_changes_the_key(sources: Path, name: str) -> None:
    before = template_key(sources)
    changed = next(path for path in (sources / name, *(sources / name).rglob("*")) if path.is_file())
    changed.write_text("after")

    assert template_key(sources) != before


def test_a_renamed_or_added_migration_and_the_salt_change_the_key(sources: Path) -> None:
    before = template_key(sources)
    added = sources / "migrations" / "two.sql"
    added.write_text("")
    with_another = template_key(sources)
    added.rename(added.with_name("three.sql"))

    assert len({before, with_another, template_key(sources), template_key(sources, salt="x")}) == 4


def test_compiled_modules_do_not_change_the_key(sources: Path) -> None:
    before = template_key(sources)
    (sources / "migrations" / "one.pyc").write_text("compiled")

    assert template_key(sources) == before


def test_the_second_run_gets_a_copy_of_the_first_ones_data(tmp_path: Path) -> None:
    store, calls = tmp_path / "store", []

    def make(server: EmbeddedServer) -> None:
        calls.append(server.home)
        run(server, "CREATE TABLE made AS SELECT 42 AS answer")

    for home in ("one", "two"):
        server = EmbeddedServer(tmp_path / home, durable=False)
        place_template(server, make, store=store)
        with server.running():
            assert run(server, "SELECT answer FROM made") == [(42,)]
            run(server, "DROP TABLE made")

    assert len(calls) == 1


def test_what_a_killed_run_left_half_made_is_not_used(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (store / "being-made" / "data").mkdir(parents=True)
    (tmp_path / "home" / "data.copy").mkdir(parents=True)
    server = EmbeddedServer(tmp_path / "home", durable=False)

    place_template(server, nothing, store=store)

    with server.running():
        assert run(server, "SELECT 1") == [(1,)]
    assert not (store / "being-made").exists()


def test_one_that_fails_is_not_kept(tmp_path: Path) -> None:
    store, server = tmp_path / "store", EmbeddedServer(tmp_path / "home", durable=False)

    def fail(_server: EmbeddedServer) -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the one above
        place_template(server, fail, store=store)

    assert not server.data.exists()
    assert [path.name for path in store.iterdir() if path.is_dir()] == ["being-made"]


def test_only_the_latest_are_kept(tmp_path: Path, kept_template: Callable[[Path, str], Path]) -> None:
    store = tmp_path / "store"
    older = [kept_template(store, name) for name in ("old", "older", "oldest")]

    place_template(EmbeddedServer(tmp_path / "home", durable=False), nothing, store=store)

    kept = [path for path in store.iterdir() if path.is_dir()]
    assert len(kept) == MAX_KEPT
    assert template_key() in {path.name for path in kept}
    assert sum(path.exists() for path in older) == MAX_KEPT - 1


@pytest.fixture
def kept_template() -> Callable[[Path, str], Path]:
    """Function that creates an empty directory with the given name in a store."""

    def put(store: Path, name: str) -> Path:
        (store / name).mkdir(parents=True)
        return store / name

    return put


def nothing(_server: EmbeddedServer) -> None:
    """Leave the data directory as `initdb` created it."""


def run(server: EmbeddedServer, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url(SUPERUSER, "postgres")) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
