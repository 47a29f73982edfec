"""The current functions find names by the same words as before, because indexes weren't rebuilt."""

from importlib import import_module

import psycopg
import pytest

from app.db.embedded import SUPERUSER
from tests.support.database import WorkerDatabase

_WORDS = import_module("migrations.versions.0036_names_in_the_trail").NAME_WORDS
_SPELLING = import_module("migrations.versions.0075_misspelt_found").MISSPELT
_NAMES = [
    "Ann Lee",
    "Ann ann ANN",
    "",
    None,
    " – ",
    "+12125550100",
    "Xavier Öz щука",
    "a" * 2_000,
    "one two three-four",
]


@pytest.mark.parametrize("name", _NAMES)
def test_what_a_name_is_found_by_is_what_it_was(database: WorkerDatabase, name: str | None) -> None:
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        connection.execute(_WORDS.replace("name_words", "pg_temp.words_before", 1))
        connection.execute(_SPELLING.replace("search_misspelt", "pg_temp.spelling_before", 1))
        same = connection.execute(
            """
            SELECT name_words(here, name) IS NOT DISTINCT FROM pg_temp.words_before(here, name),
              search_misspelt(here, names, is_typed) = pg_temp.spelling_before(here, names, is_typed)
            FROM (SELECT gen_random_uuid() AS here, %(name)s::text AS name, ARRAY[%(name)s, NULL, ''] AS names) named,
              unnest(ARRAY[true, false]) is_typed
            """,
            {"name": name},
        ).fetchall()
        connection.rollback()

    assert same == [(True, True), (True, True)]
